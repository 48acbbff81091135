/** Capacities as the developer guide adds them up: base costs by statement, and each shared transformation once. */
import { expect, it } from 'vitest';
import { capacityOf, type GroupCapacities } from './capacity.ts';
import type { FieldToMatch } from './field-types.ts';
import type { Inspecting, Statement, TextTransformationType } from './types.ts';
import { rule } from './waf.fixture.ts';

const groups: GroupCapacities = {
  ruleGroup: (arn) => (arn.endsWith('g1') ? 42 : undefined),
  managedRuleGroup: (_, name) => (name === 'AWSManagedRulesCommonRuleSet' ? 700 : undefined),
};

const json: FieldToMatch = { JsonBody: { MatchPattern: { All: {} }, MatchScope: 'ALL' } };
const uri: FieldToMatch = { UriPath: {} };
const every: FieldToMatch = { AllQueryArguments: {} };
const header = (Name: string): FieldToMatch => ({ SingleHeader: { Name } });

function looking(field: FieldToMatch, types: readonly TextTransformationType[] = ['NONE']): Inspecting {
  return { FieldToMatch: field, TextTransformations: types.map((Type, Priority) => ({ Type, Priority })) };
}

type Position = NonNullable<Statement['ByteMatchStatement']>['PositionalConstraint'];
const bytes = (PositionalConstraint: Position, field = uri, types?: readonly TextTransformationType[]): Statement => ({
  ByteMatchStatement: { ...looking(field, types), PositionalConstraint, SearchString: 'eA==' },
});
const sqli = (
  level: 'LOW' | 'HIGH' | undefined,
  field = uri,
  types?: readonly TextTransformationType[],
): Statement => ({
  SqliMatchStatement: { ...looking(field, types), ...(level ? { SensitivityLevel: level } : {}) },
});
const xss = (field = uri, types?: readonly TextTransformationType[]): Statement => ({
  XssMatchStatement: looking(field, types),
});
const size = (field = uri, types?: readonly TextTransformationType[]): Statement => ({
  SizeConstraintStatement: { ...looking(field, types), ComparisonOperator: 'GT', Size: 1 },
});
const regex = (field = uri, types?: readonly TextTransformationType[]): Statement => ({
  RegexMatchStatement: { ...looking(field, types), RegexString: 'x' },
});
const regexSet = (field = uri, types?: readonly TextTransformationType[]): Statement => ({
  RegexPatternSetReferenceStatement: { ...looking(field, types), ARN: 'arn' },
});
const geo: Statement = { GeoMatchStatement: { CountryCodes: ['DE'] } };
const ip = (Position?: 'FIRST' | 'LAST' | 'ANY'): Statement => ({
  IPSetReferenceStatement: {
    ARN: 'arn',
    ...(Position
      ? { IPSetForwardedIPConfig: { HeaderName: 'X-Forwarded-For', FallbackBehavior: 'MATCH', Position } }
      : {}),
  },
});
const label: Statement = { LabelMatchStatement: { Scope: 'LABEL', Key: 'a' } };
const rate = (keys: number, scopeDown?: Statement): Statement => ({
  RateBasedStatement: {
    Limit: 100,
    AggregateKeyType: keys > 0 ? 'CUSTOM_KEYS' : 'IP',
    ...(keys > 0 ? { CustomKeys: Array.from({ length: keys }, () => ({ HTTPMethod: {} })) } : {}),
    ...(scopeDown ? { ScopeDownStatement: scopeDown } : {}),
  },
});
const managed = (scopeDown?: Statement): Statement => ({
  ManagedRuleGroupStatement: {
    VendorName: 'AWS',
    Name: 'AWSManagedRulesCommonRuleSet',
    ...(scopeDown ? { ScopeDownStatement: scopeDown } : {}),
  },
});

it.each<readonly [string, number, ...Statement[]]>([
  ['exact string', 2, bytes('EXACTLY')],
  ['string at the start', 2, bytes('STARTS_WITH')],
  ['string at the end', 2, bytes('ENDS_WITH')],
  ['string anywhere', 10, bytes('CONTAINS')],
  ['word', 10, bytes('CONTAINS_WORD')],
  ['exact string, lower case', 12, bytes('EXACTLY', uri, ['LOWERCASE'])],
  ['string anywhere in all arguments', 20, bytes('CONTAINS', every)],
  ['exact string in all arguments, decoded', 22, bytes('EXACTLY', every, ['URL_DECODE'])],
  ['string anywhere in JSON', 20, bytes('CONTAINS', json)],
  ['exact string in JSON, lower case', 14, bytes('EXACTLY', json, ['LOWERCASE'])],
  ['SQL injection', 20, sqli(undefined)],
  ['SQL injection, low', 20, sqli('LOW')],
  ['SQL injection, high', 30, sqli('HIGH')],
  ['SQL injection in JSON', 40, sqli('LOW', json)],
  ['SQL injection in all arguments, two steps', 50, sqli('LOW', every, ['URL_DECODE', 'HTML_ENTITY_DECODE'])],
  ['script', 40, xss()],
  ['script in JSON', 80, xss(json)],
  ['script in all arguments', 50, xss(every)],
  ['size', 1, size()],
  ['size of all arguments', 11, size(every)],
  ['size in JSON', 2, size(json)],
  ['country', 1, geo],
  ['autonomous system', 1, { AsnMatchStatement: { AsnList: [64_496] } }],
  ['label', 1, label],
  ['IP set', 1, ip()],
  ['IP set by the first forwarded address', 1, ip('FIRST')],
  ['IP set by any forwarded address', 5, ip('ANY')],
  ['regular expression', 3, regex()],
  ['regular expression in JSON', 6, regex(json)],
  ['regular expression in all arguments, lower case', 23, regex(every, ['LOWERCASE'])],
  ['pattern set', 25, regexSet()],
  ['pattern set in JSON, decoded', 60, regexSet(json, ['URL_DECODE'])],
  ['rate by address', 2, rate(0)],
  ['rate by two keys', 62, rate(2)],
  ['rate by five keys within a country', 153, rate(5, geo)],
  ['not', 3, { NotStatement: { Statement: regex() } }],
  ['and', 12, { AndStatement: { Statements: [bytes('CONTAINS'), geo, label] } }],
  [
    'or with one transformation for both',
    14,
    { OrStatement: { Statements: [bytes('EXACTLY', uri, ['LOWERCASE']), bytes('STARTS_WITH', uri, ['LOWERCASE'])] } },
  ],
  [
    'two rules with one transformation',
    22,
    bytes('CONTAINS', uri, ['LOWERCASE']),
    bytes('EXACTLY', uri, ['LOWERCASE']),
  ],
  [
    'the same transformation of two headers',
    24,
    bytes('EXACTLY', header('a'), ['LOWERCASE']),
    bytes('EXACTLY', header('b'), ['LOWERCASE']),
  ],
  [
    'the same header in another case',
    14,
    bytes('EXACTLY', header('A'), ['LOWERCASE']),
    bytes('EXACTLY', header('a'), ['LOWERCASE']),
  ],
  ['rule group', 42, { RuleGroupReferenceStatement: { ARN: 'arn/g1' } }],
  ['managed group', 700, managed()],
  ['managed group within a scope', 703, managed(regex())],
  ['nothing', 0],
])('WAF trap 15: %s costs %i', (_, cost, ...statements) => {
  const rules = (statements as Statement[]).map((statement, index) =>
    rule(`r${index}`, index, statement, { Block: {} }),
  );
  expect(capacityOf(rules, groups)).toBe(cost);
});
