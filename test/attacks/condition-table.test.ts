// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables look like placeholders
/**
 * The truth table of conditions in whole documents and on live calls: operator × qualifier × what the request has. What
 * to expect is written down from the IAM User Guide ("Condition operators", "Set operators for multivalued context keys").
 * Every operator by itself: src/engines/policy/condition.test.ts.
 */
import { CreateUserCommand, IAMClient } from '@aws-sdk/client-iam';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evaluate, PolicySyntaxError } from '../../src/engines/policy/index.ts';
import { cast } from '../scenarios/cast.ts';
import { accountId, type Keys, startInstance, type TestInstance } from '../support/instance.ts';
import { allow, outcome, Principals } from '../support/principals.ts';

/** Whether the condition holds when the key is absent, has no value, matches, does not, or does with one of two values. */
interface Truth {
  readonly absent: boolean;
  readonly empty: boolean;
  readonly match: boolean;
  readonly miss: boolean;
  readonly both: boolean;
}
type Has = keyof Truth;
const [yes, no] = [true, false];

const truth: Readonly<Record<string, { readonly positive: Truth; readonly negated: Truth }>> = {
  // "If the key is not present, the values do not match": negated operators then hold.
  '': {
    positive: { absent: no, empty: no, match: yes, miss: no, both: yes },
    negated: { absent: yes, empty: yes, match: no, miss: yes, both: no },
  },
  // "If the key is not present, evaluate the condition element as true."
  IfExists: {
    positive: { absent: yes, empty: yes, match: yes, miss: no, both: yes },
    negated: { absent: yes, empty: yes, match: no, miss: yes, both: no },
  },
  // "True if every value matches, or if there are no keys or they resolve to an empty data set."
  'ForAllValues:': {
    positive: { absent: yes, empty: yes, match: yes, miss: no, both: no },
    negated: { absent: yes, empty: yes, match: no, miss: yes, both: no },
  },
  'ForAllValues:IfExists': {
    positive: { absent: yes, empty: yes, match: yes, miss: no, both: no },
    negated: { absent: yes, empty: yes, match: no, miss: yes, both: no },
  },
  // "True if any value matches; false if there is no matching key or the data set is empty": also of negated operators.
  'ForAnyValue:': {
    positive: { absent: no, empty: no, match: yes, miss: no, both: yes },
    negated: { absent: no, empty: no, match: no, miss: yes, both: yes },
  },
  'ForAnyValue:IfExists': {
    positive: { absent: yes, empty: yes, match: yes, miss: no, both: yes },
    negated: { absent: yes, empty: yes, match: no, miss: yes, both: yes },
  },
};

/** Operator, its negation, the value in the policy, a value that matches it and one that does not. */
const operators: readonly (readonly [string, string, string, string, string])[] = [
  ['StringEquals', 'StringNotEquals', 'tea', 'tea', 'Tea'],
  ['StringEqualsIgnoreCase', 'StringNotEqualsIgnoreCase', 'tea', 'TEA', 'coffee'],
  ['StringLike', 'StringNotLike', 't?a*', 'tea time', 'a tea'],
  ['NumericEquals', 'NumericNotEquals', '10', '10.0', '11'],
  ['DateEquals', 'DateNotEquals', '2026-01-01T00:00:00Z', '1767225600', '1767225601'],
  ['IpAddress', 'NotIpAddress', '10.0.0.0/8', '10.255.0.1', '11.0.0.1'],
  ['ArnEquals', 'ArnNotEquals', 'arn:aws:s3:::sh?p', 'arn:aws:s3:::shop', 'arn:aws:s3:::store'],
  ['ArnLike', 'ArnNotLike', 'arn:aws:iam::*:user/*', 'arn:aws:iam::1:user/a', 'arn:aws:iam::1:role/a'],
];

const named = (qualifier: string, operator: string) =>
  qualifier.startsWith('For') ? qualifier.replace(':', `:${operator}`) : `${operator}${qualifier}`;

const cells = Object.entries(truth).flatMap(([qualifier, { positive, negated }]) =>
  operators.flatMap(([plain, negation, wanted, match, miss]) => {
    const values: Readonly<Record<Has, string | readonly string[] | undefined>> = {
      absent: undefined,
      empty: [],
      match,
      miss,
      both: [match, miss],
    };
    return (Object.keys(values) as Has[]).flatMap((has) => [
      { operator: named(qualifier, plain), has, wanted, value: values[has], holds: positive[has] },
      { operator: named(qualifier, negation), has, wanted, value: values[has], holds: negated[has] },
    ]);
  }),
);

function verdict(
  Version: string | undefined,
  Condition: object,
  context: Record<string, string | readonly string[] | undefined>,
  Effect = 'Allow',
) {
  const statements = [{ ...allow('s3:*', { Condition }), Effect }, ...(Effect === 'Deny' ? [allow('*')] : [])];
  return evaluate({
    principal: cast.rudy,
    action: 's3:GetObject',
    resource: { arn: 'arn:aws:s3:::shop/menu', account: accountId },
    context,
    identity: [{ ...(Version && { Version }), Statement: statements }],
  }).verdict;
}

describe('policy trap 12: the truth table, in whole documents', () => {
  it('has a line for every operator, qualifier and kind of value', () => {
    expect(cells).toHaveLength(6 * 16 * 5);
  });

  it.each(cells)('$operator, $has: $holds', ({ operator, wanted, value, holds }) => {
    const Condition = { [operator]: { 'x:Key': wanted } };
    expect(verdict('2012-10-17', Condition, { 'x:key': value })).toBe(holds ? 'allowed' : 'implicitDeny');
    expect(verdict('2012-10-17', Condition, { 'X:KEY': value }, 'Deny')).toBe(holds ? 'explicitDeny' : 'allowed');
  });

  it('Null asks for the key, and takes no IfExists', () => {
    for (const [value, isThere] of [
      [undefined, false],
      [[], false],
      ['', true],
      ['x', true],
    ] as const) {
      expect(verdict('2012-10-17', { Null: { 'x:key': 'true' } }, { 'x:key': value })).toBe(
        isThere ? 'implicitDeny' : 'allowed',
      );
      expect(verdict('2012-10-17', { Null: { 'x:key': 'false' } }, { 'x:key': value })).toBe(
        isThere ? 'allowed' : 'implicitDeny',
      );
    }
    expect(() => verdict('2012-10-17', { NullIfExists: { 'x:key': 'true' } }, {})).toThrow(PolicySyntaxError);
  });

  it('variables are text under the old version and without any, in Allow and in Deny', () => {
    const Condition = { StringEquals: { 'x:key': '${aws:username}' } };
    for (const Version of ['2008-10-17', undefined]) {
      expect(verdict(Version, Condition, { 'x:key': 'rudy', 'aws:username': 'rudy' })).toBe('implicitDeny');
      expect(verdict(Version, Condition, { 'x:key': '${aws:username}', 'aws:username': 'rudy' })).toBe('allowed');
      expect(verdict(Version, Condition, { 'x:key': 'rudy', 'aws:username': 'rudy' }, 'Deny')).toBe('allowed');
    }
    expect(verdict('2012-10-17', Condition, { 'x:key': 'rudy', 'aws:username': 'rudy' })).toBe('allowed');
    expect(verdict('2012-10-17', Condition, { 'x:key': '${aws:username}', 'aws:username': 'rudy' })).toBe(
      'implicitDeny',
    );
  });

  it('conditions of one statement must all hold, the values of one key need one that does', () => {
    const two = { StringEquals: { 'x:a': ['1', '2'], 'x:b': '3' }, StringNotEquals: { 'x:c': ['4', '5'] } };
    const said = (a: string, b: string, c: string) => verdict('2012-10-17', two, { 'x:a': a, 'x:b': b, 'x:c': c });
    expect(said('2', '3', '6')).toBe('allowed');
    expect(said('3', '3', '6')).toBe('implicitDeny');
    expect(said('2', '4', '6')).toBe('implicitDeny');
    expect(said('2', '3', '5')).toBe('implicitDeny');
  });
});

describe('policy trap 12: the truth table, on live calls', () => {
  let instance: TestInstance;
  let principals: Principals;
  const callers = new Map<string, Keys>();
  const tags: Readonly<Record<string, readonly string[]>> = {
    absent: [],
    match: ['tea'],
    miss: ['milk'],
    both: ['tea', 'milk'],
  };
  beforeAll(async () => {
    instance = await startInstance();
    principals = new Principals(instance);
    callers.set('absent', await principals.user('absent'));
    for (const Value of ['tea', 'milk', ''])
      callers.set(Value, await principals.user(`has-${Value}`, { tags: [{ Key: 'drink', Value }] }));
    callers.set('tagger', await principals.user('tagger'));
  });
  afterAll(() => instance.stop());

  it.each(Object.keys(truth))('several values (aws:TagKeys of iam:CreateUser): %s', async (qualifier) => {
    const iam = new IAMClient(instance.clientOptions(callers.get('tagger')));
    let number = 0;
    for (const [operator, kind] of [
      ['StringEquals', 'positive'],
      ['StringNotEquals', 'negated'],
    ] as const) {
      const Condition = { [named(qualifier, operator)]: { 'aws:TagKeys': 'tea' } };
      await principals.userMay('tagger', allow('iam:CreateUser', { Condition }), allow('iam:TagUser'));
      for (const [has, keys] of Object.entries(tags)) {
        const Tags = keys.map((Key) => ({ Key, Value: 'x' }));
        number += 1;
        const UserName = `made-${qualifier.replace(':', '-')}-${number}`;
        const answer = await outcome(iam.send(new CreateUserCommand({ UserName, Tags })));
        const holds = truth[qualifier]?.[kind][has as Has];
        expect(`${operator} ${has}: ${answer}`).toBe(`${operator} ${has}: ${holds ? 'allowed' : 'AccessDenied'}`);
      }
    }
  });

  it.each(['', 'IfExists'])('one value (aws:PrincipalTag): %s', async (qualifier) => {
    for (const [operator, kind] of [
      ['StringEquals', 'positive'],
      ['StringNotEquals', 'negated'],
    ] as const) {
      const Condition = { [named(qualifier, operator)]: { 'aws:PrincipalTag/drink': 'tea' } };
      for (const [name, has] of [
        ['absent', 'absent'],
        ['tea', 'match'],
        ['milk', 'miss'],
        ['', 'miss'],
      ] as const) {
        await principals.userMay(name === 'absent' ? name : `has-${name}`, allow('s3:ListAllMyBuckets', { Condition }));
        const s3 = new S3Client(instance.clientOptions(callers.get(name)));
        const answer = await outcome(s3.send(new ListBucketsCommand({})));
        const holds = truth[qualifier]?.[kind][has];
        expect(`${operator} ${name}: ${answer}`).toBe(`${operator} ${name}: ${holds ? 'allowed' : 'AccessDenied'}`);
      }
    }
  });
});
