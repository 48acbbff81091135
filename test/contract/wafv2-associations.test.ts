/** What web ACLs protect: load balancers by association, and who may tie the two together. */
import {
  DeleteLoadBalancerCommand,
  type ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  AssociateWebACLCommand,
  DeleteWebACLCommand,
  DisassociateWebACLCommand,
  GetWebACLForResourceCommand,
  ListResourcesForWebACLCommand,
  type WAFV2Client,
} from '@aws-sdk/client-wafv2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { elbClient, makeLoadBalancer } from '../support/elb.ts';
import { refused } from '../support/encrypted-objects.ts';
import {
  accountId,
  nobodyKeys,
  otherAdminKeys,
  startInstance,
  type TestInstance,
  testConfig,
} from '../support/instance.ts';
import { allowNobody, anyName, makeWebAcl, wafClient } from '../support/wafv2.ts';

let instance: TestInstance;
let waf: WAFV2Client;
let elb: ElasticLoadBalancingV2Client;
beforeAll(async () => {
  instance = await startInstance();
  waf = wafClient(instance);
  elb = elbClient(instance);
});
afterAll(() => instance.stop());

const Scope = 'REGIONAL' as const;
const balancer = async () => (await makeLoadBalancer(elb, anyName('lb'))).LoadBalancerArn;

test('M-187 M-188 a load balancer has one web ACL, until it has none', async () => {
  const ResourceArn = await balancer();
  const [first, second] = [await makeWebAcl(waf), await makeWebAcl(waf)];
  expect((await waf.send(new GetWebACLForResourceCommand({ ResourceArn }))).WebACL).toBeUndefined();
  await waf.send(new AssociateWebACLCommand({ WebACLArn: first.ARN, ResourceArn }));
  expect((await waf.send(new GetWebACLForResourceCommand({ ResourceArn }))).WebACL?.ARN).toBe(first.ARN);
  await waf.send(new AssociateWebACLCommand({ WebACLArn: first.ARN, ResourceArn }));
  const listed = (WebACLArn: string) => waf.send(new ListResourcesForWebACLCommand({ WebACLArn }));
  expect((await listed(first.ARN)).ResourceArns).toEqual([ResourceArn]);
  await waf.send(new AssociateWebACLCommand({ WebACLArn: second.ARN, ResourceArn }));
  expect((await listed(first.ARN)).ResourceArns).toEqual([]);
  expect((await listed(second.ARN)).ResourceArns).toEqual([ResourceArn]);
  const api = new ListResourcesForWebACLCommand({ WebACLArn: second.ARN, ResourceType: 'API_GATEWAY' });
  expect((await waf.send(api)).ResourceArns).toEqual([]);
  const gone = ({ Name, Id, LockToken }: typeof first) => new DeleteWebACLCommand({ Name, Id, Scope, LockToken });
  await waf.send(gone(first));
  expect((await refused(waf.send(gone(second)))).name).toBe('WAFAssociatedItemException');
  await waf.send(new DisassociateWebACLCommand({ ResourceArn }));
  await waf.send(new DisassociateWebACLCommand({ ResourceArn }));
  await waf.send(gone(second));
});

test('a web ACL protects no more load balancers than its quota says', async () => {
  const small = await startInstance({ ...testConfig, waf: { loadBalancersPerWebAcl: 1 } });
  try {
    const client = wafClient(small);
    const other = elbClient(small);
    const [one, two] = [await makeLoadBalancer(other, anyName('lb')), await makeLoadBalancer(other, anyName('lb'))];
    const acl = await makeWebAcl(client);
    const associate = (ResourceArn: string) =>
      client.send(new AssociateWebACLCommand({ WebACLArn: acl.ARN, ResourceArn }));
    await associate(one.LoadBalancerArn);
    await associate(one.LoadBalancerArn);
    expect((await refused(associate(two.LoadBalancerArn))).name).toBe('WAFLimitsExceededException');
    await other.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: one.LoadBalancerArn }));
    await associate(two.LoadBalancerArn);
  } finally {
    await small.stop();
  }
});

test('a load balancer that is deleted holds no web ACL back', async () => {
  const ResourceArn = await balancer();
  const acl = await makeWebAcl(waf);
  await waf.send(new AssociateWebACLCommand({ WebACLArn: acl.ARN, ResourceArn }));
  await elb.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: ResourceArn }));
  expect((await waf.send(new ListResourcesForWebACLCommand({ WebACLArn: acl.ARN }))).ResourceArns).toEqual([]);
  await waf.send(new DeleteWebACLCommand({ Name: acl.Name, Id: acl.Id, Scope, LockToken: acl.LockToken }));
});

test('what is no load balancer of this region and account, or is not there, is refused', async () => {
  const acl = await makeWebAcl(waf);
  const real = await balancer();
  const at = (ResourceArn: string) =>
    refused(waf.send(new AssociateWebACLCommand({ WebACLArn: acl.ARN, ResourceArn })));
  for (const arn of [
    real.replace('us-east-1', 'eu-west-1'),
    real.replace('/app/', '/net/'),
    'arn:aws:apigateway:us-east-1::/restapis/abcdefghij/stages/prod',
    'arn:aws:cloudfront::111122223333:distribution/EDFDVBD6EXAMPLE',
    'not an ARN, but long enough',
  ]) {
    expect(await at(arn)).toMatchObject({
      name: 'WAFInvalidParameterException',
      message: `Error reason: The ARN isn't valid. A valid ARN begins with arn: and includes other information separated by colons or slashes., field: RESOURCE_ARN, parameter: ${arn}`,
    });
  }
  const missing = real.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'));
  expect((await at(missing)).name).toBe('WAFUnavailableEntityException');
  const none = acl.ARN.replace(acl.Id, '00000000-0000-4000-8000-000000000000');
  const wrong = new AssociateWebACLCommand({ WebACLArn: none, ResourceArn: real });
  expect((await refused(waf.send(wrong))).name).toBe('WAFNonexistentItemException');
  expect((await refused(waf.send(new DisassociateWebACLCommand({ ResourceArn: missing })))).name).toBe(
    'WAFUnavailableEntityException',
  );
  expect((await refused(waf.send(new GetWebACLForResourceCommand({ ResourceArn: missing })))).name).toBe(
    'WAFUnavailableEntityException',
  );
  expect((await refused(waf.send(new ListResourcesForWebACLCommand({ WebACLArn: none })))).name).toBe(
    'WAFNonexistentItemException',
  );
});

test('M-187 a web ACL for CloudFront is named by its distribution, and by nobody else', async () => {
  const acl = await makeWebAcl(waf, { Scope: 'CLOUDFRONT' });
  expect(acl.ARN).toContain(':global/webacl/');
  const tie = new AssociateWebACLCommand({ WebACLArn: acl.ARN, ResourceArn: await balancer() });
  expect((await refused(waf.send(tie))).name).toBe('WAFInvalidParameterException');
});

test('it takes permission on the web ACL, on the load balancer, and from the load balancer', async () => {
  const acl = await makeWebAcl(waf);
  const ResourceArn = await balancer();
  const nobody = wafClient(instance, nobodyKeys);
  const tie = () => refused(nobody.send(new AssociateWebACLCommand({ WebACLArn: acl.ARN, ResourceArn })));
  const allow = (...statements: [action: string, resource: string][]) => allowNobody(instance, ...statements);
  const onAcl: [string, string] = ['wafv2:AssociateWebACL', acl.ARN];
  const onBalancer: [string, string] = ['wafv2:AssociateWebACL', ResourceArn];
  const byBalancer: [string, string] = ['elasticloadbalancing:SetWebACL', ResourceArn];
  await allow(onBalancer, byBalancer);
  expect((await tie()).message).toContain(`wafv2:AssociateWebACL on resource: ${acl.ARN}`);
  await allow(onAcl, byBalancer);
  expect((await tie()).message).toContain(`wafv2:AssociateWebACL on resource: ${ResourceArn}`);
  await allow(onAcl, onBalancer);
  expect((await tie()).message).toContain(`elasticloadbalancing:SetWebAcl on resource: ${ResourceArn}`);
  await allow(onAcl, onBalancer, byBalancer);
  expect((await tie()).name).toBe('succeeded');
  expect((await refused(nobody.send(new DisassociateWebACLCommand({ ResourceArn })))).name).toBe(
    'AccessDeniedException',
  );
  expect((await refused(nobody.send(new GetWebACLForResourceCommand({ ResourceArn })))).name).toBe(
    'AccessDeniedException',
  );
  await allow(['wafv2:GetWebACLForResource', ResourceArn]);
  expect((await refused(nobody.send(new GetWebACLForResourceCommand({ ResourceArn })))).message).toContain(acl.ARN);
});

test('nobody protects, or lays bare, the load balancer of another account', async () => {
  const ResourceArn = await balancer();
  const other = wafClient(instance, otherAdminKeys);
  const theirs = await makeWebAcl(other);
  expect(theirs.ARN).not.toContain(accountId);
  const acl = await makeWebAcl(waf);
  await waf.send(new AssociateWebACLCommand({ WebACLArn: acl.ARN, ResourceArn }));
  for (const command of [
    new AssociateWebACLCommand({ WebACLArn: theirs.ARN, ResourceArn }),
    new AssociateWebACLCommand({ WebACLArn: acl.ARN, ResourceArn }),
  ]) {
    expect((await refused(other.send(command))).name).toBe('AccessDeniedException');
  }
  expect((await refused(other.send(new DisassociateWebACLCommand({ ResourceArn })))).name).toBe(
    'AccessDeniedException',
  );
  expect((await refused(other.send(new GetWebACLForResourceCommand({ ResourceArn })))).name).toBe(
    'AccessDeniedException',
  );
  const crossed = new AssociateWebACLCommand({ WebACLArn: theirs.ARN, ResourceArn });
  expect((await refused(waf.send(crossed))).name).toBe('AccessDeniedException');
});
