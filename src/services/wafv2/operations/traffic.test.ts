/** What the API says of traffic that nodes reported: samples, addresses held back, paths, what was asked for money. */
import type { Rule } from '@aws-sdk/client-wafv2';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Bench } from '../../../../test/support/call.ts';
import { benchAcl, wafBench } from '../../../../test/support/waf-bench.ts';
import { visible } from '../../../../test/support/wafv2.ts';
import type { WafPorts } from '../ports.ts';
import { GetTopPathStatisticsByTraffic } from './path-statistics.ts';
import { GetRateBasedStatementManagedKeys } from './rate-based-keys.ts';
import { GetRevenueStatistics, GetRevenueStatisticsSummary, GetRevenueStatisticsTimeSeries } from './revenue.ts';
import { GetSampledRequests } from './sampled-requests.ts';

let bench: Bench<WafPorts>;
beforeEach(() => {
  bench = wafBench();
});

const Scope = 'REGIONAL' as const;
const hour = () => ({ StartTime: new Date(bench.now - 3_600_000), EndTime: new Date(bench.now) });

const bytes = (Name: string, Priority: number, text: string, more: Partial<Rule> = {}): Rule => ({
  Name,
  Priority,
  Statement: {
    ByteMatchStatement: {
      SearchString: Buffer.from(text),
      FieldToMatch: { UriPath: {} },
      TextTransformations: [{ Priority: 0, Type: 'NONE' }],
      PositionalConstraint: 'CONTAINS',
    },
  },
  Action: { Block: {} },
  VisibilityConfig: visible(`${Name}Metric`),
  ...more,
});

describe('samples', () => {
  const rules = [
    bytes('count', 0, 'a', { Action: { Count: {} }, RuleLabels: [{ Name: 'saw-a' }] }),
    bytes('stop', 1, 'admin'),
    bytes('quiet', 2, 'quiet', { VisibilityConfig: { ...visible('quiet'), SampledRequestsEnabled: false } }),
  ];
  const sample = (WebAclArn: string, RuleMetricName: string, more: object = {}) =>
    bench.run('GetSampledRequests', GetSampledRequests, {
      WebAclArn,
      RuleMetricName,
      Scope,
      TimeWindow: hour(),
      MaxItems: 100,
      ...more,
    });

  test('M-186 M-198 a request is a sample of each rule that it met, with what that rule did', async () => {
    const acl = await benchAcl(bench, { Rules: rules });
    acl.see({ path: '/admin', query: 'q=1' });
    acl.see({ path: '/zzz' });
    const counted = await sample(acl.arn, 'countMetric');
    expect(counted.SampledRequests).toMatchObject([
      {
        Action: 'COUNT',
        Weight: 1,
        Timestamp: new Date(bench.now),
        Labels: [{ Name: 'awswaf:111122223333:webacl:shop:saw-a' }],
        ResponseCodeSent: 403,
        Request: { ClientIP: '192.0.2.44', Country: 'NL', URI: '/admin', Method: 'GET', HTTPVersion: 'HTTP/1.1' },
      },
    ]);
    expect(counted.SampledRequests?.[0]?.Request?.Headers).toContainEqual({ Name: 'User-Agent', Value: 'curl/8' });
    expect((await sample(acl.arn, 'stopMetric')).SampledRequests).toMatchObject([{ Action: 'BLOCK' }]);
    const rest = await sample(acl.arn, 'Default_Action');
    expect(rest.SampledRequests).toMatchObject([{ Action: 'ALLOW', Request: { URI: '/zzz' } }]);
    expect((await sample(acl.arn, 'ALL')).SampledRequests).toHaveLength(2);
  });

  test('in a managed group the rule is named as AWS names it', async () => {
    const managed: Rule = {
      Name: 'common',
      Priority: 0,
      Statement: { ManagedRuleGroupStatement: { VendorName: 'AWS', Name: 'AWSManagedRulesCommonRuleSet' } },
      OverrideAction: { None: {} },
      VisibilityConfig: visible('common'),
    };
    const acl = await benchAcl(bench, { Rules: [managed] });
    acl.see({ path: '/', query: 'q=%3Cscript%3Ealert(1)%3C/script%3E' });
    const RuleNameWithinRuleGroup = 'AWS#AWSManagedRulesCommonRuleSet#CrossSiteScripting_QUERYARGUMENTS';
    expect((await sample(acl.arn, 'common')).SampledRequests).toMatchObject([
      { Action: 'BLOCK', RuleNameWithinRuleGroup },
    ]);
  });

  test('a rule that is not to be sampled is not', async () => {
    const acl = await benchAcl(bench, { Rules: rules });
    acl.see({ path: '/quiet' });
    expect((await sample(acl.arn, 'quiet')).SampledRequests).toEqual([]);
  });

  test('as many as were asked for, over all of the time, and how many there were', async () => {
    const acl = await benchAcl(bench);
    for (let n = 0; n < 50; n++) acl.see({ path: `/${n}` }, { at: bench.now - 3_000_000 + n * 60_000 });
    const found = await sample(acl.arn, 'ALL', { MaxItems: 5 });
    const shown = found.SampledRequests?.map(({ Request }) => Request?.URI);
    expect(shown).toEqual(['/0', '/10', '/20', '/30', '/40']);
    expect(found.PopulationSize).toBe(50);
    const StartTime = new Date(bench.now - 600_000);
    const recent = await sample(acl.arn, 'ALL', { TimeWindow: { StartTime, EndTime: new Date(bench.now) } });
    expect(recent.SampledRequests?.map(({ Request }) => Request?.URI)).toContain('/49');
    expect(recent.SampledRequests?.length).toBeLessThan(12);
  });

  test('WAF trap 16: protected fields are hidden in samples too', async () => {
    const acl = await benchAcl(bench, {
      DataProtectionConfig: {
        DataProtections: [
          { Field: { FieldType: 'SINGLE_HEADER', FieldKeys: ['authorization'] }, Action: 'HASH' },
          { Field: { FieldType: 'SINGLE_COOKIE', FieldKeys: ['session'] }, Action: 'SUBSTITUTION' },
        ],
      },
    });
    acl.see({});
    const found = await sample(acl.arn, 'ALL');
    expect(found.SampledRequests).toHaveLength(1);
    expect(JSON.stringify(found)).not.toContain('s3cret');
  });

  test('of another web ACL nothing', async () => {
    const acl = await benchAcl(bench);
    const other = await benchAcl(bench, { Name: 'other' });
    acl.see({});
    expect((await sample(other.arn, 'ALL')).SampledRequests).toEqual([]);
  });
});

test('addresses that are held back, as blocks of their family', async () => {
  const rate: Rule = {
    ...bytes('rate', 0, 'x'),
    Statement: { RateBasedStatement: { Limit: 10, AggregateKeyType: 'IP' } },
  };
  const acl = await benchAcl(bench, { Rules: [rate] });
  const addresses = ['192.0.2.1', '2001:db8::1', '198.51.100.0/24'];
  bench.ports.traffic.limit('node', bench.now, [{ webAclArn: acl.arn, ruleName: 'rate', addresses }]);
  const found = await bench.run('GetRateBasedStatementManagedKeys', GetRateBasedStatementManagedKeys, {
    Scope,
    WebACLName: acl.name,
    WebACLId: acl.id,
    RuleName: 'rate',
  });
  expect(found).toEqual({
    ManagedKeysIPV4: { IPAddressVersion: 'IPV4', Addresses: ['192.0.2.1/32', '198.51.100.0/24'] },
    ManagedKeysIPV6: { IPAddressVersion: 'IPV6', Addresses: ['2001:db8::1/128'] },
  });
});

async function counted(): Promise<string> {
  const acl = await benchAcl(bench);
  const bot = (name: string, category: string) => ({ name, category, organization: 'o' });
  bench.ports.traffic.count([
    {
      webAclArn: acl.arn,
      at: bench.now - 60_000,
      requests: 100,
      metrics: [],
      paths: [
        { path: '/a', requests: 50 },
        { path: '/a', bot: bot('gpt', 'ai'), requests: 30, monetized: 10 },
        { path: '/a', bot: bot('curl', 'http_library'), requests: 10 },
        { path: '/b', bot: bot('gpt', 'ai'), requests: 10, monetized: 5 },
      ],
    },
  ]);
  return acl.arn;
}

test('paths that bots ask for most, with the bots', async () => {
  const WebAclArn = await counted();
  const ask = (more: object = {}) =>
    bench.run('GetTopPathStatisticsByTraffic', GetTopPathStatisticsByTraffic, {
      WebAclArn,
      Scope,
      TimeWindow: hour(),
      Limit: 1,
      NumberOfTopTrafficBotsPerPath: 1,
      ...more,
    });
  const first = await ask();
  expect(first).toMatchObject({
    TotalRequestCount: 50,
    PathStatistics: [
      {
        Path: '/a',
        RequestCount: 40,
        Percentage: 80,
        TopBots: [{ BotName: 'gpt', RequestCount: 30, Percentage: 75 }],
      },
    ],
  });
  expect(first.TopCategories).toHaveLength(2);
  const second = await ask({ NextMarker: first.NextMarker });
  expect(second.PathStatistics).toMatchObject([{ Path: '/b', RequestCount: 10 }]);
  expect(second.NextMarker).toBeUndefined();
  const filtered = await ask({ BotName: 'curl' });
  expect(filtered).toMatchObject({ TotalRequestCount: 10, PathStatistics: [{ Path: '/a', RequestCount: 10 }] });
  expect(filtered.TopCategories).toBeUndefined();
  expect(await ask({ UriPathPrefix: '/b' })).toMatchObject({ PathStatistics: [{ Path: '/b' }] });
});

test('what was asked for money: counted, though nobody can pay', async () => {
  const arn = await counted();
  const query = { Scope, Currency: 'USDC' as const, TimeWindow: hour() };
  const summary = await bench.run('GetRevenueStatisticsSummary', GetRevenueStatisticsSummary, query);
  expect(summary.RevenueBreakdown).toMatchObject({ TotalMonetizeServed: 15, TotalSettled: 0, TotalAmount: '0' });
  const paths = await bench.run('GetRevenueStatistics', GetRevenueStatistics, {
    ...query,
    StatisticType: 'TOP_PATHS_BY_REVENUE',
  });
  expect(paths.RevenuePathStatistics).toMatchObject([
    { Path: '/a', RequestCount: 10 },
    { Path: '/b', RequestCount: 5 },
  ]);
  const sources = await bench.run('GetRevenueStatistics', GetRevenueStatistics, {
    ...query,
    StatisticType: 'TOP_SOURCES_BY_REVENUE',
    GroupBy: 'WEBACL',
  });
  expect(sources.SourceStatistics).toMatchObject([{ SourceName: 'gpt', RequestCount: 15, GroupByValue: arn }]);
  const series = await bench.run('GetRevenueStatisticsTimeSeries', GetRevenueStatisticsTimeSeries, {
    ...query,
    StatisticType: 'PAYMENT_TRAFFIC',
    Interval: 'FIVE_MINUTELY',
  });
  const points = series.DataPoints ?? [];
  expect(points.reduce((sum, { MonetizeServedCount = 0 }) => sum + MonetizeServedCount, 0)).toBe(15);
  const test = { ...query, Filters: [{ Name: 'CurrencyMode', Values: ['TEST'] }] };
  const none = await bench.run('GetRevenueStatisticsSummary', GetRevenueStatisticsSummary, test);
  expect(none.RevenueBreakdown?.TotalMonetizeServed).toBe(0);
});
