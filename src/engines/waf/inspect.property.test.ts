/** Random web ACLs and requests: nothing throws, logic is logic, and sharing work between rules changes no answer. */
import { expect, it } from 'vitest';
import type { FieldToMatch } from './field-types.ts';
import type { HttpRequest } from './request.ts';
import type { Resources } from './resources.ts';
import { createWafState } from './state.ts';
import { transformations } from './transformations/table.ts';
import type { Statement, TextTransformation, TextTransformationType } from './types.ts';
import { compiled, request, rule, verdictOf } from './waf.fixture.ts';

let seed = Number(process.env.SEED ?? 20_261_127);
const firstSeed = seed;
const random = (below: number): number => {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((seed / 2 ** 32) * below);
};
const pick = <T>(values: readonly T[]): T => values[random(values.length)]!;
const words = [
  'admin',
  'Union',
  'select',
  '<script>',
  '../',
  '%41',
  '%u0041',
  'a',
  '1',
  '"',
  "'",
  '{"k":[1,"x"]}',
  '/*',
  '*/',
  ' ',
  '\\',
  '&lt;',
  '0x41',
  '=',
  '&',
  ';',
  ',',
  '\0',
  '\xff',
  '203.0.113.7',
  ':',
  'QWxs',
];
const text = (most: number): string => Array.from({ length: random(most) }, () => pick(words)).join('');

const types = Object.keys(transformations) as TextTransformationType[];
const steps = (): TextTransformation[] =>
  Array.from({ length: random(4) }, (_, index) => ({ Priority: 10 - index, Type: pick(types) }));
const oversize = () => pick(['CONTINUE', 'MATCH', 'NO_MATCH'] as const);
const scope = () => pick(['ALL', 'KEY', 'VALUE'] as const);
const fallback = () => pick(['MATCH', 'NO_MATCH'] as const);

function field(): FieldToMatch {
  return pick<() => FieldToMatch>([
    () => ({ SingleHeader: { Name: pick(['x-a', 'X-B', 'cookie']) } }),
    () => ({ SingleQueryArgument: { Name: pick(['a', 'B']) } }),
    () => ({ AllQueryArguments: {} }),
    () => ({ UriPath: {} }),
    () => ({ QueryString: {} }),
    () => ({ Body: { OversizeHandling: oversize() } }),
    () => ({ Method: {} }),
    () => ({
      JsonBody: {
        MatchPattern: pick([{ All: {} }, { IncludedPaths: ['/k'] }]),
        MatchScope: scope(),
        ...(random(2) ? { InvalidFallbackBehavior: pick(['MATCH', 'NO_MATCH', 'EVALUATE_AS_STRING'] as const) } : {}),
      },
    }),
    () => ({
      Headers: {
        MatchPattern: pick([{ All: {} }, { IncludedHeaders: ['x-a'] }, { ExcludedHeaders: ['x-a'] }]),
        MatchScope: scope(),
        OversizeHandling: oversize(),
      },
    }),
    () => ({
      Cookies: {
        MatchPattern: pick([{ All: {} }, { IncludedCookies: ['a'] }]),
        MatchScope: scope(),
        OversizeHandling: oversize(),
      },
    }),
    () => ({ HeaderOrder: { OversizeHandling: oversize() } }),
    () => ({ JA3Fingerprint: { FallbackBehavior: fallback() } }),
    () => ({ JA4Fingerprint: { FallbackBehavior: fallback() } }),
    () => ({ UriFragment: { FallbackBehavior: fallback() } }),
  ])();
}

const looking = () => ({ FieldToMatch: field(), TextTransformations: steps() });
const forwarded = () => ({ HeaderName: 'X-Forwarded-For', FallbackBehavior: fallback() });

function leaf(): Statement {
  return pick<() => Statement>([
    () => ({
      ByteMatchStatement: {
        ...looking(),
        SearchString: Buffer.from(pick(words), 'latin1'),
        PositionalConstraint: pick(['EXACTLY', 'STARTS_WITH', 'ENDS_WITH', 'CONTAINS', 'CONTAINS_WORD'] as const),
      },
    }),
    () => ({ SqliMatchStatement: { ...looking(), SensitivityLevel: pick(['LOW', 'HIGH'] as const) } }),
    () => ({ XssMatchStatement: looking() }),
    () => ({
      SizeConstraintStatement: {
        ...looking(),
        ComparisonOperator: pick(['EQ', 'NE', 'LE', 'LT', 'GE', 'GT'] as const),
        Size: random(20),
      },
    }),
    () => ({
      RegexMatchStatement: {
        ...looking(),
        RegexString: pick(['(?i)union\\s*select', '[0-9]+', '^/', 'a|b', 'admin\\b', '\\.\\./']),
      },
    }),
    () => ({ RegexPatternSetReferenceStatement: { ...looking(), ARN: 'patterns' } }),
    () => ({ GeoMatchStatement: { CountryCodes: ['DE'], ...(random(2) ? { ForwardedIPConfig: forwarded() } : {}) } }),
    () => ({ AsnMatchStatement: { AsnList: [0, 64_500], ...(random(2) ? { ForwardedIPConfig: forwarded() } : {}) } }),
    () => ({
      IPSetReferenceStatement: {
        ARN: 'set',
        ...(random(2)
          ? { IPSetForwardedIPConfig: { ...forwarded(), Position: pick(['FIRST', 'LAST', 'ANY'] as const) } }
          : {}),
      },
    }),
    () => ({ LabelMatchStatement: { Scope: 'NAMESPACE', Key: 'awswaf:clientip:geo:' } }),
  ])();
}

function statement(depth: number): Statement {
  if (depth === 0 || random(3) > 0) return leaf();
  const nested = () => statement(depth - 1);
  return pick<() => Statement>([
    () => ({ NotStatement: { Statement: nested() } }),
    () => ({ AndStatement: { Statements: [nested(), nested()] } }),
    () => ({ OrStatement: { Statements: [nested(), nested()] } }),
  ])();
}

function asked(): HttpRequest {
  const body = text(12);
  return request({
    method: pick(['GET', 'POST', 'OPTIONS']),
    path: `/${text(6)}`,
    query: text(8),
    headers: Array.from(
      { length: random(5) },
      () => [pick(['X-A', 'x-b', 'Cookie', 'X-Forwarded-For', 'User-Agent']), text(6)] as const,
    ),
    body,
    bodySize: body.length + random(2) * 100,
    source: {
      ip: pick(['203.0.113.7', '192.0.2.1', '2001:db8::1']),
      ...(random(2) ? { country: 'DE', asn: 64_500, ja3: 'a' } : {}),
    },
  });
}

const resources: Partial<Resources> = {
  ipSet: () => ({ Addresses: ['203.0.113.0/24', '2001:db8::/32'] }),
  regexPatternSet: () => ({ RegularExpressionList: [{ RegexString: 'adm[ij]n' }, { RegexString: 'k$' }] }),
  locate: (address) => (address === '203.0.113.7' ? { country: 'DE', asn: 64_500 } : undefined),
};

const outcomeOf = (of: HttpRequest, ...statements: Statement[]): string[] => {
  const web = compiled(
    statements.map((each, index) => rule(`r${index}`, index, each, { Count: {} })),
    resources,
  );
  const verdict = verdictOf(web, of, createWafState());
  expect([firstSeed, verdict.failure]).toEqual([firstSeed, undefined]);
  return verdict.nonTerminatingMatchingRules.map(({ ruleId }) => ruleId);
};
const matches = (of: HttpRequest, each: Statement): boolean => outcomeOf(of, each).length === 1;

it('nothing throws, and logic is logic', () => {
  let skipped = 0;
  for (let round = 0; round < 600; round++) {
    const of = asked();
    const [left, right] = [statement(2), statement(2)];
    const [isLeft, isRight] = [matches(of, left), matches(of, right)];
    const isNot = matches(of, { NotStatement: { Statement: left } });
    // What does not apply is neither so nor not so.
    if (!isLeft && !isNot) skipped += 1;
    expect(isLeft && isNot).toBe(false);
    expect(matches(of, { NotStatement: { Statement: { NotStatement: { Statement: left } } } })).toBe(isLeft);
    expect(matches(of, { AndStatement: { Statements: [left, right] } })).toBe(isLeft && isRight);
    expect(matches(of, { OrStatement: { Statements: [right, left] } })).toBe(isLeft || isRight);
  }
  expect(skipped).toBeGreaterThan(5);
});

it('forty rules together answer as each alone', () => {
  for (let round = 0; round < 25; round++) {
    // Labels of one rule are seen by the next: the others see nothing of each other.
    const statements = Array.from({ length: 40 }, () => statement(1)).filter(
      (each) => !JSON.stringify(each).includes('LabelMatch'),
    );
    for (let index = 0; index < 5; index++) {
      const of = asked();
      const alone = statements.flatMap((each, at) => (matches(of, each) ? [`r${at}`] : []));
      expect([firstSeed, outcomeOf(of, ...statements)]).toEqual([firstSeed, alone]);
    }
  }
});

it('every match says where and what, within its length', () => {
  for (let round = 0; round < 1_000; round++) {
    const each = leaf();
    const web = compiled([rule('r', 0, each, { Block: {} })], resources);
    const verdict = verdictOf(web, asked());
    if (verdict.action !== 'BLOCK') continue;
    for (const detail of verdict.terminatingRuleMatchDetails) {
      for (const data of detail.matchedData) expect(data.length).toBeLessThanOrEqual(200);
      expect(detail.conditionType).not.toBe('');
    }
  }
});
