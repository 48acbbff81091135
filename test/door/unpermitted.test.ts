import { AccountClient } from '@aws-sdk/client-account';
import { ACMClient } from '@aws-sdk/client-acm';
import { CloudFrontClient } from '@aws-sdk/client-cloudfront';
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { IAMClient } from '@aws-sdk/client-iam';
import { OrganizationsClient } from '@aws-sdk/client-organizations';
import { Route53Client } from '@aws-sdk/client-route-53';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { ShieldClient } from '@aws-sdk/client-shield';
import { STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { unsignedUnbuilt } from '../../src/gateway/unconditional.ts';
import { builtOperations } from '../../src/instance/built-operations.ts';
import { sources } from '../../src/instance/sources.ts';
import { loadService } from '../../src/wire/index.ts';
import { nobodyKeys, startInstance, type TestInstance } from '../support/instance.ts';
import { minimalInput } from '../support/minimal-input.ts';
import { askedIn, faultOf } from '../support/reference.ts';

/** The constant list of what needs no permission (IAM and STS API references). */
const unconditional = new Set(['sts:GetCallerIdentity', 'sts:GetSessionToken']);
const denials = new Set(['AccessDenied', 'AccessDeniedException', 'UnauthorizedOperation', 'Forbidden']);

const clients = {
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
  logs: CloudWatchLogsClient,
  shield: ShieldClient,
};

describe('M-047 a user without permissions', () => {
  let instance: TestInstance;
  beforeAll(async () => {
    instance = await startInstance();
    await new S3Client(instance.clientOptions()).send(new CreateBucketCommand({ Bucket: 'nobodys-bucket' }));
  });
  afterAll(() => instance.stop());

  it.each(Object.keys(clients) as (keyof typeof clients)[])(
    'is refused every operation of the %s model, for want of an action that the reference has',
    async (name) => {
      const source = sources.find((one) => one.name === name);
      if (!source) throw new Error(`no source ${name}`);
      const model = await loadService(source);
      const sdk = await source.load();
      const client = new clients[name]({
        ...instance.clientOptions(nobodyKeys),
        disableHostPrefix: true,
      } as never) as unknown as { send(command: unknown): Promise<unknown> };
      const built = new Set(builtOperations().get(name));
      const succeeded: string[] = [];
      const otherwise: string[] = [];
      const wronglyAsked: string[] = [];
      let asked = 0;
      let called = 0;
      for (const [operation, { input, eventStream }] of model.operations) {
        const Command = sdk[`${operation}Command`] as (new (input: object) => unknown) | undefined;
        if (!Command || eventStream) continue;
        called += 1;
        try {
          await client.send(new Command(minimalInput(input)));
          succeeded.push(`${name}:${operation}`);
        } catch (error) {
          const { name: code, message, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
          const unsigned = code === 'NotImplemented' && unsignedUnbuilt.has(`${name}:${operation}`);
          const refused = unsigned || denials.has(code) || $metadata?.httpStatusCode === 403;
          if (!refused) otherwise.push(`${operation}: ${code}: ${message}`);
          const { action, arn } = askedIn(message) ?? {};
          if (!built.has(operation) || action === undefined || arn === undefined) continue;
          asked += 1;
          const fault = await faultOf(operation, action, arn);
          if (fault !== undefined) wronglyAsked.push(`${operation}: ${fault}`);
        }
      }
      expect(called).toBeGreaterThan(10);
      expect(succeeded.filter((one) => !unconditional.has(one))).toEqual([]);
      // Whatever is not a denial must at least be a refusal of the input, and rare: these calls are meant to be valid.
      expect(otherwise, otherwise.join('\n')).toHaveLength(0);
      expect(wronglyAsked).toEqual([]);
      expect(built.size).toBeGreaterThan(0);
      expect(asked).toBeGreaterThan(built.size / 2);
    },
    120_000,
  );
});
