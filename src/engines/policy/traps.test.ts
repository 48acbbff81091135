/** Mistakes that other engines made, one test each: whoever repeats them fails here. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables look like placeholders
import { performance } from 'node:perf_hooks';
import { expect, test } from 'vitest';
import { glob, matches } from '../text/glob.ts';
import { combine, compile, decide, PolicySyntaxError } from './index.ts';
import type { AuthorizationRequest, RequestPrincipal } from './types.ts';

const rudy: RequestPrincipal = {
  kind: 'user',
  account: '111122223333',
  arn: 'arn:aws:iam::111122223333:user/rudy',
  id: 'AIDA1',
  name: 'rudy',
};

function verdict(
  statements: object | object[],
  changes: Partial<AuthorizationRequest> = {},
  values: Record<string, string | string[]> = {},
): string {
  const text = JSON.stringify({ Version: '2012-10-17', Statement: statements });
  return decide({
    principal: rudy,
    action: 's3:GetObject',
    resource: { arn: 'arn:aws:s3:::shop/menu', account: '111122223333' },
    context: { get: (key) => values[key] },
    layers: { identity: combine([compile(text, 'identity', { id: 'p' })]) },
    ...changes,
  }).verdict;
}

const allowAll = { Effect: 'Allow', Action: '*', Resource: '*' };

test('policy trap 1: a Deny holds whatever the case of its action', () => {
  for (const action of ['s3:getobject', 'S3:GETOBJECT', 's3:gEtOb*', 'S3:*']) {
    expect(verdict([allowAll, { Effect: 'Deny', Action: action, Resource: '*' }])).toBe('explicitDeny');
  }
});

test('policy trap 2: nothing falls through for unknown actions and anonymous callers', () => {
  expect(verdict({ ...allowAll, Action: 's3:*' }, { action: 'x:Unknown' })).toBe('implicitDeny');
  expect(verdict({ ...allowAll, Action: 's3:*' }, { action: '' })).toBe('implicitDeny');
  expect(verdict(allowAll, { principal: { kind: 'anonymous' } })).toBe('implicitDeny');
});

test('policy trap 5: empty lists are refused', () => {
  for (const part of ['Action', 'NotAction', 'Resource', 'NotResource']) {
    const negated = part.startsWith('Not') ? { [part.slice(3)]: undefined } : {};
    expect(() => verdict({ ...allowAll, ...negated, [part]: [] })).toThrow(PolicySyntaxError);
  }
});

test('policy trap 8: a garbled address, date, number or ARN never lifts a Deny', () => {
  const conditions = [
    { NotIpAddress: { 'x:k': '10.0.0.0/8' } },
    { IpAddress: { 'x:k': '0.0.0.0/0' } },
    { DateGreaterThan: { 'x:k': '2020-01-01' } },
    { NumericLessThan: { 'x:k': '5' } },
    { ArnNotLike: { 'x:k': 'arn:aws:iam::*:role/admin' } },
    { ArnLike: { 'x:k': 'arn:aws:iam::*:role/*' } },
    { Bool: { 'x:k': 'false' } },
  ];
  for (const Condition of conditions) {
    expect(verdict([allowAll, { ...allowAll, Effect: 'Deny', Condition }], {}, { 'x:k': 'garbage' })).toBe(
      'explicitDeny',
    );
    expect(verdict({ ...allowAll, Condition }, {}, { 'x:k': 'garbage' })).toBe('implicitDeny');
  }
});

test('policy trap 13: a value with wildcards does not widen a pattern', () => {
  const home = { ...allowAll, Resource: 'arn:aws:s3:::shop/${aws:username}/*' };
  const resource = { arn: 'arn:aws:s3:::shop/blaine/x', account: '111122223333' };
  for (const name of ['*', '?laine', 'bl*', '${aws:username}']) {
    expect(verdict(home, { resource }, { 'aws:username': name })).toBe('implicitDeny');
  }
  const tag = { ...allowAll, Condition: { StringLike: { 'x:k': '${aws:PrincipalTag/team}' } } };
  expect(verdict(tag, {}, { 'x:k': 'anything', 'aws:principaltag/team': '*' })).toBe('implicitDeny');
  expect(verdict(tag, {}, { 'x:k': '*', 'aws:principaltag/team': '*' })).toBe('allowed');
});

test('policy trap 13: a value with colons does not move the parts of an ARN pattern', () => {
  const statement = { ...allowAll, Condition: { ArnLike: { 'x:k': 'arn:aws:sns:*:${aws:PrincipalTag/a}:topic' } } };
  expect(verdict(statement, {}, { 'x:k': 'arn:aws:sns:r:1:2:topic', 'aws:principaltag/a': '1:2' })).toBe(
    'implicitDeny',
  );
});

test('policy trap 14: a bucket is not its objects, and the other way round', () => {
  expect(verdict({ ...allowAll, Resource: 'arn:aws:s3:::shop' })).toBe('implicitDeny');
  expect(verdict({ ...allowAll, Resource: 'arn:aws:s3:::shop*' })).toBe('allowed');
  const bucket = { arn: 'arn:aws:s3:::shop', account: '111122223333' };
  expect(verdict({ ...allowAll, Resource: 'arn:aws:s3:::shop/*' }, { resource: bucket })).toBe('implicitDeny');
});

test('policy trap 21: patterns of stars are bounded in time', () => {
  const text = 'a'.repeat(10_240);
  const shapes = [
    '*a'.repeat(5_000),
    `${'*a'.repeat(5_000)}b`,
    `${'*aaaaaaaa'.repeat(500)}*b`,
    `*${'a'.repeat(2_000)}b*`,
    `*b${'a'.repeat(2_000)}*`,
    `${'*'.repeat(10_000)}b`,
  ];
  for (const shape of shapes) {
    const pattern = glob(shape);
    // The best of several rounds: what else the machine does is no fault of the pattern.
    let best = Number.POSITIVE_INFINITY;
    for (let round = 0; round < 20; round++) {
      const start = performance.now();
      matches(pattern, text);
      best = Math.min(best, performance.now() - start);
    }
    expect(best, shape.slice(0, 20)).toBeLessThan(1);
  }
});

test('policy trap 23: a condition that fails takes its statement away, and nothing else', () => {
  const failing = { ...allowAll, Condition: { StringEquals: { 'x:k': 'y' } } };
  expect(verdict([failing, allowAll])).toBe('allowed');
  expect(verdict([{ ...failing, Effect: 'Deny' }, allowAll])).toBe('allowed');
});

test('policy trap 23: characters that mean something to regular expressions mean themselves', () => {
  for (const [pattern, text] of [
    ['s3:Get.bject', 's3:GetObject'],
    ['s3:(Get)Object', 's3:GetObject'],
    ['s3:[A-Z]etObject', 's3:GetObject'],
    ['s3:Get+', 's3:Gett'],
  ] as const) {
    expect(matches(glob(pattern), text)).toBe(false);
    expect(matches(glob(pattern), pattern)).toBe(true);
  }
});

test('names of Object.prototype are names like any other', () => {
  expect(verdict({ ...allowAll, Action: 'constructor:*' }, { action: 'constructor:prototype' })).toBe('allowed');
  expect(verdict({ ...allowAll, Action: 's3:*' }, { action: '__proto__:x' })).toBe('implicitDeny');
  expect(verdict({ ...allowAll, Condition: { StringEquals: { '__proto__:x': 'y' } } })).toBe('implicitDeny');
});
