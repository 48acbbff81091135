/** Keys, capacity, and what is asked of traffic, over HTTP: here without any, so that the questions themselves are tried. */
import {
  CheckCapacityCommand,
  CreateAPIKeyCommand,
  CreateRuleGroupCommand,
  DeleteAPIKeyCommand,
  GenerateMobileSdkReleaseUrlCommand,
  GetDecryptedAPIKeyCommand,
  GetMobileSdkReleaseCommand,
  GetRateBasedStatementManagedKeysCommand,
  GetRevenueStatisticsCommand,
  GetRevenueStatisticsSummaryCommand,
  GetRevenueStatisticsTimeSeriesCommand,
  GetSampledRequestsCommand,
  GetTopPathStatisticsByTrafficCommand,
  ListAPIKeysCommand,
  ListMobileSdkReleasesCommand,
  ListSettlementRecordsCommand,
  type RateBasedStatement,
  type Rule,
  type Statement,
  type WAFV2Client,
} from '@aws-sdk/client-wafv2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { askBailey } from '../support/bailey-api.ts';
import { refused } from '../support/encrypted-objects.ts';
import { nobodyKeys, otherAdminKeys, startInstance, type TestInstance } from '../support/instance.ts';
import { anyName, makeWebAcl, pathRule, visible, wafClient } from '../support/wafv2.ts';

let instance: TestInstance;
let waf: WAFV2Client;
beforeAll(async () => {
  instance = await startInstance();
  waf = wafClient(instance);
});
afterAll(() => instance.stop());

const Scope = 'REGIONAL' as const;
const hour = () => ({ StartTime: new Date(Date.now() - 3_600_000), EndTime: new Date() });
const backwards = () => ({ StartTime: new Date(), EndTime: new Date(Date.now() - 3_600_000) });
const nowhere = 'arn:aws:wafv2:us-east-1:111122223333:regional/webacl/x/00000000-0000-4000-8000-000000000000';

test('an API key opens to its own domains, in its own account and scope, until it is deleted', async () => {
  const TokenDomains = ['coffee.example', 'shop.coffee.example'];
  const { APIKey } = await waf.send(new CreateAPIKeyCommand({ Scope, TokenDomains }));
  const opened = await waf.send(new GetDecryptedAPIKeyCommand({ Scope, APIKey }));
  expect(opened.TokenDomains).toEqual(TokenDomains);
  const { APIKeySummaries } = await waf.send(new ListAPIKeysCommand({ Scope }));
  expect(APIKeySummaries).toMatchObject([{ APIKey, TokenDomains, Version: 1 }]);
  for (const [client, command] of [
    [waf, new GetDecryptedAPIKeyCommand({ Scope: 'CLOUDFRONT', APIKey })],
    [wafClient(instance, otherAdminKeys), new GetDecryptedAPIKeyCommand({ Scope, APIKey })],
    [
      waf,
      new GetDecryptedAPIKeyCommand({ Scope, APIKey: `${APIKey?.slice(0, -1)}${APIKey?.endsWith('A') ? 'B' : 'A'}` }),
    ],
    [waf, new GetDecryptedAPIKeyCommand({ Scope, APIKey: 'forged' })],
  ] as const) {
    expect((await refused(client.send(command))).name).toBe('WAFInvalidResourceException');
  }
  await waf.send(new DeleteAPIKeyCommand({ Scope, APIKey }));
  expect((await refused(waf.send(new GetDecryptedAPIKeyCommand({ Scope, APIKey })))).name).toBe(
    'WAFNonexistentItemException',
  );
  expect((await refused(waf.send(new DeleteAPIKeyCommand({ Scope, APIKey })))).name).toBe(
    'WAFNonexistentItemException',
  );
  expect((await refused(waf.send(new ListAPIKeysCommand({ Scope, NextMarker: 'x' })))).name).toBe(
    'WAFInvalidOperationException',
  );
  for (const name of ['localhost', '-x.example', 'x..example', 'https://x.example']) {
    const wrong = waf.send(new CreateAPIKeyCommand({ Scope, TokenDomains: [name] }));
    expect(['WAFInvalidParameterException', 'ValidationException']).toContain((await refused(wrong)).name);
  }
  const six = Array.from({ length: 6 }, (_, n) => `shop${n}.example`);
  const many = await waf.send(new CreateAPIKeyCommand({ Scope, TokenDomains: six })).catch((error) => error);
  expect([many.name, many.SourceType]).toEqual(['WAFLimitsExceededException', 'TOKEN_DOMAIN']);
  for (let n = 0; n < 10; n++) await waf.send(new CreateAPIKeyCommand({ Scope, TokenDomains }));
  expect((await refused(waf.send(new CreateAPIKeyCommand({ Scope, TokenDomains })))).name).toBe(
    'WAFLimitsExceededException',
  );
});

const none = [{ Priority: 0, Type: 'NONE' as const }];
const over = (FieldToMatch: object, more: object = {}) => ({ FieldToMatch, TextTransformations: none, ...more });
const bytes = (PositionalConstraint: string, FieldToMatch: object = { UriPath: {} }, more: object = {}) =>
  ({
    ByteMatchStatement: { SearchString: Buffer.from('x'), PositionalConstraint, ...over(FieldToMatch, more) },
  }) as Statement;
const rate = (more: Partial<RateBasedStatement> = {}): Statement => ({
  RateBasedStatement: { Limit: 100, AggregateKeyType: 'IP', ...more },
});
const lower = { TextTransformations: [{ Priority: 0, Type: 'LOWERCASE' }] };

test.each<[number, string, Statement[]]>([
  [2, 'bytes at the beginning', [bytes('STARTS_WITH')]],
  [10, 'bytes anywhere', [bytes('CONTAINS')]],
  [12, 'bytes in all arguments', [bytes('EXACTLY', { AllQueryArguments: {} })]],
  [4, 'bytes in JSON', [bytes('EXACTLY', { JsonBody: { MatchPattern: { All: {} }, MatchScope: 'ALL' } })]],
  [12, 'a transformation', [bytes('EXACTLY', { UriPath: {} }, lower)]],
  [
    14,
    'the same transformation of the same field in two rules',
    [bytes('EXACTLY', { UriPath: {} }, lower), bytes('ENDS_WITH', { UriPath: {} }, lower)],
  ],
  [24, 'of two fields', [bytes('EXACTLY', { UriPath: {} }, lower), bytes('EXACTLY', { QueryString: {} }, lower)]],
  [20, 'SQL', [{ SqliMatchStatement: over({ QueryString: {} }) as never }]],
  [30, 'SQL, sensitive', [{ SqliMatchStatement: over({ QueryString: {} }, { SensitivityLevel: 'HIGH' }) as never }]],
  [40, 'scripts', [{ XssMatchStatement: over({ QueryString: {} }) as never }]],
  [3, 'a regular expression', [{ RegexMatchStatement: over({ UriPath: {} }, { RegexString: 'x' }) as never }]],
  [1, 'countries', [{ GeoMatchStatement: { CountryCodes: ['NL'] } }]],
  [
    2,
    'both of two',
    [
      {
        AndStatement: {
          Statements: [
            { GeoMatchStatement: { CountryCodes: ['NL'] } },
            { NotStatement: { Statement: { LabelMatchStatement: { Scope: 'LABEL', Key: 'a' } } } },
          ],
        },
      },
    ],
  ],
  [2, 'a rate', [rate()]],
  [
    62,
    'a rate with two keys',
    [rate({ AggregateKeyType: 'CUSTOM_KEYS', CustomKeys: [{ IP: {} }, { HTTPMethod: {} }] })],
  ],
  [4, 'a rate with a scope-down', [rate({ ScopeDownStatement: bytes('EXACTLY') })]],
])('WAF trap 15: capacity of %i: %s', async (capacity, _what, statements) => {
  const Rules: Rule[] = statements.map((Statement, n) => ({
    ...pathRule(`r${n}`, n, 'x'),
    Statement,
  }));
  expect((await waf.send(new CheckCapacityCommand({ Scope, Rules }))).Capacity).toBe(capacity);
  const create = (Capacity: number) =>
    waf.send(
      new CreateRuleGroupCommand({ Name: anyName('g'), Scope, Capacity, Rules, VisibilityConfig: visible('g') }),
    );
  await create(capacity);
  if (capacity > 1) {
    const answer = await create(capacity - 1).catch((error) => error);
    expect([answer.name, answer.SourceType]).toEqual(['WAFLimitsExceededException', 'CAPACITY_UNIT']);
  }
});

test('a web ACL of more than 5,000 units is too much', async () => {
  const managed = (Name: string, Priority: number): Rule => ({
    Name: `${Name}${Priority}`,
    Priority,
    Statement: { ManagedRuleGroupStatement: { VendorName: 'AWS', Name } },
    OverrideAction: { None: {} },
    VisibilityConfig: visible(Name),
  });
  const many = (count: number) => Array.from({ length: count }, (_, n) => managed('AWSManagedRulesCommonRuleSet', n));
  const made = await makeWebAcl(waf, { Rules: many(7) });
  expect(made.Id).toBeDefined();
  const answer = await makeWebAcl(waf, { Rules: many(8) }).catch((error) => error);
  expect([answer.name, answer.SourceType]).toEqual(['WAFLimitsExceededException', 'CAPACITY_UNIT']);
});

test('samples: of rules that there are, in a window that makes sense', async () => {
  const { ARN } = await makeWebAcl(waf, { Rules: [pathRule('admin', 0, '/admin')] });
  const ask = (more: object) =>
    waf.send(
      new GetSampledRequestsCommand({
        WebAclArn: ARN,
        RuleMetricName: 'admin',
        Scope,
        TimeWindow: hour(),
        MaxItems: 10,
        ...more,
      }),
    );
  for (const RuleMetricName of ['admin', 'Default_Action', 'ALL', 'acl']) {
    expect(await ask({ RuleMetricName })).toMatchObject({ SampledRequests: [], PopulationSize: 0 });
  }
  const old = { StartTime: new Date(Date.now() - 6 * 3_600_000), EndTime: new Date() };
  const { TimeWindow } = await ask({ TimeWindow: old });
  expect(Date.now() - (TimeWindow?.StartTime?.getTime() ?? 0)).toBeLessThan(3 * 3_600_000 + 60_000);
  expect((await refused(ask({ RuleMetricName: 'none' }))).name).toBe('WAFNonexistentItemException');
  expect((await refused(ask({ WebAclArn: nowhere }))).name).toBe('WAFNonexistentItemException');
  expect((await refused(ask({ TimeWindow: backwards() }))).name).toBe('WAFInvalidParameterException');
  expect((await refused(ask({ Scope: 'CLOUDFRONT' }))).name).toBe('WAFInvalidParameterException');
});

test('who is held back: only of rate-based rules by address', async () => {
  const rules: Rule[] = [
    { ...pathRule('plain', 0, '/x') },
    { ...pathRule('rate', 1, '/x'), Statement: rate() },
    {
      ...pathRule('keys', 2, '/x'),
      Statement: rate({ AggregateKeyType: 'CUSTOM_KEYS', CustomKeys: [{ HTTPMethod: {} }] }),
    },
  ];
  const { Name: WebACLName, Id: WebACLId } = await makeWebAcl(waf, { Rules: rules });
  const ask = (RuleName: string, more: object = {}) =>
    waf.send(new GetRateBasedStatementManagedKeysCommand({ Scope, WebACLName, WebACLId, RuleName, ...more }));
  expect(await ask('rate')).toMatchObject({
    ManagedKeysIPV4: { IPAddressVersion: 'IPV4', Addresses: [] },
    ManagedKeysIPV6: { IPAddressVersion: 'IPV6', Addresses: [] },
  });
  expect((await refused(ask('keys'))).name).toBe('WAFUnsupportedAggregateKeyTypeException');
  for (const [rule, more] of [
    ['plain', {}],
    ['none', {}],
    ['rate', { RuleGroupRuleName: 'plain' }],
    ['rate', { WebACLName: 'none' }],
  ] as const) {
    expect((await refused(ask(rule, more))).name).toBe('WAFNonexistentItemException');
  }
});

test('paths, and what was asked for money', async () => {
  const { ARN: WebAclArn } = await makeWebAcl(waf);
  const paths = (more: object = {}) =>
    waf.send(
      new GetTopPathStatisticsByTrafficCommand({
        WebAclArn,
        Scope,
        TimeWindow: hour(),
        Limit: 10,
        NumberOfTopTrafficBotsPerPath: 3,
        ...more,
      }),
    );
  expect(await paths()).toMatchObject({ PathStatistics: [], TotalRequestCount: 0 });
  expect((await refused(paths({ WebAclArn: nowhere }))).name).toBe('WAFNonexistentItemException');
  const window = { Scope, Currency: 'USDC' as const };
  const all = (TimeWindow: ReturnType<typeof hour>, more: object = {}) => [
    new GetRevenueStatisticsSummaryCommand({ ...window, TimeWindow, ...more }),
    new GetRevenueStatisticsCommand({ ...window, TimeWindow, StatisticType: 'TOP_PATHS_BY_REVENUE', ...more }),
    new GetRevenueStatisticsTimeSeriesCommand({
      ...window,
      TimeWindow,
      StatisticType: 'PAYMENT_TRAFFIC',
      Interval: 'HOURLY',
      ...more,
    }),
    new ListSettlementRecordsCommand({ ...window, TimeWindow, ...more }),
  ];
  const [summary, ranking, series, settlements] = all(hour());
  expect((await waf.send(summary as GetRevenueStatisticsSummaryCommand)).RevenueBreakdown).toEqual({
    TotalAmount: '0',
    VerifiedAmount: '0',
    UnverifiedAmount: '0',
    Currency: 'USDC',
    TotalSettled: 0,
    TotalMonetizeServed: 0,
  });
  expect((await waf.send(ranking as GetRevenueStatisticsCommand)).RevenuePathStatistics).toEqual([]);
  expect((await waf.send(series as GetRevenueStatisticsTimeSeriesCommand)).DataPoints?.length).toBeGreaterThan(0);
  expect((await waf.send(settlements as ListSettlementRecordsCommand)).Settlements).toEqual([]);
  const Filters = [{ Name: 'Nothing', Values: ['x'] }];
  for (const command of [...all(backwards()), ...all(hour(), { Filters })]) {
    expect((await refused(waf.send(command as never))).name).toBe('WAFInvalidParameterException');
  }
});

test('there is no mobile SDK to give away, and that is what is said', async () => {
  const release = { Platform: 'IOS', ReleaseVersion: '1.0.0' } as const;
  const list = await waf.send(new ListMobileSdkReleasesCommand({ Platform: 'IOS' }));
  expect([list.ReleaseSummaries, list.NextMarker]).toEqual([[], undefined]);
  const forged = waf.send(new ListMobileSdkReleasesCommand({ Platform: 'IOS', NextMarker: 'forged' }));
  expect((await refused(forged)).name).toBe('WAFInvalidOperationException');
  expect((await refused(waf.send(new GetMobileSdkReleaseCommand(release)))).name).toBe('WAFNonexistentItemException');
  expect((await refused(waf.send(new GenerateMobileSdkReleaseUrlCommand(release)))).name).toBe(
    'WAFNonexistentItemException',
  );
});

test('replays of nothing, of nobody, and of what is no web ACL', async () => {
  const { ARN: WebACLArn } = await makeWebAcl(waf);
  const ask = (more: object, keys?: typeof nobodyKeys) =>
    askBailey<{ Replayed: number; Text: string }>(
      instance,
      'ReplayRequests',
      { WebACLArn, Definition: '{}', ...more },
      keys,
    ).then(
      ({ Replayed, Text }) => `${Replayed}: ${Text}`,
      (error) => error.code as string,
    );
  expect(await ask({})).toContain('No request to replay');
  expect(await ask({}, nobodyKeys)).toBe('AccessDeniedException');
  expect(await ask({}, otherAdminKeys)).toBe('AccessDeniedException');
  expect(await ask({ WebACLArn: nowhere })).toBe('WAFNonexistentItemException');
  for (const Definition of [
    'not JSON',
    '[]',
    'null',
    '{"Rules":[{}]}',
    '{"Rules":{}}',
    '{"Rules":[{"Name":"x","Priority":0,"Statement":{"ByteMatchStatement":{}},"Action":{"Block":{}}}]}',
    '{"DefaultAction":{}}',
    `{"Rules":${'['.repeat(20_000)}${']'.repeat(20_000)}}`,
  ]) {
    expect({ Definition: Definition.slice(0, 80), answer: await ask({ Definition }) }).toEqual({
      Definition: Definition.slice(0, 80),
      answer: 'ValidationException',
    });
  }
});
