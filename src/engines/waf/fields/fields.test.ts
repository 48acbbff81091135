/** Every field, and what is done when there is more of it than is inspected. */
import { describe, expect, it } from 'vitest';
import type { FieldToMatch, OversizeHandling } from '../field-types.ts';
import { compiled, contains, holds, request, rule, verdictOf } from '../waf.fixture.ts';
import { readJson } from './json-text.ts';

const exactly = (text: string, field: FieldToMatch) => ({
  ByteMatchStatement: {
    SearchString: Buffer.from(text, 'latin1'),
    PositionalConstraint: 'EXACTLY' as const,
    FieldToMatch: field,
    TextTransformations: [],
  },
});

const of = request({
  method: 'POST',
  path: '/a/B%20c',
  query: 'User=1&user=2&x=%41&flag&=v',
  headers: [
    ['Host', 'shop.example'],
    ['X-One', 'alpha'],
    ['x-one', 'beta'],
    ['Cookie', 'sid=abc; theme=dark'],
    ['Cookie', 'more=1; bare'],
  ],
  body: '{"name":"Ann","tags":["x","y"],"deep":{"a/b":{"n":42,"ok":true}},"name":"Bob"}',
  source: { ip: '192.0.2.10', ja3: '0'.repeat(32), ja4: 't13d1516h2_8daaf6152771_b0da82dd1658' },
});

const json = (over: object): FieldToMatch => ({ JsonBody: { MatchPattern: { All: {} }, MatchScope: 'ALL', ...over } });
const cookies = (MatchPattern: object, MatchScope: 'ALL' | 'KEY' | 'VALUE'): FieldToMatch => ({
  Cookies: { MatchPattern, MatchScope, OversizeHandling: 'CONTINUE' },
});
const headers = (MatchPattern: object, MatchScope: 'ALL' | 'KEY' | 'VALUE'): FieldToMatch => ({
  Headers: { MatchPattern, MatchScope, OversizeHandling: 'CONTINUE' },
});

describe('fields', () => {
  it.each<readonly [string, FieldToMatch, readonly string[], readonly string[]]>([
    ['Method', { Method: {} }, ['POST'], ['post', 'GET']],
    ['UriPath', { UriPath: {} }, ['/a/B%20c'], ['/a/B c', '/a/b%20c']],
    ['QueryString', { QueryString: {} }, ['User=1&user=2&x=%41&flag&=v'], ['?User=1']],
    ['SingleHeader', { SingleHeader: { Name: 'X-ONE' } }, ['alpha', 'beta', 'alpha,beta'], ['ALPHA', '']],
    ['SingleHeader that is not there', { SingleHeader: { Name: 'none' } }, [], ['', 'alpha']],
    ['SingleQueryArgument', { SingleQueryArgument: { Name: 'USER' } }, ['1', '2'], ['1,2', '']],
    ['SingleQueryArgument as sent', { SingleQueryArgument: { Name: 'x' } }, ['%41'], ['A']],
    ['AllQueryArguments', { AllQueryArguments: {} }, ['1', '2', '%41', '', 'v'], ['User', 'flag']],
    ['Body', { Body: {} }, ['{"name":"Ann","tags":["x","y"],"deep":{"a/b":{"n":42,"ok":true}},"name":"Bob"}'], ['']],
    ['JsonBody', json({}), ['name', 'Ann', 'x', 'y', 'a/b', '42', 'true', 'Bob'], ['"Ann"', 'a~1b']],
    ['JsonBody keys', json({ MatchScope: 'KEY' }), ['name', 'tags', 'a/b', 'n'], ['Ann', 'x', '42']],
    ['JsonBody values', json({ MatchScope: 'VALUE' }), ['Ann', 'Bob', 'x', '42'], ['name', 'n']],
    [
      'JsonBody by path',
      json({ MatchPattern: { IncludedPaths: ['/tags/1', '/deep/a~1b'] } }),
      ['y', '42', 'a/b', 'n'],
      ['x', 'Ann', 'tags'],
    ],
    ['Headers', headers({ All: {} }, 'ALL'), ['X-One', 'alpha', 'beta', 'shop.example'], ['x-two']],
    [
      'Headers included',
      headers({ IncludedHeaders: ['X-ONE'] }, 'VALUE'),
      ['alpha', 'beta'],
      ['shop.example', 'X-One'],
    ],
    ['Headers excluded', headers({ ExcludedHeaders: ['x-one', 'cookie'] }, 'VALUE'), ['shop.example'], ['alpha']],
    ['Headers by name', headers({ All: {} }, 'KEY'), ['Host', 'Cookie'], ['alpha']],
    [
      'Cookies',
      cookies({ All: {} }, 'ALL'),
      ['sid', 'abc', 'theme', 'dark', 'more', '1', 'bare'],
      ['sid=abc', ' theme'],
    ],
    ['Cookies included', cookies({ IncludedCookies: ['SID'] }, 'VALUE'), ['abc'], ['dark', 'sid']],
    ['Cookies excluded', cookies({ ExcludedCookies: ['sid'] }, 'KEY'), ['theme', 'more', 'bare'], ['sid', 'dark']],
    [
      'HeaderOrder',
      { HeaderOrder: { OversizeHandling: 'CONTINUE' } },
      ['host:x-one:x-one:cookie:cookie'],
      ['Host:X-One'],
    ],
    ['JA3Fingerprint', { JA3Fingerprint: { FallbackBehavior: 'NO_MATCH' } }, ['0'.repeat(32)], ['1']],
    [
      'JA4Fingerprint',
      { JA4Fingerprint: { FallbackBehavior: 'NO_MATCH' } },
      ['t13d1516h2_8daaf6152771_b0da82dd1658'],
      ['1'],
    ],
  ])('%s', (_, field, yes, no) => {
    for (const text of yes) expect([text, holds(exactly(text, field), of)]).toEqual([text, true]);
    for (const text of no) expect([text, holds(exactly(text, field), of)]).toEqual([text, false]);
  });

  it.each<readonly [string, FieldToMatch]>([
    ['JA3Fingerprint', { JA3Fingerprint: { FallbackBehavior: 'MATCH' } }],
    ['JA4Fingerprint', { JA4Fingerprint: { FallbackBehavior: 'MATCH' } }],
    ['UriFragment', { UriFragment: { FallbackBehavior: 'MATCH' } }],
  ])('%s falls back where there is none', (name, field) => {
    expect(holds(exactly('x', field), request())).toBe(true);
    expect(holds(exactly('x', { [name]: { FallbackBehavior: 'NO_MATCH' } }), request())).toBe(false);
    expect(holds(exactly('x', { UriFragment: {} }), request())).toBe(false);
  });

  it('UriFragment is what stands after the hash', () => {
    const field = { UriFragment: {} };
    expect(holds(exactly('top', field), request({ path: '/x#top' }))).toBe(true);
    expect(holds(exactly('top', field), request({ path: '/x', query: 'a=1#top' }))).toBe(true);
    expect(holds(exactly('top?a=1', field), request({ path: '/x#top', query: 'a=1' }))).toBe(true);
  });

  it('arguments are read after the pre-parse transformations, in their order', () => {
    const statement = (
      ...types: readonly (
        | 'URL_DECODE'
        | 'REPLACE_SEMICOLONS_WITH_AMPERSANDS'
        | 'COMBINE_DUPLICATE_QUERY_ARGS_BY_COMMA'
      )[]
    ) => ({
      ByteMatchStatement: {
        ...exactly('1,2', { SingleQueryArgument: { Name: 'a' } }).ByteMatchStatement,
        PreParseTextTransformations: types.map((Type, index) => ({ Type, Priority: 10 - index })).reverse(),
      },
    });
    const asked = request({ query: 'a=1;%61=2' });
    expect(
      holds(
        statement('COMBINE_DUPLICATE_QUERY_ARGS_BY_COMMA', 'REPLACE_SEMICOLONS_WITH_AMPERSANDS', 'URL_DECODE'),
        asked,
      ),
    ).toBe(true);
    expect(
      holds(
        statement('URL_DECODE', 'REPLACE_SEMICOLONS_WITH_AMPERSANDS', 'COMBINE_DUPLICATE_QUERY_ARGS_BY_COMMA'),
        asked,
      ),
    ).toBe(false);
  });

  it('transformations run by priority, not in the order of the list', () => {
    const base = exactly('<', { QueryString: {} }).ByteMatchStatement;
    const steps = [
      { Type: 'HTML_ENTITY_DECODE', Priority: 10 },
      { Type: 'URL_DECODE', Priority: 9 },
    ] as const;
    expect(holds({ ByteMatchStatement: { ...base, TextTransformations: steps } }, request({ query: '%26lt%3b' }))).toBe(
      true,
    );
    const reversed = [
      { Type: 'HTML_ENTITY_DECODE', Priority: 9 },
      { Type: 'URL_DECODE', Priority: 10 },
    ] as const;
    expect(
      holds({ ByteMatchStatement: { ...base, TextTransformations: reversed } }, request({ query: '%26lt%3b' })),
    ).toBe(false);
  });
});

describe('more than is inspected', () => {
  const handlings: readonly OversizeHandling[] = ['CONTINUE', 'MATCH', 'NO_MATCH'];
  const expected = { CONTINUE: false, MATCH: true, NO_MATCH: false };
  const large = request({
    method: 'POST',
    headers: [
      ...Array.from({ length: 30 }, (_, index) => [`h${index}`, 'v'.repeat(300)] as const),
      ['Cookie', 'c='.padEnd(9_000, 'v')],
    ],
    body: '{"a":"b"',
    bodySize: 9_000,
  });
  const many = request({
    headers: [
      ...Array.from({ length: 201 }, (_, index) => [`h${index}`, ''] as const),
      ['Cookie', Array.from({ length: 201 }, (_, index) => `c${index}=`).join('; ')],
    ],
  });
  const fields: readonly (readonly [string, string, (handling: OversizeHandling) => FieldToMatch, boolean])[] = [
    ['Body', 'REQUEST_BODY', (OversizeHandling) => ({ Body: { OversizeHandling } }), false],
    ['JsonBody', 'REQUEST_JSON_BODY', (OversizeHandling) => json({ OversizeHandling }), false],
    [
      'Headers',
      'REQUEST_HEADERS',
      (OversizeHandling) => ({ Headers: { MatchPattern: { All: {} }, MatchScope: 'ALL', OversizeHandling } }),
      true,
    ],
    [
      'Cookies',
      'REQUEST_COOKIES',
      (OversizeHandling) => ({ Cookies: { MatchPattern: { All: {} }, MatchScope: 'ALL', OversizeHandling } }),
      true,
    ],
    ['HeaderOrder', 'REQUEST_HEADERS', (OversizeHandling) => ({ HeaderOrder: { OversizeHandling } }), true],
  ];
  const cases = fields.flatMap((field) => handlings.map((handling) => [field[0], handling, field] as const));

  it.each(cases)('of %s with %s', (_, handling, [, noted, fieldOf, byCount]) => {
    for (const big of byCount ? [large, many] : [large]) {
      const verdict = verdictOf(compiled([rule('r', 0, exactly('nowhere', fieldOf(handling)), { Block: {} })]), big);
      expect(verdict.action === 'BLOCK').toBe(expected[handling]);
      expect(verdict.oversizeFields).toEqual([noted]);
    }
  });

  it.each(cases)('of %s with %s does not matter within the limits', (_, handling, [, , fieldOf]) => {
    const verdict = verdictOf(compiled([rule('r', 0, exactly('nowhere', fieldOf(handling)), { Block: {} })]), of);
    expect(verdict).toMatchObject({ action: 'ALLOW', oversizeFields: [] });
  });

  it('WAF trap 2: of a body: a payload that is split at 8,190 to 8,194 bytes is found where it lies within, whatever lies behind', () => {
    const limit = 8_192;
    const payload = '<script>';
    for (let at = limit - payload.length - 2; at <= limit + 2; at++) {
      const whole = `${'a'.repeat(at)}${payload}${'b'.repeat(10)}`;
      const body = Buffer.from(whole.slice(0, limit), 'latin1');
      const split = request({ method: 'POST', body, bodySize: whole.length });
      for (const handling of handlings) {
        const isWithin = at + payload.length <= limit;
        const blocks = holds(contains(payload, { Body: { OversizeHandling: handling } }), split);
        expect([at, handling, blocks]).toEqual([
          at,
          handling,
          handling === 'CONTINUE' ? isWithin : handling === 'MATCH',
        ]);
      }
    }
  });

  it('of headers: the first 8 KB and the first 200 are inspected still', () => {
    const inspected = (name: string) => holds(exactly(name, headers({ All: {} }, 'KEY')), large);
    expect(inspected('h26')).toBe(true);
    expect(inspected('h28')).toBe(false);
    expect(holds(exactly('h199', headers({ All: {} }, 'KEY')), many)).toBe(true);
    expect(holds(exactly('h200', headers({ All: {} }, 'KEY')), many)).toBe(false);
  });
});

describe('JSON', () => {
  const read = (text: string) => {
    const { parts, isComplete } = readJson(text);
    return [parts.map(({ text: part }) => part).join(' '), isComplete];
  };

  it.each([
    ['{"a":1}', 'a 1', true],
    [' [1, "x", {}] ', '1 x', true],
    ['"\\u003cs\\u00e9\\ud83d\\ude00\\n"', '<s\xc3\xa9\xf0\x9f\x98\x80\n', true],
    ['{"a":"b"', 'a b', false],
    ['{"a":"b', 'a b', false],
    ['{"a" "b"}', 'a b', true],
    ['{"k":"v""l":"w"}', 'k v l w', true],
    ['{"k"::"v","l""w"}', 'k v l w', true],
    ['[1 "x"{}]', '1 x', true],
    ['{"a":,"b":1}', 'a', false],
    ['{"a"}', 'a', false],
    ["{'a':1}", '', false],
    ['{"a":1}x', 'a 1', false],
    ['nonsense', 'nonsense', false],
    ['{"a":1,}', 'a 1', false],
    ['[01]', '01', false],
    ['\xef\xbb\xbf{"a":1}', 'a 1', true],
  ])('%j is read up to its first fault', (text, parts, isComplete) => {
    expect(read(text)).toEqual([parts, isComplete]);
  });

  it.each([
    ['MATCH', true],
    ['NO_MATCH', false],
    ['EVALUATE_AS_STRING', true],
    [undefined, false],
  ] as const)('that is broken falls back to %s', (InvalidFallbackBehavior, expected) => {
    const field = json(InvalidFallbackBehavior ? { InvalidFallbackBehavior } : {});
    expect(holds(contains('} evil', field), request({ body: '{"a":1} evil' }))).toBe(expected);
    expect(holds(contains('evil', field), request({ body: '{"a":"evil"} x' }))).toBe(
      InvalidFallbackBehavior !== 'NO_MATCH',
    );
  });

  it.each([
    ['whole', '{"a":"evil"}', true],
    ['without commas and colons', '{"a""b""c":"evil"}', true],
    ['an array', '["evil",{"a":1},{"a":2}]', true],
    ['the same key in two objects', '{"x":{"a":1},"y":{"a":"evil"}}', true],
    ['the same key twice', '{"a":1,"a":"evil"}', false],
    ['the same key twice, once in escapes', '{"a":1,"\\u0061":"evil"}', false],
    ['deep down twice', '{"x":[{"a":1,"a":"evil"}]}', false],
    ['a bare text', '"evil"', false],
    ['cut off', '{"a":"evil"', false],
  ])('is for a fallback to decide unless it is sound: %s', (_, body, isSound) => {
    const looking = (over: object) => holds(exactly('evil', json(over)), request({ body }));
    expect(looking({})).toBe(true);
    expect(looking({ InvalidFallbackBehavior: 'NO_MATCH' })).toBe(isSound);
    const other = exactly('other', json({ InvalidFallbackBehavior: 'MATCH' }));
    expect(holds(other, request({ body }))).toBe(!isSound);
  });

  it('evaluated as a string hides nothing behind escapes', () => {
    const field = json({ InvalidFallbackBehavior: 'EVALUATE_AS_STRING' });
    for (const body of ['{"a":"\\u0065vil","a":1}', '"\\u0065vil"', '{"a":"\\u0065vil"} x']) {
      expect(holds(exactly('evil', field), request({ body }))).toBe(true);
      expect(holds(exactly(body, field), request({ body }))).toBe(true);
    }
    expect(holds(exactly('{"a":1}', field), request({ body: '{"a":1}' }))).toBe(false);
  });

  it('of hostile shape is read in bounded time', () => {
    const begun = performance.now();
    for (const text of [
      '['.repeat(65_536),
      '{"a":'.repeat(13_000),
      `{"${'k'.repeat(200)}":`.repeat(300) + '['.repeat(9_000),
      '"\\'.repeat(32_000),
      `[${'1,'.repeat(32_000)}1]`,
      `{"a"${':'.repeat(64_000)}`,
      '{"a"1'.repeat(13_000),
    ]) {
      readJson(text);
    }
    expect(performance.now() - begun).toBeLessThan(2_000);
  });
});
