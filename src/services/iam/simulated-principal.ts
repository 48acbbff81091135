/** Whom a simulation is about, and the policies that this user, group or role has. */

import { combine } from '../../engines/policy/index.ts';
import type { Layers, RequestPrincipal } from '../../engines/policy/types.ts';
import type { Reader } from '../../store/store.ts';
import type { Caller, ConditionValues } from '../service.ts';
import { entityArn, parseArn } from './arns.ts';
import { ownLayers } from './caller-layers.ts';
import { CompiledPolicies } from './compiled-policies.ts';
import { groupNamed, roleNamed, userNamed } from './entities.ts';
import { invalidInput, noSuchEntity } from './errors.ts';
import type { AwsManagedPolicies } from './policy-documents.ts';
import { roles, rowId, type Tags, users } from './state.ts';

const named = { user: userNamed, group: groupNamed, role: roleNamed };

export interface SimulatedPrincipal {
  readonly principal: RequestPrincipal;
  readonly layers: Pick<Layers, 'identity' | 'boundary'>;
  /** `aws:username`, `aws:PrincipalTag/…` and the like. */
  readonly values: ConditionValues;
}

/** A caller of whom nothing but the account is known. */
export function anybody(account: string): RequestPrincipal {
  return {
    kind: 'user',
    account,
    arn: `arn:aws:iam::${account}:user/simulated`,
    id: 'AIDASIMULATED',
    name: 'simulated',
  };
}

/**
 * The user or role that an ARN names, to be the caller of simulated requests. One that does not exist has its ARN only,
 * and so has one of another account: a simulation must not tell what ids and tags strangers have.
 * @param asking the account that simulates
 * @throws InvalidInput for ARNs of anything else
 */
export async function simulatedCaller(
  reader: Reader,
  asking: string,
  arn: string,
): Promise<{ readonly principal: RequestPrincipal; readonly values: ConditionValues }> {
  const parsed = parseArn(arn);
  if (parsed?.kind !== 'user' && parsed?.kind !== 'role') {
    throw invalidInput(`Invalid CallerArn ${arn}: it must be the ARN of a user or role.`);
  }
  const { account, name } = parsed;
  const row =
    parsed.kind === 'user'
      ? await reader.get(users, account, rowId(name))
      : await reader.get(roles, account, rowId(name));
  // The path is part of the name: whoever has another one is somebody else.
  const isOurs = account === asking;
  const known =
    isOurs && row !== undefined && entityArn(parsed.kind, account, row.path, row.name) === arn ? row : undefined;
  const id = known?.id ?? 'UNKNOWN';
  const principal: RequestPrincipal =
    parsed.kind === 'user'
      ? { kind: 'user', account, arn, id, name }
      : {
          kind: 'assumed-role',
          account,
          arn: `arn:aws:sts::${account}:assumed-role/${name}/simulated`,
          id: `${id}:simulated`,
          roleArn: arn,
          roleId: id,
          roleName: name,
          sessionName: 'simulated',
          serviceLinked: known !== undefined && 'linkedTo' in known,
        };
  return { principal, values: callerValues(principal, known?.tags ?? {}) };
}

/**
 * The policies of an entity of this account.
 * @throws NoSuchEntity, InvalidInput
 */
export async function policySource(
  reader: Reader,
  awsManaged: AwsManagedPolicies,
  account: string,
  arn: string,
): Promise<SimulatedPrincipal> {
  const parsed = parseArn(arn);
  if (parsed?.kind !== 'user' && parsed?.kind !== 'role' && parsed?.kind !== 'group') {
    throw invalidInput(`Invalid Entity Arn: ${arn} does not clearly define entity type and name.`);
  }
  if (parsed.account !== account) throw noSuchEntity(`Entity ${arn} cannot be found.`);
  const row = await named[parsed.kind](reader, account, parsed.name);
  if (entityArn(parsed.kind, account, row.path, row.name) !== arn) throw noSuchEntity(`Entity ${arn} cannot be found.`);
  const compiled = new CompiledPolicies(reader, awsManaged);
  if (parsed.kind === 'group') {
    const identity = combine(await compiled.ofHolder(account, `group ${row.name}`, row));
    return { principal: anybody(account), layers: { identity }, values: { 'aws:PrincipalAccount': account } };
  }
  const { principal, values } = await simulatedCaller(reader, account, arn);
  const layers = await ownLayers(reader, compiled, { principal, account } as Caller);
  return { principal, layers, values };
}

/** As the gateway tells them of a real caller; `aws:userid` and `aws:username` where the kind of caller has them. */
function callerValues(principal: RequestPrincipal, tags: Tags): ConditionValues {
  if (principal.kind !== 'user' && principal.kind !== 'assumed-role') return {};
  return {
    'aws:userid': principal.id,
    'aws:PrincipalAccount': principal.account,
    'aws:PrincipalArn': principal.kind === 'user' ? principal.arn : principal.roleArn,
    'aws:PrincipalType': principal.kind === 'user' ? 'User' : 'AssumedRole',
    ...(principal.kind === 'user' && { 'aws:username': principal.name }),
    ...Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:PrincipalTag/${key}`, value])),
  };
}
