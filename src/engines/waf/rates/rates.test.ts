/** Rate-based rules: bursts across slices, what leaves in time, bounded memory, nodes that share, and every kind of key. */
import { describe, expect, it } from 'vitest';
import { createWafState, type WafStateOptions } from '../state.ts';
import type { RateBasedStatement, Rule } from '../types.ts';
import { compiled, contains, request, rule, verdictOf } from '../waf.fixture.ts';
import { hashKey } from './counter.ts';
import { SlidingCounter } from './sliding.ts';

const start = 1_800_000_000_000;

function limiting(over: Partial<RateBasedStatement> = {}): Rule {
  return rule(
    'limit',
    0,
    { RateBasedStatement: { Limit: 100, EvaluationWindowSec: 60, AggregateKeyType: 'IP', ...over } },
    { Block: {} },
  );
}

/** Asks again and again: how many of the requests passed. */
function passes(over: Partial<RateBasedStatement>, options: WafStateOptions = {}) {
  const web = compiled([limiting(over)]);
  const state = createWafState(options);
  const ask = (count: number, at: number, of = request()): number => {
    let passed = 0;
    for (let index = 0; index < count; index++) if (verdictOf(web, of, state, at).action === 'ALLOW') passed++;
    return passed;
  };
  return { ask, state, web };
}

describe('a rate', () => {
  it.each([60, 120, 300, 600])(
    'WAF trap 5: of a window of %i s: a burst over its boundary stays limited',
    (seconds) => {
      const { ask } = passes({ EvaluationWindowSec: seconds });
      // Just before a whole window ends, and just after.
      const boundary = Math.ceil(start / (seconds * 1_000)) * seconds * 1_000;
      expect(ask(100, boundary - 500)).toBe(100);
      expect(ask(100, boundary + 500)).toBe(0);
      expect(ask(10, boundary + seconds * 900)).toBe(0);
    },
  );

  it.each([60, 120, 300, 600])(
    'WAF trap 5: of a window of %i s: unblocks within 30 s after the rate has fallen',
    (seconds) => {
      for (const burst of [101, 150, 2_000]) {
        for (const offset of [0, 1_000, 7_777, 29_000]) {
          const { ask } = passes({ EvaluationWindowSec: seconds });
          const at = start + offset;
          expect(ask(burst, at)).toBe(100);
          // Where exact counting would let the next one pass.
          expect(ask(1, at + seconds * 1_000 + 30_000)).toBe(1);
        }
      }
    },
  );

  it('below the limit is never limited, above it always', () => {
    const { ask } = passes({});
    let passed = 0;
    for (let second = 0; second < 600; second++) passed += ask(second % 5 === 4 ? 4 : 1, start + second * 1_000);
    expect(passed).toBe(600 + 120 * 3);
    const fast = passes({});
    let late = 0;
    for (let second = 0; second < 600; second++) {
      const through = fast.ask(3, start + second * 1_000);
      if (second > 60) late += through;
    }
    expect(late).toBe(0);
  });

  it('in exact mode is counted to the request and the millisecond', () => {
    const { ask } = passes({ Limit: 10 }, { hasExactRates: true });
    expect(ask(150, start)).toBe(10);
    expect(ask(1, start + 59_999)).toBe(0);
    expect(ask(1, start + 60_000)).toBe(1);
  });

  it('of 150 requests at once with a limit of 10 lets 10 pass in either mode', () => {
    expect(passes({ Limit: 10 }).ask(150, start)).toBe(10);
  });

  it('starts anew when its settings change, and goes on when others do', () => {
    const { ask, state } = passes({});
    expect(ask(150, start)).toBe(100);
    const same = compiled([limiting({}), rule('other', 1, contains('x', { UriPath: {} }), { Block: {} })]);
    expect(verdictOf(same, request(), state, start + 1).action).toBe('BLOCK');
    const changed = compiled([limiting({ Limit: 101 })]);
    expect(verdictOf(changed, request(), state, start + 1).action).toBe('ALLOW');
  });

  it('says what it limits', () => {
    const { ask, state, web } = passes({});
    ask(101, start);
    ask(50, start, request({ source: { ip: '192.0.2.11' } }));
    ask(101, start, request({ source: { ip: '2001:db8::1' } }));
    expect(state.rates.limitedKeys('limit', start)).toEqual(['192.0.2.10', '2001:db8:0:0:0:0:0:1']);
    expect(verdictOf(web, request(), state, start).rateBasedRuleList).toEqual([
      {
        rateBasedRuleId: 'limit',
        rateBasedRuleName: 'limit',
        limitKey: 'IP',
        maxRateAllowed: 100,
        evaluationWindowSec: 60,
        limitValue: '192.0.2.10',
      },
    ]);
    expect(state.rates.limitedKeys('limit', start + 200_000)).toEqual([]);
  });
});

describe('nodes', () => {
  it.each([false, true])('WAF trap 5: share one limit by what they tell each other (exact: %s)', (hasExactRates) => {
    const options = { seed: 7, hasExactRates };
    const [one, two] = [passes({}, options), passes({}, options)];
    two.state.rates.prepare(two.web.rates, start);
    expect(one.ask(60, start)).toBe(60);
    two.state.rates.merge(one.state.rates.takeDeltas(), start + 200);
    expect(two.ask(60, start + 300)).toBe(40);
    one.state.rates.merge(two.state.rates.takeDeltas(), start + 400);
    expect(one.ask(1, start + 500)).toBe(0);
    // What came from the other is not told back.
    expect(one.state.rates.takeDeltas().flatMap(({ counts }) => counts)).toHaveLength(3);
  });

  it('take nothing of rules that are not the same', () => {
    const [one, two] = [passes({}), passes({ Limit: 50 })];
    two.state.rates.prepare(two.web.rates, start);
    one.ask(60, start);
    two.state.rates.merge(one.state.rates.takeDeltas(), start);
    expect(two.ask(60, start)).toBe(50);
  });

  it('forget rules that are gone', () => {
    const { ask, state } = passes({});
    ask(101, start);
    state.rates.prepare([], start);
    expect(state.rates.limitedKeys('limit', start)).toEqual([]);
  });
});

describe('memory', () => {
  it('WAF trap 5: of five million distinct keys stays under 200 MB, and the busy ones are still known', () => {
    const counter = new SlidingCounter(300, 100, 64 * 1024 * 1024);
    const heavy = hashKey('198.51.100.1', 1);
    const before = process.memoryUsage();
    let slowest = 0;
    for (let index = 0; index < 5_000_000; index++) {
      // Keys as an attacker would make them: all different. The hash of a text costs more than this test has time for.
      const key = { low: Math.imul(index, 0x9e3779b1) >>> 0, high: Math.imul(index ^ 0x5bd1e995, 0x85ebca6b) >>> 0 };
      if (index % 1_000 === 0) {
        const begun = performance.now();
        counter.hit(key, start + index / 100);
        slowest = Math.max(slowest, performance.now() - begun);
      } else counter.hit(key, start + index / 100);
      if (index % 500 === 0) counter.hit(heavy, start + index / 100);
    }
    const after = process.memoryUsage();
    const grown = after.arrayBuffers - before.arrayBuffers + Math.max(0, after.heapUsed - before.heapUsed);
    expect(grown).toBeLessThan(200 * 1024 * 1024);
    expect(counter.rate(heavy, start + 50_000)).toBe(10_000);
    expect(slowest).toBeLessThan(200);
  }, 120_000);

  it('of a flood of keys does not forget or punish others', () => {
    const counter = new SlidingCounter(60, 100, 1024 * 1024);
    const known = hashKey('known', 1);
    for (let index = 0; index < 90; index++) counter.hit(known, start);
    for (let index = 0; index < 500_000; index++) counter.hit(hashKey(`flood ${index}`, 1), start + 1_000);
    expect(counter.rate(known, start + 1_000)).toBe(90);
    expect(counter.hit(hashKey('newcomer', 1), start + 1_000)).toBe(1);
  });

  it('of one key in one slice agrees with a plain count', () => {
    let seed = 5;
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((seed / 2 ** 32) * below);
    };
    const counter = new SlidingCounter(60, 1_000_000, 1024 * 1024);
    const times = new Map<number, number[]>();
    for (let at = start; at < start + 400_000; at += 1 + random(400)) {
      const name = random(20);
      const list = times.get(name) ?? [];
      times.set(name, list);
      list.push(at);
      const rate = counter.hit(hashKey(`key ${name}`, 3), at);
      const exact = list.filter((time) => time > at - 60_000).length;
      const wider = list.filter((time) => time > at - 70_000).length;
      expect(rate).toBeGreaterThanOrEqual(exact * 0.8 - 1);
      expect(rate).toBeLessThanOrEqual(wider + 1);
    }
  });
});

describe('keys', () => {
  const xff = (HeaderName = 'X-Forwarded-For', FallbackBehavior: 'MATCH' | 'NO_MATCH' = 'NO_MATCH') => ({
    HeaderName,
    FallbackBehavior,
  });
  const none = [{ Priority: 0, Type: 'NONE' as const }];
  const custom = (...CustomKeys: NonNullable<RateBasedStatement['CustomKeys']>): Partial<RateBasedStatement> => ({
    AggregateKeyType: 'CUSTOM_KEYS',
    CustomKeys,
  });
  const header = (name: string, value: string) => request({ headers: [[name, value]] });

  it.each<readonly [string, Partial<RateBasedStatement>, ReturnType<typeof request>, ReturnType<typeof request>]>([
    ['IP', {}, request(), request({ source: { ip: '192.0.2.11' } })],
    [
      'FORWARDED_IP',
      { AggregateKeyType: 'FORWARDED_IP', ForwardedIPConfig: xff() },
      header('X-Forwarded-For', '1.2.3.4'),
      header('X-Forwarded-For', '1.2.3.5'),
    ],
    [
      'Header',
      custom({ Header: { Name: 'x-key', TextTransformations: none } }),
      header('X-Key', 'a'),
      header('X-Key', 'b'),
    ],
    [
      'Cookie',
      custom({ Cookie: { Name: 'sid', TextTransformations: none } }),
      header('Cookie', 'sid=a'),
      header('Cookie', 'sid=b'),
    ],
    [
      'QueryArgument',
      custom({ QueryArgument: { Name: 'city', TextTransformations: none } }),
      request({ query: 'city=a' }),
      request({ query: 'city=b' }),
    ],
    [
      'QueryString',
      custom({ QueryString: { TextTransformations: none } }),
      request({ query: 'a=1' }),
      request({ query: 'a=2' }),
    ],
    ['HTTPMethod', custom({ HTTPMethod: {} }), request(), request({ method: 'POST' })],
    ['UriPath', custom({ UriPath: { TextTransformations: none } }), request({ path: '/a' }), request({ path: '/b' })],
    ['IP and method', custom({ IP: {} }, { HTTPMethod: {} }), request(), request({ method: 'PUT' })],
    [
      'ForwardedIP and path',
      { ...custom({ ForwardedIP: {} }, { UriPath: { TextTransformations: none } }), ForwardedIPConfig: xff() },
      header('X-Forwarded-For', '1.2.3.4'),
      header('X-Forwarded-For', '1.2.3.5'),
    ],
    [
      'JA3Fingerprint',
      custom({ JA3Fingerprint: { FallbackBehavior: 'NO_MATCH' } }),
      request({ source: { ja3: 'a' } }),
      request({ source: { ja3: 'b' } }),
    ],
    [
      'JA4Fingerprint',
      custom({ JA4Fingerprint: { FallbackBehavior: 'NO_MATCH' } }),
      request({ source: { ja4: 'a' } }),
      request({ source: { ja4: 'b' } }),
    ],
    ['ASN', custom({ ASN: {} }), request({ source: { asn: 1 } }), request({ source: { asn: 2 } })],
  ])('%s: each value has its own count', (_, over, one, other) => {
    const { ask } = passes({ Limit: 10, ...over });
    expect(ask(15, start, one)).toBe(10);
    expect(ask(15, start, other)).toBe(10);
  });

  it('LabelNamespace counts by labels that rules before have set', () => {
    const label = (name: string, priority: number) =>
      rule(name, priority, contains(name, { UriPath: {} }), { Count: {} }, [`kind:${name}`]);
    const limit = { ...limiting({ Limit: 10, ...custom({ LabelNamespace: { Namespace: 'kind' } }) }), Priority: 9 };
    const web = compiled([label('a', 1), label('b', 2), limit]);
    const state = createWafState();
    const ask = (path: string): number => {
      let passed = 0;
      for (let index = 0; index < 15; index++)
        if (verdictOf(web, request({ path }), state, start).action === 'ALLOW') passed++;
      return passed;
    };
    expect([ask('/a'), ask('/b'), ask('/ab'), ask('/')]).toEqual([10, 10, 10, 15]);
  });

  it('CONSTANT counts all that is in scope, and nothing else', () => {
    const { ask } = passes({
      Limit: 10,
      AggregateKeyType: 'CONSTANT',
      ScopeDownStatement: contains('/search', { UriPath: {} }),
    });
    expect(ask(20, start, request({ path: '/other' }))).toBe(20);
    expect(ask(6, start, request({ path: '/search' }))).toBe(6);
    expect(ask(6, start, request({ path: '/search', source: { ip: '192.0.2.99' } }))).toBe(4);
    expect(ask(1, start, request({ path: '/other' }))).toBe(1);
  });

  it('that are missing leave the request uncounted', () => {
    const by = passes({ Limit: 10, ...custom({ Header: { Name: 'x-key', TextTransformations: none } }, { IP: {} }) });
    expect(by.ask(30, start)).toBe(30);
    const forwarded = passes({ Limit: 10, AggregateKeyType: 'FORWARDED_IP', ForwardedIPConfig: xff() });
    expect(forwarded.ask(30, start)).toBe(30);
  });

  it('WAF trap 6: that are broken fall back', () => {
    const broken = header('X-Forwarded-For', 'junk');
    const matching = {
      Limit: 10,
      AggregateKeyType: 'FORWARDED_IP',
      ForwardedIPConfig: xff('X-Forwarded-For', 'MATCH'),
    } as const;
    expect(passes(matching).ask(1, start, broken)).toBe(0);
    expect(passes({ ...matching, ForwardedIPConfig: xff() }).ask(30, start, broken)).toBe(30);
    expect(passes({ Limit: 10, ...custom({ JA3Fingerprint: { FallbackBehavior: 'MATCH' } }) }).ask(1, start)).toBe(0);
  });

  it('WAF trap 6: a spoofed X-Forwarded-For does not change whose requests are counted', () => {
    const { ask } = passes({ Limit: 10 });
    let passed = 0;
    for (let index = 0; index < 30; index++) passed += ask(1, start, header('X-Forwarded-For', `203.0.113.${index}`));
    expect(passed).toBe(10);
  });

  it('of one address in several spellings are one', () => {
    const { ask } = passes({ Limit: 10, AggregateKeyType: 'FORWARDED_IP', ForwardedIPConfig: xff() });
    const spellings = ['2001:db8::1', '2001:DB8::1', '2001:db8:0:0::1', '2001:0db8::0001'];
    expect(spellings.reduce((passed, text) => passed + ask(5, start, header('X-Forwarded-For', text)), 0)).toBe(10);
  });

  it('are kept apart where their parts could be cut otherwise', () => {
    const { ask } = passes({
      Limit: 10,
      ...custom(
        { Header: { Name: 'a', TextTransformations: none } },
        { Header: { Name: 'b', TextTransformations: none } },
      ),
    });
    const two = (a: string, b: string) =>
      request({
        headers: [
          ['a', a],
          ['b', b],
        ],
      });
    expect(ask(10, start, two('x', 'yz'))).toBe(10);
    expect(ask(10, start, two('xy', 'z'))).toBe(10);
  });
});
