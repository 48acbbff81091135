/** The truth table of the language: operator × qualifier × (absent, empty, match, no match, both, malformed). */
import { describe, expect, test } from 'vitest';
import { compileCondition } from './condition.ts';
import { readOperator } from './parse-condition.ts';

type Value = string | readonly string[] | undefined;

function holds(name: string, wanted: readonly string[], actual: Value, deny = false): boolean {
  const operator = readOperator(name);
  if (!operator) throw new Error(`${name} is no operator`);
  const condition = compileCondition({ ...operator, name, key: 'x:Key', values: wanted }, '2012-10-17', deny);
  return condition.holds({ get: (key) => (key === 'x:key' ? actual : undefined) });
}

/** Operator, policy value, a request value that matches it, one that does not, and one that is malformed (if any is). */
const positive: readonly (readonly [string, string, string, string, string?])[] = [
  ['StringEquals', 'tea', 'tea', 'Tea'],
  ['StringEqualsIgnoreCase', 'tea', 'TEA', 'coffee'],
  ['StringLike', 't*a', 'tea', 'Tea'],
  ['NumericEquals', '10', '10.0', '11', 'ten'],
  ['NumericLessThan', '10', '9.99', '10', '1e1'],
  ['NumericLessThanEquals', '10', '10', '10.01', ''],
  ['NumericGreaterThan', '10', '10.5', '10', '0x10'],
  ['NumericGreaterThanEquals', '-1', '-1', '-1.5', '--1'],
  ['DateEquals', '2026-01-01T00:00:00Z', '1767225600', '1767225601', 'yesterday'],
  ['DateLessThan', '2026-01-01T00:00:00Z', '2025-12-31T23:59:59Z', '2026-01-01', '2026-02-30'],
  ['DateLessThanEquals', '2026-01-01', '2026-01-01T01:00:00+01:00', '2026-01-02', '2026-13-01'],
  ['DateGreaterThan', '1767225600', '2026-01-01T00:00:01Z', '2026-01-01T00:00:00Z', '26-01-01'],
  ['DateGreaterThanEquals', '2026-01', '2026-01-01', '2025-12-31', '2026-01-01T24:00Z'],
  ['Bool', 'true', 'TRUE', 'false', 'yes'],
  ['BinaryEquals', 'cnVkeQ==', 'cnVkeQ', 'cnVkeg==', 'cnVk*'],
  ['IpAddress', '10.0.0.0/8', '10.255.0.1', '11.0.0.1', '10.0.0.256'],
  ['ArnEquals', 'arn:aws:s3:::sh?p', 'arn:aws:s3:::shop', 'arn:aws:s3:::store', 'shop'],
  ['ArnLike', 'arn:aws:iam::*:user/*', 'arn:aws:iam::1:user/a/b', 'arn:aws:iam::1:role/a', 'arn:aws:iam'],
];

const negatives: Readonly<Record<string, string>> = {
  StringEquals: 'StringNotEquals',
  StringEqualsIgnoreCase: 'StringNotEqualsIgnoreCase',
  StringLike: 'StringNotLike',
  NumericEquals: 'NumericNotEquals',
  DateEquals: 'DateNotEquals',
  IpAddress: 'NotIpAddress',
  ArnEquals: 'ArnNotEquals',
  ArnLike: 'ArnNotLike',
};

/** [qualifier, suffix] → absent, empty list, match, miss, both; for the plain operator and for its negation. */
const table: readonly (readonly [string, string, readonly boolean[], readonly boolean[]])[] = [
  ['', '', [false, false, true, false, true], [true, true, false, true, false]],
  ['', 'IfExists', [true, true, true, false, true], [true, true, false, true, false]],
  ['ForAllValues:', '', [true, true, true, false, false], [true, true, false, true, false]],
  ['ForAllValues:', 'IfExists', [true, true, true, false, false], [true, true, false, true, false]],
  ['ForAnyValue:', '', [false, false, true, false, true], [false, false, false, true, true]],
  ['ForAnyValue:', 'IfExists', [true, true, true, false, true], [true, true, false, true, true]],
];

for (const row of positive) describe(`policy trap 12: ${row[0]}`, () => checkOperator(...row));

function checkOperator(operator: string, wanted: string, match: string, miss: string, malformed?: string): void {
  test.each(table)('with %s…%s', (qualifier, suffix, plain, negated) => {
    const actual: readonly Value[] = [undefined, [], match, miss, [match, miss]];
    const answers = (name: string): boolean[] =>
      actual.map((one) => holds(`${qualifier}${name}${suffix}`, [wanted], one));
    expect(answers(operator)).toEqual(plain);
    const negative = negatives[operator];
    if (negative) expect(answers(negative)).toEqual(negated);
  });

  test('takes one of several values', () => {
    expect(holds(operator, [wanted, wanted], match)).toBe(true);
    expect(holds(operator, [], match)).toBe(false);
  });

  if (malformed === undefined) return;

  test('policy trap 8: a malformed value grants nothing and weakens no Deny', () => {
    for (const name of [operator, negatives[operator] ?? operator]) {
      for (const qualifier of ['', 'ForAllValues:', 'ForAnyValue:']) {
        // An empty text is no value at all for the quantifiers.
        if (malformed === '' && qualifier !== '') continue;
        expect(holds(qualifier + name, [wanted], malformed, false)).toBe(false);
        expect(holds(qualifier + name, [wanted], malformed, true)).toBe(true);
      }
    }
  });

  // Dates are read when the policy is stored.
  if (operator.startsWith('Date')) return;

  test('policy trap 8: a malformed policy value weakens no Deny', () => {
    expect(holds(operator, [malformed], match, false)).toBe(false);
    expect(holds(operator, [malformed], match, true)).toBe(true);
    // Beside a value that matches it does no harm.
    expect(holds(operator, [malformed, wanted], match, false)).toBe(true);
  });
}

test('there are 27 operators', () => {
  const names = [...positive.map(([name]) => name), ...Object.values(negatives), 'Null'];
  expect(new Set(names).size).toBe(27);
  for (const name of names) expect(readOperator(name)?.operator).toBe(name);
});

describe('policy trap 12: Null', () => {
  test('asks whether the key is there', () => {
    for (const actual of [undefined, []]) {
      expect(holds('Null', ['true'], actual)).toBe(true);
      expect(holds('Null', ['false'], actual)).toBe(false);
    }
    for (const actual of ['', 'x', ['x']]) {
      expect(holds('Null', ['true'], actual)).toBe(false);
      expect(holds('Null', ['false'], actual)).toBe(true);
    }
  });

  test('takes no IfExists', () => {
    expect(readOperator('NullIfExists')).toBeUndefined();
  });
});

test('unknown operators and qualifiers are no operators', () => {
  for (const name of [
    'StringMatches',
    'stringEquals',
    'StringEquals ',
    'ForSomeValues:StringEquals',
    'IfExists',
    'ForAllValues:',
    '__proto__',
  ]) {
    expect(readOperator(name), name).toBeUndefined();
  }
});

describe('addresses', () => {
  test('IPv6, compressed and not, and IPv4 inside IPv6', () => {
    expect(holds('IpAddress', ['2001:db8::/32'], '2001:0db8:0:0:0:0:0:1')).toBe(true);
    expect(holds('IpAddress', ['2001:db8::/32'], '2001:db9::1')).toBe(false);
    expect(holds('IpAddress', ['10.0.0.0/8'], '::ffff:10.1.1.1')).toBe(true);
    expect(holds('IpAddress', ['::ffff:10.0.0.0/104'], '10.1.1.1')).toBe(true);
    expect(holds('NotIpAddress', ['10.0.0.0/8'], '::1')).toBe(true);
  });

  test('prefixes of every length', () => {
    expect(holds('IpAddress', ['0.0.0.0/0'], '203.0.113.9')).toBe(true);
    expect(holds('IpAddress', ['203.0.113.8/31'], '203.0.113.9')).toBe(true);
    expect(holds('IpAddress', ['203.0.113.8/31'], '203.0.113.10')).toBe(false);
    expect(holds('IpAddress', ['203.0.113.9'], '203.0.113.9')).toBe(true);
  });
});

describe('numbers', () => {
  test('are compared exactly, whatever their length', () => {
    expect(holds('NumericEquals', ['9007199254740993'], '9007199254740992')).toBe(false);
    expect(holds('NumericLessThan', ['9007199254740993'], '9007199254740992')).toBe(true);
    expect(holds('NumericGreaterThan', ['-9007199254740993'], '-9007199254740992')).toBe(true);
    expect(holds('NumericEquals', ['0'], '-0.000')).toBe(true);
    expect(holds('NumericEquals', ['007'], '7')).toBe(true);
  });
});

describe('ARNs', () => {
  test('policy trap 14: a wildcard stays within its component', () => {
    expect(holds('ArnLike', ['arn:aws:s3:::a*'], 'arn:aws:s3:::abc')).toBe(true);
    expect(holds('ArnLike', ['arn:aws:*:bucket'], 'arn:aws:s3:::bucket')).toBe(false);
    expect(holds('ArnLike', ['arn:aws:sns:*:topic:x'], 'arn:aws:sns:us-east-1:1:topic:x')).toBe(false);
    expect(holds('ArnLike', ['arn:aws:sns:*:*:topic*'], 'arn:aws:sns:us-east-1:1:topic:x')).toBe(true);
  });
});
