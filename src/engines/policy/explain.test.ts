/** Explanations: every layer's word, all statements that decided, and near misses with what failed. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables look like placeholders
import { expect, test } from 'vitest';
import { combine, compile, explain } from './index.ts';
import type { AuthorizationRequest, PolicyKind } from './types.ts';

const rudy = {
  kind: 'user',
  account: '111122223333',
  arn: 'arn:aws:iam::111122223333:user/rudy',
  id: 'AIDA1',
  name: 'rudy',
} as const;

const set = (kind: PolicyKind, ...statements: object[]) =>
  combine([
    compile(JSON.stringify({ Version: '2012-10-17', Statement: statements }), kind, { id: `the ${kind} policy` }),
  ]);

function request(changes: Partial<AuthorizationRequest>, values: Record<string, string> = {}): AuthorizationRequest {
  return {
    principal: rudy,
    action: 's3:GetObject',
    resource: { arn: 'arn:aws:s3:::shop/menu', account: '111122223333' },
    context: { get: (key) => values[key] },
    layers: { identity: set('identity', { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }) },
    ...changes,
  };
}

const misses = (statement: object, values: Record<string, string> = {}, changes: Partial<AuthorizationRequest> = {}) =>
  explain(request({ layers: { identity: set('identity', statement) }, ...changes }, values)).nearMisses;

test('every layer says its word', () => {
  const layers = {
    identity: set('identity', { Effect: 'Allow', Action: '*', Resource: '*' }),
    boundary: set('boundary', { Effect: 'Allow', Action: 'ec2:*', Resource: '*' }),
    scps: [
      set('scp', { Effect: 'Allow', Action: '*', Resource: '*' }),
      set('scp', { Effect: 'Deny', Action: 'iam:*', Resource: '*' }),
    ],
  };
  expect(explain(request({ layers })).layers).toEqual([
    { layer: 'scp', name: 'level 1 of 2', verdict: 'allows' },
    { layer: 'scp', name: 'level 2 of 2', verdict: 'silent' },
    { layer: 'identity', verdict: 'allows' },
    { layer: 'boundary', verdict: 'silent' },
  ]);
});

test('all statements that granted are named, each once', () => {
  const identity = set(
    'identity',
    { Sid: 'A', Effect: 'Allow', Action: '*', Resource: ['*', 'arn:aws:s3:::shop/*'] },
    { Sid: 'B', Effect: 'Allow', Action: 's3:Get*', Resource: 'arn:aws:s3:::shop/menu' },
  );
  const { decision } = explain(request({ layers: { identity } }));
  expect(decision.statements.map((one) => [one.sid, one.index, one.policy.id])).toEqual([
    ['A', 0, 'the identity policy'],
    ['B', 1, 'the identity policy'],
  ]);
});

test('a failed condition is shown with what was wanted and what was there', () => {
  const statement = {
    Effect: 'Allow',
    Action: '*',
    Resource: '*',
    Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } },
  };
  const [miss] = misses(statement);
  expect(miss?.element).toBe('condition');
  expect(miss?.condition).toEqual({
    operator: 'Bool',
    key: 'aws:MultiFactorAuthPresent',
    wanted: ['true'],
    actual: undefined,
  });
  expect(miss?.hint).toBe('the request carries no aws:MultiFactorAuthPresent');
  expect(misses(statement, { 'aws:multifactorauthpresent': 'false' })[0]?.condition?.actual).toBe('false');
});

test('hints name the usual mistakes', () => {
  const hint = (statement: object, values?: Record<string, string>) =>
    misses({ Effect: 'Allow', Action: 's3:GetObject', Resource: '*', ...statement }, values)[0]?.hint;
  expect(hint({ Resource: 'arn:aws:s3:::shop' })).toContain('names the container only');
  expect(hint({ Resource: 'arn:aws:s3:::shop/menu/*' })).toContain('names what is inside');
  expect(hint({ Resource: 'arn:aws:s3:::shop/Menu' })).toBe('resources heed case');
  expect(hint({ Action: 's3:GetObjct' })).toBe('the statement says s3:GetObjct, the request is s3:GetObject');
  expect(
    misses({ Effect: 'Allow', Action: 's3:ListObject', Resource: '*' }, {}, { action: 's3:ListBucket' })[0]?.hint,
  ).toBe('s3:ListObject: unknown action, did you mean s3:ListBucket');
  expect(hint({ Condition: { StringEquals: { 'aws:x': 'a*' } } }, { 'aws:x': 'ab' })).toContain(
    'StringLike reads them as wildcards',
  );
  expect(hint({ Condition: { StringEquals: { 'aws:x': 'A' } } }, { 'aws:x': 'a' })).toBe('StringEquals heeds case');
  expect(hint({ Resource: 'arn:aws:s3:::${aws:username}/*' })).toBe('the request carries no aws:username');
});

test('near misses come nearest first and end somewhere', () => {
  const many = Array.from({ length: 100 }, (_, index) => ({
    Effect: 'Allow',
    Action: 's3:*',
    Resource: `arn:aws:s3:::other${index}`,
  }));
  const identity = set('identity', ...many.slice(0, 30), {
    Effect: 'Allow',
    Action: 's3:GetObject',
    Resource: '*',
    Condition: { Null: { 'aws:x': 'false' } },
  });
  const found = explain(request({ layers: { identity } })).nearMisses;
  expect(found.length).toBeLessThanOrEqual(8);
  expect(found[0]?.element).toBe('condition');
});

test('a statement for somebody else is a near miss of the principal', () => {
  const policy = (name: string, ids?: Record<string, string>) =>
    combine([
      compile(
        JSON.stringify({
          Statement: {
            Effect: 'Allow',
            Principal: { AWS: `arn:aws:iam::111122223333:user/${name}` },
            Action: '*',
            Resource: '*',
          },
        }),
        'resource',
        { id: 'bucket policy' },
        ids ? { principalIds: ids } : undefined,
      ),
    ]);
  const layers = { identity: combine([]) };
  const [other] = explain(request({ layers, resourceSide: { kind: 'resource', policy: policy('blaine') } })).nearMisses;
  expect(other?.element).toBe('principal');
  const former = policy('rudy', { 'arn:aws:iam::111122223333:user/rudy': 'AIDA0' });
  const [earlier] = explain(request({ layers, resourceSide: { kind: 'resource', policy: former } })).nearMisses;
  expect(earlier?.hint).toBe('the statement was bound to an earlier principal of the same name');
});

test('statements of Deny are all named', () => {
  const identity = set(
    'identity',
    { Sid: 'A', Effect: 'Deny', Action: '*', Resource: '*' },
    { Sid: 'B', Effect: 'Deny', Action: 's3:*', Resource: '*' },
  );
  const { decision, nearMisses } = explain(request({ layers: { identity } }));
  expect(decision.statements.map((one) => one.sid)).toEqual(['A', 'B']);
  expect(nearMisses).toEqual([]);
});
