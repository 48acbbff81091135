/** Traps that firewalls for the web fall into, tried over the wire: who asks, what is told, what happens to memory. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasCorpora, load, place } from '../../bench/edge/corpus.ts';
import { blockedBy } from '../../bench/edge/replay.ts';
import type { InspectedReport } from '../../src/edge/reports/reports.ts';
import { vendorGroupKey } from '../../src/engines/waf/bundle.ts';
import type { FieldToMatch } from '../../src/engines/waf/field-types.ts';
import type { Rule, Statement } from '../../src/engines/waf/types.ts';
import type { MatchDetail } from '../../src/engines/waf/verdict.ts';
import { logLine } from '../../src/services/wafv2/logging/line.ts';
import { Protection } from '../../src/services/wafv2/logging/protection.ts';
import { GetSampledRequests } from '../../src/services/wafv2/operations/sampled-requests.ts';
import { ask } from '../edge/edge.fixture.ts';
import { benchAcl, wafBench } from '../support/waf-bench.ts';
import { type GuardedShop, managed, openGuardedShop, rule, visible } from './guarded-shop.ts';

if (!hasCorpora())
  console.warn('SKIPPED: what managed groups tell of attacks: the corpora are not at ../shared/corpora/waf');

let shop: GuardedShop;
beforeAll(async () => {
  shop = await openGuardedShop();
});
afterAll(() => shop.close());

/** For names that are hashed. */
const key = 'c2VjcmV0';
const none = [{ Priority: 0, Type: 'NONE' as const }];
const statusOf = async (headers: Record<string, string> = {}, path = '/', more: object = {}): Promise<number> =>
  (await ask({ port: shop.port, path, headers: { 'user-agent': 'Mozilla/5.0', ...headers }, ...more })).status;

test('WAF trap 5: five million sources under one rate rule leave a process below 200 MB, and the fast one is known', async () => {
  const entry = fileURLToPath(new URL('./many-sources.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ['--disable-warning=ExperimentalWarning', entry]);
  const told = JSON.parse(stdout) as { sources: number; megabytes: number; limited: number; held: string[] };
  expect(told).toMatchObject({ sources: 5_000_000, limited: 0, held: ['198.51.100.1'] });
  expect(told.megabytes).toBeLessThan(200);
}, 90_000);

describe('WAF trap 6: X-Forwarded-For', () => {
  const inUs = '8.8.8.8';
  const listed = '203.0.113.7';
  const other = '198.51.100.1';
  const from = (address: string) => ({ 'x-forwarded-for': address });
  type Fallback = 'MATCH' | 'NO_MATCH';
  const config = (FallbackBehavior: Fallback) => ({ HeaderName: 'X-Forwarded-For', FallbackBehavior });
  const sets = { ipSets: { set: { Addresses: [`${listed}/32`] }, own: { Addresses: ['127.0.0.44/32'] } } };
  const inSet = (ARN: string, more: object = {}): Statement => ({ IPSetReferenceStatement: { ARN, ...more } });
  const rate = (more: object = {}): Statement => ({
    RateBasedStatement: { Limit: 10, EvaluationWindowSec: 60, AggregateKeyType: 'IP', ...more },
  });

  test('that is spoofed changes neither address nor country nor rate', async () => {
    await shop.guard([rule('listed', 1, inSet('set')), rule('own', 2, inSet('own'))], sets);
    expect(await statusOf(from(listed))).toBe(200);
    expect(await statusOf(from(other), '/', { localAddress: '127.0.0.44' })).toBe(403);
    await shop.guard([rule('us', 1, { GeoMatchStatement: { CountryCodes: ['US'] } })]);
    expect(await statusOf(from(inUs))).toBe(200);
    await shop.guard([rule('spoofed', 1, rate())]);
    const statuses: number[] = [];
    for (let n = 0; n < 12; n++) statuses.push(await statusOf(from(`192.0.2.${n}`)));
    expect(statuses.filter((status) => status === 403)).toHaveLength(2);
  });

  test('decides where the rule says so', async () => {
    const forwarded = (more: object): Statement =>
      inSet('set', { IPSetForwardedIPConfig: { ...config('NO_MATCH'), Position: 'FIRST', ...more } });
    await shop.guard([rule('listed', 1, forwarded({}))], sets);
    expect([await statusOf(from(listed)), await statusOf(from(other)), await statusOf()]).toEqual([403, 200, 200]);
    await shop.guard([
      rule('us', 1, { GeoMatchStatement: { CountryCodes: ['US'], ForwardedIPConfig: config('NO_MATCH') } }),
    ]);
    expect([await statusOf(from(inUs)), await statusOf(from('192.0.2.1')), await statusOf()]).toEqual([403, 200, 200]);
    const byHeader = { AggregateKeyType: 'FORWARDED_IP', ForwardedIPConfig: config('NO_MATCH') };
    await shop.guard([rule('forwarded', 1, rate(byHeader))]);
    const statuses: number[] = [];
    for (let n = 0; n < 12; n++) statuses.push(await statusOf(from(other)));
    expect(statuses.filter((status) => status === 403)).toHaveLength(2);
    expect(await statusOf(from(listed))).toBe(200);
  });

  test.each<[Fallback, number]>([
    ['MATCH', 403],
    ['NO_MATCH', 200],
  ])('without an address in it: FallbackBehavior %s of address, country and rate', async (fallback, status) => {
    const all: readonly Statement[] = [
      inSet('set', { IPSetForwardedIPConfig: { ...config(fallback), Position: 'ANY' } }),
      { GeoMatchStatement: { CountryCodes: ['US'], ForwardedIPConfig: config(fallback) } },
      rate({ AggregateKeyType: 'FORWARDED_IP', ForwardedIPConfig: config(fallback) }),
    ];
    for (const [index, statement] of all.entries()) {
      await shop.guard([rule(`fallback-${fallback}-${index}`, 1, statement)], sets);
      for (const junk of ['junk', '999.1.1.1', ';']) expect(await statusOf(from(junk))).toBe(status);
      // Without the header the rule does not apply, whatever its fallback.
      expect(await statusOf()).toBe(200);
    }
  });

  test.each([
    ['FIRST', [403, 200, 200]],
    ['LAST', [200, 200, 403]],
    ['ANY', [403, 403, 403]],
  ] as const)('by position %s', async (Position, expected) => {
    const forwarded = inSet('set', { IPSetForwardedIPConfig: { ...config('NO_MATCH'), Position } });
    await shop.guard([rule('position', 1, forwarded)], sets);
    const statuses: number[] = [];
    for (const at of [0, 1, 2]) {
      const addresses = [other, other, other];
      addresses[at] = listed;
      statuses.push(await statusOf(from(addresses.join(', '))));
    }
    expect(statuses).toEqual(expected);
  });
});

/** The line of a log for what the node reports, as the service writes it. */
function lineOf({ request, ...one }: InspectedReport, protection = new Protection(undefined, key)) {
  const { bodyBase64, ...rest } = request;
  const body = Buffer.from(bodyBase64, 'base64');
  return JSON.parse(logLine({ ...one, request: { ...rest, body } }, protection)) as {
    action: string;
    terminatingRuleId: string;
    terminatingRuleMatchDetails: MatchDetail[];
    responseCodeSent: number | null;
  };
}

test('WAF trap 14: a rule that throws is in the log, with what became of the request', async () => {
  const group = {
    VendorName: 'Seller',
    Name: 'Broken',
    Version: '1',
    Capacity: 1,
    LabelNamespace: 'awswaf:managed:seller:broken:',
    Rules: [
      {
        Name: 'throws',
        Action: { Block: {} },
        inspect: () => {
          throw new Error('injected');
        },
      },
    ],
  };
  const broken: Rule = {
    ...managed('fails', 1),
    Statement: { ManagedRuleGroupStatement: { VendorName: 'Seller', Name: 'Broken' } },
  };
  const vendorGroups = { [vendorGroupKey('Seller', 'Broken', undefined)]: group };
  for (const [isOpen, status] of [
    ['false', 500],
    ['true', 200],
  ] as const) {
    await shop.guard([broken], { vendorGroups }, { 'waf.fail_open.enabled': isOpen });
    shop.node.report();
    expect(await statusOf()).toBe(status);
    const [told] = shop.node.report()?.inspected ?? [];
    expect(told?.isLogged).toBe(true);
    expect(told && lineOf(told)).toMatchObject({ terminatingRuleId: 'Engine_Failure' });
  }
});

describe('WAF trap 16: a request that was blocked', () => {
  const bytes = (FieldToMatch: FieldToMatch, text = 'evil'): Statement => ({
    ByteMatchStatement: {
      SearchString: Buffer.from(text).toString('base64'),
      FieldToMatch,
      PositionalConstraint: 'CONTAINS',
      TextTransformations: none,
    },
  });
  const looking = (FieldToMatch: FieldToMatch) => ({ FieldToMatch, TextTransformations: none });
  const json: FieldToMatch = { JsonBody: { MatchPattern: { All: {} }, MatchScope: 'ALL' } };
  const all = { MatchPattern: { All: {} }, MatchScope: 'ALL', OversizeHandling: 'CONTINUE' } as const;
  const sql = "1' UNION SELECT password FROM users--";
  const post = (body: string, type = 'text/plain') => ({ method: 'POST', body, headers: { 'content-type': type } });

  const cases: readonly (readonly [string, Statement, object, string, string])[] = [
    ['the path', bytes({ UriPath: {} }), { path: '/evil' }, 'URI', 'evil'],
    ['the query string', bytes({ QueryString: {} }), { path: '/?a=evil' }, 'QUERY_STRING', 'evil'],
    ['an argument', bytes({ SingleQueryArgument: { Name: 'a' } }), { path: '/?a=evil' }, 'SINGLE_QUERY_ARG', 'evil'],
    ['any argument', bytes({ AllQueryArguments: {} }), { path: '/?a=evil' }, 'ALL_QUERY_ARGS', 'evil'],
    ['a header', bytes({ SingleHeader: { Name: 'x-a' } }), { headers: { 'x-a': 'evil' } }, 'HEADER', 'evil'],
    ['any header', bytes({ Headers: all }), { headers: { 'x-a': 'evil' } }, 'HEADER', 'evil'],
    ['a cookie', bytes({ Cookies: all }), { headers: { cookie: 'a=evil' } }, 'COOKIE', 'evil'],
    ['the body', bytes({ Body: {} }), post('an evil body'), 'BODY', 'evil'],
    ['JSON', bytes(json), post('{"a":"evil"}', 'application/json'), 'JSON_BODY', 'evil'],
    ['the method', bytes({ Method: {} }, 'PUT'), { method: 'PUT' }, 'METHOD', 'PUT'],
    [
      'SQL',
      {
        SqliMatchStatement: {
          ...looking({ QueryString: {} }),
          TextTransformations: [{ Priority: 0, Type: 'URL_DECODE' }],
        },
      },
      { path: `/?id=${encodeURIComponent(sql)}` },
      'QUERY_STRING',
      'UNION',
    ],
    ['script', { XssMatchStatement: looking({ Body: {} }) }, post('<script>alert(1)</script>'), 'BODY', 'script'],
    [
      'an expression',
      { RegexMatchStatement: { ...looking({ UriPath: {} }), RegexString: 'e[v]il' } },
      { path: '/evil' },
      'URI',
      'evil',
    ],
    ['an address', { IPSetReferenceStatement: { ARN: 'me' } }, {}, 'CLIENT_ADDRESS', '127.0.0.1'],
    [
      'a managed group',
      managed('AWSManagedRulesSQLiRuleSet', 1).Statement as Statement,
      { path: `/?id=${encodeURIComponent(sql)}` },
      'ALL_QUERY_ARGS',
      'UNION',
    ],
  ];

  test.each(cases)('is told with field and bytes: %s', async (_name, statement, asking, location, matched) => {
    const isGroup = statement.ManagedRuleGroupStatement !== undefined;
    const stop = isGroup ? managed('AWSManagedRulesSQLiRuleSet', 1) : rule('stop', 1, statement);
    await shop.guard([stop], { ipSets: { me: { Addresses: ['127.0.0.1/32'] } } });
    shop.node.report();
    const { headers, ...rest } = asking as { headers?: Record<string, string> };
    expect(await statusOf(headers, '/', rest)).toBe(403);
    const [told] = shop.node.report()?.inspected ?? [];
    const line = told && lineOf(told);
    expect(line?.action).toBe('BLOCK');
    expect(line?.terminatingRuleMatchDetails[0]?.location).toBe(location);
    expect(line?.terminatingRuleMatchDetails[0]?.matchedData.join(' ').toLowerCase()).toContain(matched.toLowerCase());
  });

  test('is told with its key where it came too often, and with nothing where nothing matched', async () => {
    const RateBasedStatement = { Limit: 10, EvaluationWindowSec: 60, AggregateKeyType: 'IP' } as const;
    await shop.guard([rule('often', 1, { RateBasedStatement })]);
    for (let n = 0; n < 10; n++) await statusOf();
    shop.node.report();
    expect(await statusOf()).toBe(403);
    const [often] = shop.node.report()?.inspected ?? [];
    expect(often && lineOf(often)).toMatchObject({
      terminatingRuleMatchDetails: [],
      rateBasedRuleList: [{ rateBasedRuleName: 'often', limitKey: 'IP', limitValue: '127.0.0.1' }],
    });
    await shop.guard([rule('not', 1, { NotStatement: { Statement: bytes({ UriPath: {} }) } })]);
    expect(await statusOf()).toBe(403);
    const [other] = shop.node.report()?.inspected ?? [];
    expect(other && lineOf(other)).toMatchObject({ terminatingRuleId: 'not', terminatingRuleMatchDetails: [] });
  });

  test.skipIf(!hasCorpora())(
    'is told with field and bytes by managed groups, whatever the attack and wherever it stands',
    () => {
      const attacks = ['payloads-mgm', 'payloads-libinjection', 'payloads-gotestwaf']
        .flatMap(load)
        .filter(({ label, payload }) => label === 'attack' && payload !== undefined);
      const wheres = ['query', 'form', 'json', 'path', 'header'] as const;
      let blocked = 0;
      const untold = new Set<string>();
      for (let index = 0; index < attacks.length; index += 8) {
        const hit = blockedBy(place(attacks[index]?.payload ?? '', wheres[(index / 8) % wheres.length] ?? 'query'));
        if (!hit) continue;
        blocked += 1;
        if (!hit.details.some(({ location, matchedData }) => location && matchedData.some((data) => data !== '')))
          untold.add(hit.rule);
      }
      expect(blocked).toBeGreaterThan(1_000);
      expect([...untold]).toEqual([]);
    },
  );

  test('shows nothing of protected headers, cookies, arguments, query string and body: neither log nor sample', async () => {
    const places = [
      ['SINGLE_HEADER', ['x-key'], { SingleHeader: { Name: 'x-key' } }],
      ['SINGLE_COOKIE', ['session'], { Cookies: all }],
      ['SINGLE_QUERY_ARGUMENT', ['token'], { AllQueryArguments: {} }],
      ['QUERY_STRING', undefined, { QueryString: {} }],
      ['BODY', undefined, { Body: {} }],
    ] as const;
    for (const [FieldType, keys, FieldToMatch] of places) {
      const shown = (...types: readonly string[]): string => (types.includes(FieldType) ? 's3cret' : 'plain');
      const Field = { FieldType, ...(keys && { FieldKeys: [...keys] }) };
      const DataProtections = [{ Field, Action: 'SUBSTITUTION' as const }];
      const bench = wafBench();
      const ByteMatchStatement = {
        SearchString: Buffer.from('s3cret'),
        FieldToMatch: FieldToMatch as never,
        PositionalConstraint: 'CONTAINS' as const,
        TextTransformations: none,
      };
      const VisibilityConfig = visible('stop');
      const acl = await benchAcl(bench, {
        Rules: [
          { Name: 'stop', Priority: 0, Statement: { ByteMatchStatement }, Action: { Block: {} }, VisibilityConfig },
        ],
        DataProtectionConfig: { DataProtections },
      });
      const seen = acl.see({
        headers: [
          ['Host', 'shop.example'],
          ['X-Key', shown('SINGLE_HEADER')],
          ['Cookie', `theme=dark; session=${shown('SINGLE_COOKIE')}`],
        ],
        query: `q=1&token=${shown('SINGLE_QUERY_ARGUMENT', 'QUERY_STRING')}`,
        body: Buffer.from(shown('BODY')),
        bodySize: shown('BODY').length,
      });
      expect(seen.verdict.action).toBe('BLOCK');
      // Without protection the log would show it.
      expect(logLine(seen, new Protection(undefined, key))).toContain('s3cret');
      const samples = await bench.run('GetSampledRequests', GetSampledRequests, {
        WebAclArn: acl.arn,
        RuleMetricName: 'stop',
        Scope: 'REGIONAL',
        TimeWindow: { StartTime: new Date(bench.now - 600_000), EndTime: new Date(bench.now) },
        MaxItems: 10,
      });
      expect(samples.SampledRequests).toHaveLength(1);
      expect(logLine(seen, new Protection({ DataProtections }, key)), FieldType).not.toContain('s3cret');
      expect(JSON.stringify(samples), FieldType).not.toContain('s3cret');
    }
  });
});
