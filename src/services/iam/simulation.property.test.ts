/** Trap 19: the simulator must never become a second implementation. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { combine, compile, decide } from '../../engines/policy/index.ts';
import type { RequestPrincipal } from '../../engines/policy/types.ts';
import { compiledInputs, Simulator } from './simulation.ts';
import { SimulatedContext } from './simulation-context.ts';

const cases = Number(process.env.SIMULATOR_CASES ?? 1_500);
const account = '111122223333';
const principal: RequestPrincipal = {
  kind: 'user',
  account,
  arn: `arn:aws:iam::${account}:user/rudy`,
  id: 'AIDAEXAMPLEEXAMPLE001',
  name: 'rudy',
};

const actions = ['s3:GetObject', 's3:ListBucket', 'ec2:RunInstances', 'sts:AssumeRole', 'kms:Decrypt'];
const resources = ['arn:aws:s3:::shop', 'arn:aws:s3:::shop/a', `arn:aws:kms:us-east-1:${account}:key/k`, '*'];
const condition = fc.oneof(
  fc.constant(undefined),
  fc.record({
    operator: fc.constantFrom(
      'StringEquals',
      'StringNotEquals',
      'StringLikeIfExists',
      'ForAllValues:StringEquals',
      'Null',
    ),
    key: fc.constantFrom('aws:username', 's3:prefix', 'aws:TagKeys'),
    value: fc.constantFrom('rudy', 'a', 'true', '*'),
  }),
);
const statement = fc
  .record({
    Effect: fc.constantFrom('Allow', 'Deny'),
    Action: fc.constantFrom('*', 's3:*', 's3:Get*', 'ec2:RunInstances', 'sts:AssumeRole', 'kms:*'),
    Resource: fc.constantFrom('*', 'arn:aws:s3:::shop', 'arn:aws:s3:::shop/*'),
    condition,
  })
  .map(({ condition, ...rest }) =>
    condition ? { ...rest, Condition: { [condition.operator]: { [condition.key]: condition.value } } } : rest,
  );
const identity = fc
  .array(statement, { minLength: 1, maxLength: 4 })
  .map((Statement) => JSON.stringify({ Version: '2012-10-17', Statement }));
const resourcePolicy = fc
  .record({
    Effect: fc.constantFrom('Allow', 'Deny'),
    AWS: fc.constantFrom('*', account, principal.arn, '444455556666'),
    Action: fc.constantFrom('s3:*', 's3:GetObject'),
  })
  .map(({ Effect, AWS, Action }) =>
    JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect, Principal: { AWS }, Action, Resource: '*' }],
    }),
  );
const values = fc
  .record(
    {
      'aws:username': fc.constantFrom('rudy', 'blaine'),
      's3:prefix': fc.constantFrom('a', 'b'),
      'aws:tagkeys': fc.subarray(['a', 'b', 'rudy']),
    },
    { requiredKeys: [] },
  )
  .map((entries) => new Map<string, string | readonly string[]>(Object.entries(entries)));

test(`policy trap 19: simulating decides as enforcing does, ${cases} random cases`, () => {
  let allowed = 0;
  fc.assert(
    fc.property(
      fc.array(identity, { maxLength: 3 }),
      fc.option(identity, { nil: undefined }),
      fc.option(resourcePolicy, { nil: undefined }),
      values,
      fc.constantFrom(...actions),
      fc.constantFrom(...resources),
      fc.constantFrom(account, '444455556666'),
      (documents, bound, onResource, values, action, resource, owner) => {
        const s3Side = action.startsWith('s3:') ? onResource : undefined;
        const boundary = bound === undefined ? undefined : combine([compile(bound, 'boundary', { id: 'b' })]);
        const enforced = decide({
          principal,
          action,
          resource: { arn: resource, account: resource.split(':')[4] || owner },
          context: new SimulatedContext(values),
          layers: {
            identity: combine(documents.map((document) => compile(document, 'identity', { id: 'i' }))),
            boundary,
          },
          resourceSide:
            s3Side === undefined
              ? undefined
              : { kind: 'resource', policy: combine([compile(s3Side, 'resource', { id: 'r' })]) },
        });
        const simulated = new Simulator({
          principal,
          layers: {
            identity: combine(compiledInputs('PolicyInputList', 'identity', documents)),
            ...(bound !== undefined && { boundary: combine(compiledInputs('Boundary', 'boundary', [bound])) }),
          },
          resourcePolicy: s3Side,
          resourceOwner: owner,
          values,
        }).evaluate(action, resource);
        if (enforced.allowed) allowed++;
        expect(simulated.EvalDecision).toBe(enforced.verdict);
      },
    ),
    { numRuns: cases },
  );
  // The cases must not be all of one kind.
  expect(allowed).toBeGreaterThan(cases / 50);
  expect(allowed).toBeLessThan((cases * 49) / 50);
});
