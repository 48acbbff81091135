/** Every statement on its own: what it matches, what it does not, and what it says of it. */
import { describe, expect, it } from 'vitest';
import type { Resources } from '../resources.ts';
import type { Statement } from '../types.ts';
import { compiled, holds, request, rule, verdictOf } from '../waf.fixture.ts';

type Position = NonNullable<Statement['ByteMatchStatement']>['PositionalConstraint'];
const bytes = (text: string, PositionalConstraint: Position): Statement => ({
  ByteMatchStatement: {
    SearchString: Buffer.from(text, 'latin1'),
    PositionalConstraint,
    FieldToMatch: { UriPath: {} },
    TextTransformations: [],
  },
});
const detailsOf = (statement: Statement, of = request(), resources: Partial<Resources> = {}) =>
  verdictOf(compiled([rule('r', 0, statement, { Block: {} })], resources), of).terminatingRuleMatchDetails;

describe('M-195 ByteMatch', () => {
  it.each<readonly [Position, string, boolean]>([
    ['EXACTLY', 'bad', true],
    ['EXACTLY', 'bad1', false],
    ['STARTS_WITH', 'bad1', true],
    ['STARTS_WITH', '1bad', false],
    ['ENDS_WITH', '1bad', true],
    ['ENDS_WITH', 'bad1', false],
    ['CONTAINS', '1bad1', true],
    ['CONTAINS', 'b-ad', false],
    ['CONTAINS_WORD', 'bad', true],
    ['CONTAINS_WORD', ';bad', true],
    ['CONTAINS_WORD', '-bad;', true],
    ['CONTAINS_WORD', 'xbad bad', true],
    ['CONTAINS_WORD', 'bad_', false],
    ['CONTAINS_WORD', 'xbad', false],
    ['CONTAINS_WORD', 'bad1', false],
    ['CONTAINS_WORD', 'badbad', false],
  ])('%s in %j: %s', (position, path, expected) => {
    expect(holds(bytes('bad', position), request({ path }))).toBe(expected);
  });

  it('takes base64 as in AWS’s JSON, and bytes that are no text', () => {
    const statement = bytes('x', 'CONTAINS').ByteMatchStatement!;
    expect(
      holds({ ByteMatchStatement: { ...statement, SearchString: 'QmFkQm90' } }, request({ path: '/BadBot' })),
    ).toBe(true);
    expect(
      holds(
        { ByteMatchStatement: { ...statement, SearchString: Uint8Array.of(0xff, 0) } },
        request({ path: '/\xff\0' }),
      ),
    ).toBe(true);
  });
});

it.each([
  ['EQ', [3], [2, 4]],
  ['NE', [2, 4], [3]],
  ['LE', [2, 3], [4]],
  ['LT', [2], [3, 4]],
  ['GE', [3, 4], [2]],
  ['GT', [4], [2, 3]],
] as const)('SizeConstraint %s 3', (ComparisonOperator, yes, no) => {
  const statement: Statement = {
    SizeConstraintStatement: { FieldToMatch: { UriPath: {} }, ComparisonOperator, Size: 3, TextTransformations: [] },
  };
  for (const size of yes) expect(holds(statement, request({ path: 'x'.repeat(size) }))).toBe(true);
  for (const size of no) expect(holds(statement, request({ path: 'x'.repeat(size) }))).toBe(false);
});

describe('M-194 detectors', () => {
  const looking = {
    FieldToMatch: { AllQueryArguments: {} },
    TextTransformations: [{ Priority: 0, Type: 'URL_DECODE' }],
  } as const;

  it('SqliMatch finds SQL and says where and why', () => {
    const of = request({ query: 'page=2&id=42%27%20OR%2073%3D73%20--%20' });
    expect(detailsOf({ SqliMatchStatement: { ...looking, SensitivityLevel: 'HIGH' } }, of)).toMatchObject([
      {
        conditionType: 'SQL_INJECTION',
        sensitivityLevel: 'HIGH',
        location: 'ALL_QUERY_ARGS',
        matchedFieldName: 'id',
        evidence: { family: 'sqli' },
      },
    ]);
    expect(detailsOf({ SqliMatchStatement: looking }, of)).toMatchObject([{ sensitivityLevel: 'LOW' }]);
    expect(
      holds(
        { SqliMatchStatement: { ...looking, SensitivityLevel: 'HIGH' } },
        request({ query: 'q=select+a+union+card' }),
      ),
    ).toBe(false);
  });

  it('XssMatch finds script and says where and why', () => {
    expect(
      detailsOf({ XssMatchStatement: looking }, request({ query: 'q=%3Cscript%3Ealert(7)%3C/script%3E' })),
    ).toMatchObject([
      { conditionType: 'XSS', location: 'ALL_QUERY_ARGS', matchedFieldName: 'q', evidence: { family: 'xss' } },
    ]);
    expect(holds({ XssMatchStatement: looking }, request({ query: 'q=a+%3C+b' }))).toBe(false);
  });
});

describe('M-195 regular expressions', () => {
  const looking = { FieldToMatch: { UriPath: {} }, TextTransformations: [] };
  it('RegexMatch shows what matched', () => {
    expect(
      detailsOf(
        { RegexMatchStatement: { ...looking, RegexString: '/wp-(?:admin|login)' } },
        request({ path: '/blog/wp-login.php' }),
      ),
    ).toMatchObject([{ conditionType: 'REGEX', location: 'URI', matchedData: ['/wp-login'] }]);
  });

  it('RegexPatternSetReference matches where one of the set does', () => {
    const resources: Partial<Resources> = {
      regexPatternSet: () => ({ RegularExpressionList: [{ RegexString: '^/a$' }, { RegexString: '(?i)\\.php$' }] }),
    };
    const statement: Statement = { RegexPatternSetReferenceStatement: { ...looking, ARN: 'set' } };
    expect(['/a', '/x.PHP', '/b', '/a/'].map((path) => holds(statement, request({ path }), resources))).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(holds(statement, request(), { regexPatternSet: () => ({ RegularExpressionList: [] }) })).toBe(false);
  });
});

describe('M-192 addresses', () => {
  const set = (...Addresses: readonly string[]): Partial<Resources> => ({ ipSet: () => ({ Addresses }) });
  const direct: Statement = { IPSetReferenceStatement: { ARN: 'set' } };

  it.each([
    ['192.0.2.10', true],
    ['192.0.2.255', true],
    ['192.0.3.0', false],
    ['203.0.113.7', true],
    ['203.0.113.8', false],
    ['2001:db8::1', true],
    ['2001:db8:ffff::', true],
    ['2001:db9::', false],
    ['::ffff:192.0.2.9', true],
  ])('%s in networks of both families: %s', (ip, expected) => {
    expect(holds(direct, request({ source: { ip } }), set('192.0.2.0/24', '203.0.113.7/32', '2001:db8::/32'))).toBe(
      expected,
    );
  });

  it('ten thousand networks are looked up quickly', () => {
    const networks = Array.from({ length: 10_000 }, (_, index) => `10.${index >> 8}.${index & 255}.0/25`);
    const web = compiled([rule('r', 0, direct, { Block: {} })], set(...networks));
    const begun = performance.now();
    for (let index = 0; index < 20_000; index++) {
      const ip = `10.${(index >> 9) & 63}.${(index >> 1) & 255}.${(index & 1) * 128}`;
      const inside = (index & 1) === 0 && ((index >> 9) & 63) * 256 + ((index >> 1) & 255) < 10_000;
      expect(verdictOf(web, request({ source: { ip } })).action).toBe(inside ? 'BLOCK' : 'ALLOW');
    }
    expect(performance.now() - begun).toBeLessThan(3_000);
  });

  it('WAF trap 6: a spoofed X-Forwarded-For changes nothing unless the rule asks for it', () => {
    const spoofed = request({
      headers: [
        ['X-Forwarded-For', '203.0.113.7'],
        ['Forwarded', 'for=203.0.113.7'],
      ],
      source: { ip: '198.51.100.1', country: 'DE', asn: 64_500 },
    });
    expect(holds(direct, spoofed, set('203.0.113.7/32'))).toBe(false);
    expect(holds(direct, spoofed, set('198.51.100.1/32'))).toBe(true);
    const locate = () => ({ country: 'FR', asn: 64_501 });
    expect(holds({ GeoMatchStatement: { CountryCodes: ['FR'] } }, spoofed, { locate })).toBe(false);
    expect(holds({ AsnMatchStatement: { AsnList: [64_501] } }, spoofed, { locate })).toBe(false);
  });

  it.each([
    ['FIRST', '203.0.113.7, 198.51.100.1', true],
    ['FIRST', '198.51.100.1, 203.0.113.7', false],
    ['LAST', '198.51.100.1, 203.0.113.7', true],
    ['LAST', '203.0.113.7, 198.51.100.1', false],
    ['ANY', '198.51.100.1,203.0.113.7 ,198.51.100.2', true],
    ['ANY', ['203.0.113.7', ...Array.from({ length: 10 }, (_, index) => `198.51.100.${index}`)].join(', '), false],
    [
      'ANY',
      ['198.51.100.0', '203.0.113.7', ...Array.from({ length: 9 }, (_, index) => `198.51.100.${index}`)].join(', '),
      true,
    ],
  ] as const)('WAF trap 6: %s of %s', (Position, header, expected) => {
    const statement: Statement = {
      IPSetReferenceStatement: {
        ARN: 'set',
        IPSetForwardedIPConfig: { HeaderName: 'x-forwarded-for', FallbackBehavior: 'NO_MATCH', Position },
      },
    };
    expect(holds(statement, request({ headers: [['X-Forwarded-For', header]] }), set('203.0.113.7/32'))).toBe(expected);
  });
});

describe('M-195 places', () => {
  const locate = (address: string) =>
    address === '203.0.113.7' ? { country: 'FR', region: 'FR-75', asn: 64_501 } : undefined;
  const forwarded = { HeaderName: 'X-Forwarded-For', FallbackBehavior: 'NO_MATCH' } as const;
  const labelsOf = (statement: Statement, of = request()) =>
    verdictOf(compiled([rule('r', 0, statement, { Count: {} })], { locate }), of).labels;

  it('GeoMatch labels every request, whether it matches or not', () => {
    const statement: Statement = { GeoMatchStatement: { CountryCodes: ['US'] } };
    expect(labelsOf(statement, request({ source: { country: 'US', region: 'US-CA' } }))).toEqual([
      'awswaf:clientip:geo:country:US',
      'awswaf:clientip:geo:region:US-CA',
    ]);
    expect(labelsOf(statement, request({ source: { country: 'DE' } }))).toEqual([
      'awswaf:clientip:geo:country:DE',
      'awswaf:clientip:geo:region:DE-XX',
    ]);
    expect(labelsOf(statement)).toEqual(['awswaf:clientip:geo:country:XX', 'awswaf:clientip:geo:region:XX-XX']);
    const by = request({ headers: [['X-Forwarded-For', '203.0.113.7']] });
    expect(labelsOf({ GeoMatchStatement: { CountryCodes: ['FR'], ForwardedIPConfig: forwarded } }, by)).toEqual([
      'awswaf:forwardedip:geo:country:FR',
      'awswaf:forwardedip:geo:region:FR-75',
    ]);
  });

  it('GeoMatch labels are seen by later rules only', () => {
    const geo: Statement = { GeoMatchStatement: { CountryCodes: ['US'] } };
    const label: Statement = { LabelMatchStatement: { Scope: 'LABEL', Key: 'awswaf:clientip:geo:country:US' } };
    const of = request({ source: { country: 'US' } });
    expect(holds({ AndStatement: { Statements: [geo, label] } }, of)).toBe(false);
    expect(
      verdictOf(compiled([rule('g', 1, geo, { Count: {} }), rule('l', 2, label, { Block: {} })]), of).terminatingRuleId,
    ).toBe('l');
  });

  it('AsnMatch takes 0 for what is not known', () => {
    expect(holds({ AsnMatchStatement: { AsnList: [64_500] } }, request({ source: { asn: 64_500 } }))).toBe(true);
    expect(holds({ AsnMatchStatement: { AsnList: [0] } }, request())).toBe(true);
    expect(
      holds(
        { AsnMatchStatement: { AsnList: [64_501], ForwardedIPConfig: forwarded } },
        request({ headers: [['X-Forwarded-For', '203.0.113.7']] }),
        { locate },
      ),
    ).toBe(true);
  });
});
