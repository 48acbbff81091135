/** Metamorphic laws: changes to policies that must not change a decision, or only in one direction. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables look like placeholders
import { describe, expect, test } from 'vitest';
import { decide } from '../../src/engines/policy/index.ts';
import { engineRequest } from './engine-request.ts';
import { generate } from './generate.ts';
import { Dice } from './random.ts';
import { list, type OraclePolicy, type OracleRequest, type OracleStatement } from './words.ts';

const cases = Number(process.env.LAW_CASES ?? 1_500);
const seed = Number(process.env.LAW_SEED ?? Math.floor(Math.random() * 2 ** 31));

type Verdict = 'allowed' | 'explicitDeny' | 'implicitDeny';

const verdictOf = (request: OracleRequest): Verdict => decide(engineRequest(request)).verdict;

function eachCase(check: (request: OracleRequest, dice: Dice) => void): void {
  for (let index = 0; index < cases; index++) {
    const dice = new Dice(seed + index);
    const request = generate(dice);
    try {
      check(request, dice);
    } catch (error) {
      throw new Error(`LAW_SEED=${seed + index} LAW_CASES=1\n${JSON.stringify(request, null, 1)}`, { cause: error });
    }
  }
}

/** Applies a change to every statement list of the request. */
function mapPolicies(request: OracleRequest, change: (policy: OraclePolicy) => OraclePolicy): OracleRequest {
  const all = (policies: readonly OraclePolicy[]): OraclePolicy[] => policies.map(change);
  return {
    ...request,
    identity: all(request.identity),
    ...(request.boundary ? { boundary: all(request.boundary) } : {}),
    ...(request.session ? { session: all(request.session) } : {}),
    ...(request.scps ? { scps: request.scps.map(all) } : {}),
    ...(request.rcps ? { rcps: request.rcps.map(all) } : {}),
    ...(request.endpoint ? { endpoint: all(request.endpoint) } : {}),
    ...(request.resourcePolicy
      ? { resourcePolicy: { ...request.resourcePolicy, policy: change(request.resourcePolicy.policy) } }
      : {}),
  };
}

const statementsOf = (policy: OraclePolicy): readonly OracleStatement[] => list(policy.Statement);

const everything: OraclePolicy = { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: '*', Resource: '*' } };
const nothing: OraclePolicy = {
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Action: 'none:none', Resource: '*' },
};
const everythingForAll: OraclePolicy = {
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' },
};

describe(`policy traps: metamorphic laws over ${cases} cases (LAW_SEED=${seed})`, () => {
  test('order, duplicates and one-element lists change nothing', { timeout: 120_000 }, () => {
    eachCase((request, dice) => {
      const before = verdictOf(request);
      const shuffled = mapPolicies(request, (policy) => ({
        ...policy,
        Statement: [...statementsOf(policy), dice.pick(statementsOf(policy))].sort(() => dice.next() - 0.5),
      }));
      expect(verdictOf(shuffled)).toBe(before);
      const wrapped = mapPolicies(request, (policy) => ({
        ...policy,
        Statement: statementsOf(policy).map((one) => ({
          ...one,
          ...(one.Action === undefined ? {} : { Action: list(one.Action) }),
        })),
      }));
      expect(verdictOf(wrapped)).toBe(before);
    });
  });

  test('splitting a statement by actions or resources changes nothing', { timeout: 120_000 }, () => {
    eachCase((request) => {
      const split = mapPolicies(request, (policy) => ({
        ...policy,
        Statement: statementsOf(policy).flatMap((one) => {
          if (one.Action === undefined) return [one];
          return list(one.Action).flatMap((action) =>
            one.Resource === undefined
              ? [{ ...one, Action: action }]
              : list(one.Resource).map((resource) => ({ ...one, Action: action, Resource: resource })),
          );
        }),
      }));
      expect(verdictOf(split)).toBe(verdictOf(request));
    });
  });

  test('splitting a policy into one policy per statement changes nothing', { timeout: 120_000 }, () => {
    eachCase((request) => {
      const alone = (policies: readonly OraclePolicy[]): OraclePolicy[] =>
        policies.flatMap((policy) => statementsOf(policy).map((statement) => ({ ...policy, Statement: statement })));
      expect(verdictOf({ ...request, identity: alone(request.identity) })).toBe(verdictOf(request));
    });
  });

  test('the case of actions changes nothing', { timeout: 120_000 }, () => {
    eachCase((request) => {
      const loud = mapPolicies(request, (policy) => ({
        ...policy,
        Statement: statementsOf(policy).map((one) => ({
          ...one,
          ...(one.Action === undefined ? {} : { Action: list(one.Action).map((action) => action.toUpperCase()) }),
          ...(one.NotAction === undefined
            ? {}
            : { NotAction: list(one.NotAction).map((action) => action.toUpperCase()) }),
        })),
      }));
      expect(verdictOf(loud)).toBe(verdictOf(request));
      expect(verdictOf({ ...request, action: request.action.toLowerCase() })).toBe(verdictOf(request));
    });
  });

  test('another Allow never takes away, another Deny never gives', { timeout: 120_000 }, () => {
    eachCase((request, dice) => {
      const before = verdictOf(request);
      const other = generate(dice).identity.flatMap((policy) =>
        statementsOf(policy).map((statement) => ({ ...policy, Statement: statement })),
      );
      const allows = other.filter((policy) => policy.Statement.Effect === 'Allow');
      const denies = other.filter((policy) => policy.Statement.Effect === 'Deny');
      const more = verdictOf({ ...request, identity: [...request.identity, ...allows] });
      if (before === 'allowed') expect(more).toBe('allowed');
      if (before === 'explicitDeny') expect(more).toBe('explicitDeny');
      const less = verdictOf({ ...request, identity: [...request.identity, ...denies] });
      if (before !== 'allowed') expect(less).not.toBe('allowed');
    });
  });

  test('limits that allow everything change nothing', { timeout: 120_000 }, () => {
    eachCase((request) => {
      const before = verdictOf(request);
      const with_ = (more: Partial<OracleRequest>): Verdict => verdictOf({ ...request, ...more });
      expect(with_({ scps: [...(request.scps ?? []), [everything]] })).toBe(
        request.scps?.length === 0 ? with_({ scps: [[everything]] }) : before,
      );
      expect(with_({ rcps: [...(request.rcps ?? []), [everythingForAll]] })).toBe(
        request.rcps?.length === 0 ? with_({ rcps: [[everythingForAll]] }) : before,
      );
      if (!request.endpoint) expect(with_({ endpoint: [everythingForAll] })).toBe(before);
      // A boundary makes NotPrincipal deny, and a federated session lives by its session policy.
      const names =
        JSON.stringify(request.resourcePolicy ?? {}).includes('NotPrincipal') ||
        JSON.stringify(request.endpoint ?? {}).includes('NotPrincipal');
      if (!request.boundary && !names) expect(with_({ boundary: [everything] })).toBe(before);
      if (!request.session && request.principal.kind !== 'federated-user')
        expect(with_({ session: [everything] })).toBe(before);
    });
  });

  test('limits that allow nothing deny, but for the direct grants that AWS documents', { timeout: 120_000 }, () => {
    eachCase((request) => {
      const { principal } = request;
      const signed = principal.kind !== 'service' && principal.kind !== 'federated' && principal.kind !== 'anonymous';
      const linked = principal.kind === 'assumed-role' && principal.serviceLinked;
      if (signed && !linked) expect(verdictOf({ ...request, scps: [[nothing]] })).not.toBe('allowed');
      if (!linked && request.action !== 'kms:RetireGrant')
        expect(verdictOf({ ...request, rcps: [[]] })).not.toBe('allowed');
      expect(verdictOf({ ...request, endpoint: [] })).not.toBe('allowed');
      if (!signed || request.resourcePolicy) return;
      expect(verdictOf({ ...request, session: [nothing] })).not.toBe('allowed');
      if (principal.kind === 'user' || principal.kind === 'assumed-role') {
        expect(verdictOf({ ...request, boundary: [nothing] })).not.toBe('allowed');
      }
    });
  });

  test('garbage in the request never turns a Deny into an Allow', { timeout: 120_000 }, () => {
    const typed = /^(Numeric|Date|Bool|Binary|IpAddress|NotIpAddress|Arn)/;
    eachCase((request, dice) => {
      const keys = Object.keys(request.context);
      if (keys.length === 0) return;
      const key = dice.pick(keys);
      // Text operators read every value; only where types are asked for is a value garbage.
      const statements = [...request.identity].flatMap(statementsOf).filter((one) => one.Effect === 'Deny');
      const names = statements.flatMap((one) => Object.keys(one.Condition ?? {}));
      if (!names.every((name) => typed.test(name.replace(/^For(All|Any)Values?:/, '')) || name.startsWith('Null')))
        return;
      const onlyDenies = {
        ...request,
        identity: request.identity.map((policy) => ({
          ...policy,
          Statement: [
            ...statementsOf(policy).filter((one) => one.Effect === 'Deny'),
            { Effect: 'Allow', Action: 'none:none', Resource: '*' } as const,
          ],
        })),
      };
      const before = decide(engineRequest({ ...withoutOthers(onlyDenies) })).verdict;
      if (typeof request.context[key] !== 'string' || before !== 'explicitDeny') return;
      if (JSON.stringify(onlyDenies.identity).includes('${')) return;
      const after = verdictOf(
        withoutOthers({ ...onlyDenies, context: { ...request.context, [key]: 'not of any type' } }),
      );
      expect(after).toBe('explicitDeny');
    });
  });
});

/** Identity policies alone. */
function withoutOthers({ principal, action, resource, context, identity }: OracleRequest): OracleRequest {
  return { principal, action, resource, context, identity };
}
