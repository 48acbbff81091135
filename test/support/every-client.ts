/** The SDK's client of every service that an instance speaks to, by the service's name. */
import { AccountClient } from '@aws-sdk/client-account';
import { ACMClient } from '@aws-sdk/client-acm';
import { CloudFrontClient } from '@aws-sdk/client-cloudfront';
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { IAMClient } from '@aws-sdk/client-iam';
import { KMSClient } from '@aws-sdk/client-kms';
import { OrganizationsClient } from '@aws-sdk/client-organizations';
import { Route53Client } from '@aws-sdk/client-route-53';
import { S3Client } from '@aws-sdk/client-s3';
import { ShieldClient } from '@aws-sdk/client-shield';
import { STSClient } from '@aws-sdk/client-sts';
import { WAFV2Client } from '@aws-sdk/client-wafv2';
import { sources } from '../../src/instance/sources.ts';
import { loadService } from '../../src/wire/index.ts';
import type { ServiceModel } from '../../src/wire/model.ts';

export const clients = {
  iam: IAMClient,
  sts: STSClient,
  s3: S3Client,
  cloudtrail: CloudTrailClient,
  ec2: EC2Client,
  account: AccountClient,
  organizations: OrganizationsClient,
  elasticloadbalancing: ElasticLoadBalancingV2Client,
  acm: ACMClient,
  cloudfront: CloudFrontClient,
  route53: Route53Client,
  cloudwatch: CloudWatchClient,
  kms: KMSClient,
  wafv2: WAFV2Client,
  shield: ShieldClient,
  logs: CloudWatchLogsClient,
};

export type ServiceName = keyof typeof clients;

/** Any operation of a service by its name, called as the service's own client calls it. */
export interface AnyOperation {
  readonly model: ServiceModel;
  knows(operation: string): boolean;
  call(operation: string, input: object): Promise<unknown>;
}

/** @param options of the client */
export async function anyOperation(name: ServiceName, options: object): Promise<AnyOperation> {
  const source = sources.find((one) => one.name === name);
  if (!source) throw new Error(`no source ${name}`);
  const [model, sdk] = [await loadService(source), await source.load()];
  const client = new clients[name]({ ...options, disableHostPrefix: true } as never) as unknown as {
    send(command: unknown): Promise<unknown>;
  };
  const commandOf = (operation: string) => sdk[`${operation}Command`] as (new (input: object) => unknown) | undefined;
  return {
    model,
    knows: (operation) => commandOf(operation) !== undefined,
    async call(operation, input) {
      const Command = commandOf(operation);
      if (!Command) throw new Error(`the client of ${name} does not know ${operation}`);
      return client.send(new Command(input));
    },
  };
}
