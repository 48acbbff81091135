/** Every list of AWS WAF: pages of one join to the whole, and a marker that was altered, moved or invented is refused. */
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import * as wafv2 from '@aws-sdk/client-wafv2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { askBailey } from '../support/bailey-api.ts';
import { refused } from '../support/encrypted-objects.ts';
import { otherAdminKeys, startInstance, type TestInstance } from '../support/instance.ts';
import { anyName, makeWebAcl, pathRule, visible, wafClient } from '../support/wafv2.ts';

let instance: TestInstance;
let waf: wafv2.WAFV2Client;
let tagged = '';
let vendor = { VendorName: '', Name: '' };
const Scope = 'REGIONAL' as const;

type Output = Readonly<Record<string, unknown>>;
const modules = wafv2 as unknown as Record<string, new (input: object) => object>;

async function send(name: string, input: object, client = waf): Promise<Output> {
  const Command = modules[`${name}Command`];
  if (!Command) throw new Error(`no command ${name}`);
  return (client as unknown as { send(command: object): Promise<Output> }).send(new Command(input));
}

beforeAll(async () => {
  instance = await startInstance();
  waf = wafClient(instance);
  const s3 = new S3Client(instance.clientOptions());
  const Bucket = anyName('aws-waf-logs');
  await s3.send(new CreateBucketCommand({ Bucket }));
  const Tags = ['a', 'b', 'c'].map((Key) => ({ Key, Value: '1' }));
  const groups: string[] = [];
  for (const n of [1, 2, 3]) {
    const named = { Name: `n${n}`, Scope };
    const set = { ...named, IPAddressVersion: 'IPV4', Addresses: [], Tags };
    tagged = ((await send('CreateIPSet', set)).Summary as { ARN: string }).ARN;
    await send('CreateRegexPatternSet', { ...named, RegularExpressionList: [] });
    await send('CreateAPIKey', { Scope, TokenDomains: [`n${n}.example`] });
    const group = { ...named, Capacity: 10, Rules: [pathRule('x', 0, '/x')], VisibilityConfig: visible('g') };
    groups.push(((await send('CreateRuleGroup', group)).Summary as { ARN: string }).ARN);
    const { ARN } = await makeWebAcl(waf, { Name: `n${n}` });
    const LogDestinationConfigs = [`arn:aws:s3:::${Bucket}`];
    await send('PutLoggingConfiguration', { LoggingConfiguration: { ResourceArn: ARN, LogDestinationConfigs } });
  }
  for (const n of [1, 2, 3]) {
    const Name = `set${n}`;
    const made = await askBailey<{ Id: string; LockToken: string }>(instance, 'CreateManagedRuleSet', {
      Name,
      VendorName: 'Fence',
    });
    const VersionsToPublish = Object.fromEntries(
      groups.map((arn, index) => [`v${index}`, { AssociatedRuleGroupArn: arn }]),
    );
    await send('PutManagedRuleSetVersions', { Name, Scope, ...made, VersionsToPublish });
    vendor = { VendorName: 'Fence', Name };
  }
});
afterAll(() => instance.stop());

const TimeWindow = () => ({ StartTime: new Date(Date.now() - 600_000), EndTime: new Date() });

describe.each<[string, () => object, (output: Output) => readonly unknown[]]>([
  ['ListIPSets', () => ({ Scope }), (out) => out.IPSets as unknown[]],
  ['ListRegexPatternSets', () => ({ Scope }), (out) => out.RegexPatternSets as unknown[]],
  ['ListRuleGroups', () => ({ Scope }), (out) => out.RuleGroups as unknown[]],
  ['ListWebACLs', () => ({ Scope }), (out) => out.WebACLs as unknown[]],
  ['ListManagedRuleSets', () => ({ Scope }), (out) => out.ManagedRuleSets as unknown[]],
  ['ListAPIKeys', () => ({ Scope }), (out) => out.APIKeySummaries as unknown[]],
  ['ListLoggingConfigurations', () => ({ Scope }), (out) => out.LoggingConfigurations as unknown[]],
  ['ListAvailableManagedRuleGroups', () => ({ Scope }), (out) => out.ManagedRuleGroups as unknown[]],
  ['ListAvailableManagedRuleGroupVersions', () => ({ Scope, ...vendor }), (out) => out.Versions as unknown[]],
  [
    'ListTagsForResource',
    () => ({ ResourceARN: tagged }),
    (out) => (out.TagInfoForResource as { TagList: unknown[] }).TagList,
  ],
  [
    'GetRevenueStatisticsTimeSeries',
    () => ({
      Scope,
      StatisticType: 'PAYMENT_TRAFFIC',
      Currency: 'USDC',
      Interval: 'MINUTELY',
      TimeWindow: TimeWindow(),
    }),
    (out) => out.DataPoints as unknown[],
  ],
])('%s', (name, input, items) => {
  test('pages of one join to the whole', async () => {
    const asked = input();
    const whole = items(await send(name, asked));
    const joined: unknown[] = [];
    let NextMarker: unknown;
    do {
      const output = await send(name, { ...asked, Limit: 1, ...(NextMarker !== undefined && { NextMarker }) });
      expect(items(output).length).toBeLessThanOrEqual(1);
      joined.push(...items(output));
      NextMarker = output.NextMarker;
    } while (NextMarker !== undefined && joined.length < 100);
    expect(joined.length).toBeGreaterThanOrEqual(3);
    expect(joined).toEqual(whole);
  });

  test('a marker that is altered, invented or another account’s is refused', async () => {
    const asked = input();
    const { NextMarker } = (await send(name, { ...asked, Limit: 1 })) as { NextMarker: string };
    const middle = NextMarker.length >> 1;
    const altered = `${NextMarker.slice(0, middle)}${NextMarker[middle] === 'A' ? 'B' : 'A'}${NextMarker.slice(middle + 1)}`;
    for (const bad of [altered, NextMarker.slice(0, -3), `${NextMarker}AAAA`, 'n1']) {
      expect((await refused(send(name, { ...asked, NextMarker: bad }))).name).toBe('WAFInvalidOperationException');
    }
    const other = wafClient(instance, otherAdminKeys);
    const answer = await refused(send(name, { ...asked, NextMarker }, other));
    expect(answer.name).toMatch(/^(?:WAFInvalidOperation|AccessDenied|WAFSubscriptionNotFound)Exception$/);
  });
});

test.each(['ListSettlementRecords', 'GetRevenueStatistics'])('%s takes no invented marker', async (name) => {
  const input = { Scope, Currency: 'USDC', StatisticType: 'TOP_PATHS_BY_REVENUE', TimeWindow: TimeWindow() };
  expect((await refused(send(name, { ...input, NextMarker: 'AAAA' }))).name).toBe('WAFInvalidOperationException');
});

test('GetTopPathStatisticsByTraffic takes no invented marker', async () => {
  const { WebACLs } = await waf.send(new wafv2.ListWebACLsCommand({ Scope }));
  const input = { WebAclArn: WebACLs?.[0]?.ARN, Scope, TimeWindow: TimeWindow(), Limit: 1 };
  const asked = { ...input, NumberOfTopTrafficBotsPerPath: 1, NextMarker: 'AAAA' };
  expect((await refused(send('GetTopPathStatisticsByTraffic', asked))).name).toBe('WAFInvalidOperationException');
});
