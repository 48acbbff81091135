/** What holds for every load balancer with a web ACL: both schemes are protected, and protection costs little. */

import { AuthorizeSecurityGroupIngressCommand, DescribeSubnetsCommand } from '@aws-sdk/client-ec2';
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { AssociateWebACLCommand, ListWebACLsCommand, type Rule } from '@aws-sdk/client-wafv2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort, until } from './edge.fixture.ts';
import { askAt, openShop, type Shop, visible } from './shop.fixture.ts';

let shop: Shop;
const injection = "/?id=1'%20UNION%20SELECT%20password%20FROM%20users--";

const managed = (Name: string, Priority: number): Rule => ({
  Name,
  Priority,
  Statement: { ManagedRuleGroupStatement: { VendorName: 'AWS', Name } },
  OverrideAction: { None: {} },
  VisibilityConfig: visible(Name),
});
/** 1,500 capacity units. */
const full = [
  managed('AWSManagedRulesCommonRuleSet', 0),
  managed('AWSManagedRulesKnownBadInputsRuleSet', 1),
  managed('AWSManagedRulesSQLiRuleSet', 2),
  managed('AWSManagedRulesLinuxRuleSet', 3),
  managed('AWSManagedRulesUnixRuleSet', 4),
  managed('AWSManagedRulesPHPRuleSet', 5),
];

beforeAll(async () => {
  shop = await openShop();
}, 60_000);
afterAll(() => shop?.close());

const percentile = (sorted: readonly number[], part: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;

async function latencies(count: number): Promise<{ p50: number; p99: number }> {
  const measured: number[] = [];
  for (let at = 0; at < count; at += 1) {
    const begun = performance.now();
    const { status } = await shop.ask(`/menu?page=${at}&sort=price`, {
      headers: { cookie: `session=${at}abcdef; theme=dark` },
    });
    expect(status).toBe(200);
    measured.push(performance.now() - begun);
  }
  measured.sort((a, b) => a - b);
  return { p50: percentile(measured, 0.5), p99: percentile(measured, 0.99) };
}

test('M-199 a web ACL of 1,500 capacity units costs ordinary requests little', async () => {
  await latencies(50);
  const without = await latencies(200);
  await shop.protect(full);
  expect((await shop.ask(injection)).status).toBe(403);
  await latencies(50);
  const within = await latencies(200);
  const ratio = { p50: within.p50 / without.p50, p99: within.p99 / without.p99 };
  console.log(
    `web ACL of 1,500 units: ${ratio.p50.toFixed(2)} times the latency at p50, ${ratio.p99.toFixed(2)} at p99`,
  );
  expect(ratio.p50).toBeLessThan(5);
}, 60_000);

test('M-200 internal load balancers are protected as those that face the internet are', async () => {
  const { elb, ec2, waf } = shop;
  const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({}));
  const port = await freePort();
  const IpPermissions = [{ IpProtocol: 'tcp', FromPort: port, ToPort: port, IpRanges: [{ CidrIp: '127.0.0.0/8' }] }];
  await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: shop.securityGroup, IpPermissions }));
  const { LoadBalancers } = await elb.send(
    new CreateLoadBalancerCommand({
      Name: 'back-office',
      Scheme: 'internal',
      Subnets: Subnets.slice(0, 2).map(({ SubnetId }) => SubnetId ?? ''),
      SecurityGroups: [shop.securityGroup],
    }),
  );
  const [balancer] = LoadBalancers ?? [];
  expect(balancer).toMatchObject({ Scheme: 'internal', DNSName: expect.stringMatching(/^internal-back-office-/) });
  const { TargetGroups } = await elb.send(
    new CreateTargetGroupCommand({
      Name: 'back-office',
      Protocol: 'HTTP',
      Port: 80,
      VpcId: Subnets[0]?.VpcId,
      TargetType: 'ip',
    }),
  );
  const TargetGroupArn = TargetGroups?.[0]?.TargetGroupArn ?? '';
  const Targets = [{ Id: '127.0.0.1', Port: shop.originPort, AvailabilityZone: 'all' }];
  await elb.send(new RegisterTargetsCommand({ TargetGroupArn, Targets }));
  await elb.send(
    new CreateListenerCommand({
      LoadBalancerArn: balancer?.LoadBalancerArn,
      Protocol: 'HTTP',
      Port: port,
      DefaultActions: [{ Type: 'forward', TargetGroupArn }],
    }),
  );
  await until(() =>
    askAt(port, injection).then(
      ({ status }) => status === 200,
      () => false,
    ),
  );
  const { WebACLs } = await waf.send(new ListWebACLsCommand({ Scope: 'REGIONAL' }));
  await waf.send(new AssociateWebACLCommand({ WebACLArn: WebACLs?.[0]?.ARN, ResourceArn: balancer?.LoadBalancerArn }));
  await until(async () => (await askAt(port, injection)).status === 403);
  expect((await askAt(port, '/menu')).status).toBe(200);
}, 60_000);
