/** A shop behind a load balancer, put up by the API as its owner would: an origin, an open port, and clients for the rest. */
import { request as httpRequest } from 'node:http';
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DescribeSubnetsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  AssociateWebACLCommand,
  CreateWebACLCommand,
  GetWebACLCommand,
  ListWebACLsCommand,
  type Rule,
  UpdateWebACLCommand,
  WAFV2Client,
} from '@aws-sdk/client-wafv2';
import type { Config } from '../../src/config/config.ts';
import { startInstance, type TestInstance, testConfig } from '../support/instance.ts';
import { freePort, type Origin, origin, until } from './edge.fixture.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface Asking {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** Of the client: any of 127.0.0.0/8. */
  readonly from?: string;
}

export interface Shop {
  readonly instance: TestInstance;
  readonly port: number;
  /** Where its computer listens. */
  readonly originPort: number;
  readonly balancerArn: string;
  readonly listenerArn: string;
  readonly securityGroup: string;
  readonly ec2: EC2Client;
  readonly elb: ElasticLoadBalancingV2Client;
  readonly waf: WAFV2Client;
  /** Requests that the origin has seen. */
  readonly seen: string[];
  ask(path: string, asking?: Asking): Promise<Answer>;
  /** Puts a web ACL with these rules before the shop. Answers its ARN. */
  protect(rules: readonly Rule[], name?: string): Promise<string>;
  /** Replaces the rules of the web ACL that `protect` made. */
  change(rules: readonly Rule[], name?: string): Promise<void>;
  close(): Promise<void>;
}

export const visible = (MetricName: string) => ({
  SampledRequestsEnabled: true,
  CloudWatchMetricsEnabled: true,
  MetricName,
});

export async function openShop(more: Partial<Config> = {}, answer?: (url: string) => string): Promise<Shop> {
  const instance = await startInstance({ ...testConfig, edge: { processes: 1 }, ...more });
  const options = instance.clientOptions();
  const [ec2, elb, waf] = [new EC2Client(options), new ElasticLoadBalancingV2Client(options), new WAFV2Client(options)];
  const seen: string[] = [];
  const target: Origin = await origin((incoming, outgoing) => {
    incoming.resume();
    seen.push(`${incoming.method} ${incoming.url}`);
    outgoing.end(answer?.(incoming.url ?? '') ?? `hello ${incoming.url}`);
  });
  const port = await freePort();
  const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({}));
  const { GroupId = '' } = await ec2.send(new CreateSecurityGroupCommand({ GroupName: 'shop', Description: 'shop' }));
  await ec2.send(
    new AuthorizeSecurityGroupIngressCommand({
      GroupId,
      IpPermissions: [{ IpProtocol: 'tcp', FromPort: port, ToPort: port, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
    }),
  );
  const { LoadBalancers } = await elb.send(
    new CreateLoadBalancerCommand({
      Name: 'shop',
      Subnets: Subnets.slice(0, 2).map(({ SubnetId }) => SubnetId ?? ''),
      SecurityGroups: [GroupId],
    }),
  );
  const balancerArn = LoadBalancers?.[0]?.LoadBalancerArn ?? '';
  const { TargetGroups } = await elb.send(
    new CreateTargetGroupCommand({
      Name: 'shop',
      Protocol: 'HTTP',
      Port: 80,
      VpcId: Subnets[0]?.VpcId,
      TargetType: 'ip',
      HealthCheckIntervalSeconds: 5,
      HealthCheckTimeoutSeconds: 2,
    }),
  );
  const TargetGroupArn = TargetGroups?.[0]?.TargetGroupArn ?? '';
  const Targets = [{ Id: '127.0.0.1', Port: target.port, AvailabilityZone: 'all' }];
  await elb.send(new RegisterTargetsCommand({ TargetGroupArn, Targets }));
  const { Listeners } = await elb.send(
    new CreateListenerCommand({
      LoadBalancerArn: balancerArn,
      Protocol: 'HTTP',
      Port: port,
      DefaultActions: [{ Type: 'forward', TargetGroupArn }],
    }),
  );
  const ask: Shop['ask'] = (path, asking = {}) => askAt(port, path, asking);
  await until(() =>
    ask('/').then(
      ({ status }) => status === 200,
      () => false,
    ),
  );
  return {
    instance,
    port,
    originPort: target.port,
    balancerArn,
    listenerArn: Listeners?.[0]?.ListenerArn ?? '',
    securityGroup: GroupId,
    ec2,
    elb,
    waf,
    seen,
    ask,
    async protect(rules, name = 'shop') {
      const { Summary } = await waf.send(
        new CreateWebACLCommand({
          Name: name,
          Scope: 'REGIONAL',
          DefaultAction: { Allow: {} },
          VisibilityConfig: visible(name),
          Rules: [...rules],
        }),
      );
      await waf.send(new AssociateWebACLCommand({ WebACLArn: Summary?.ARN, ResourceArn: balancerArn }));
      await settled();
      return Summary?.ARN ?? '';
    },
    async change(rules, name = 'shop') {
      const { WebACLs } = await waf.send(new ListWebACLsCommand({ Scope: 'REGIONAL' }));
      const Id = WebACLs?.find((one) => one.Name === name)?.Id;
      const found = await waf.send(new GetWebACLCommand({ Name: name, Scope: 'REGIONAL', Id }));
      await waf.send(
        new UpdateWebACLCommand({
          Name: name,
          Scope: 'REGIONAL',
          Id,
          LockToken: found.LockToken,
          DefaultAction: found.WebACL?.DefaultAction,
          VisibilityConfig: found.WebACL?.VisibilityConfig,
          Rules: [...rules],
        }),
      );
      await settled();
    },
    async close() {
      for (const client of [ec2, elb, waf]) client.destroy();
      await instance.stop();
      await target.close();
    },
  };
}

/** Configuration reaches the edge within moments. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 300));

export function askAt(
  port: number,
  path: string,
  { method = 'GET', headers = {}, body, from }: Asking = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(
      {
        host: '127.0.0.1',
        port,
        path,
        method,
        agent: false,
        timeout: 10_000,
        headers: { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0', accept: '*/*', ...headers },
        ...(from !== undefined && { localAddress: from }),
      },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('end', () =>
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            body: Buffer.concat(chunks).toString(),
          }),
        );
        incoming.on('error', reject);
      },
    );
    outgoing.on('error', reject);
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer in time')));
    outgoing.end(body);
  });
}
