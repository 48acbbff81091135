/** The policies on a caller's side, gathered from its user, groups, role and session. */
import { combine } from '../../engines/policy/index.ts';
import type { Layers, PolicySet } from '../../engines/policy/types.ts';
import type { Reader } from '../../store/store.ts';
import type { Caller, Session } from '../service.ts';
import type { CompiledPolicies } from './compiled-policies.ts';
import { groups, roles, rowId, type UserRow, uniqueIds, users } from './state.ts';

/** Organizations' layers are added elsewhere: they change at other times. */
export type OwnLayers = Pick<Layers, 'identity' | 'boundary' | 'session'>;

const empty: PolicySet = combine([]);

export async function ownLayers(reader: Reader, compiled: CompiledPolicies, caller: Caller): Promise<OwnLayers> {
  const { principal, session } = caller;
  switch (principal.kind) {
    case 'user': {
      const own = await userLayers(reader, compiled, principal.account, principal.id);
      const passed = await sessionSet(compiled, principal.account, session);
      return passed ? { ...own, session: passed } : own;
    }
    case 'assumed-role': {
      const row = await reader.get(roles, principal.account, rowId(principal.roleName));
      if (row?.id !== principal.roleId) return { identity: compiled.nothing(principal.account) };
      const identity = combine(await compiled.ofHolder(principal.account, `role ${row.name}`, row));
      const boundary = await boundarySet(compiled, principal.account, row.boundary);
      const passed = await sessionSet(compiled, principal.account, session);
      return { identity, ...(boundary && { boundary }), ...(passed && { session: passed }) };
    }
    case 'federated-user': {
      const issuer =
        principal.issuer.kind === 'root'
          ? { identity: compiled.everything(principal.account) }
          : await userLayers(reader, compiled, principal.account, principal.issuer.id);
      // "If you do not pass a policy, the resulting federated user session has no permissions": GetFederationToken.
      return { ...issuer, session: (await sessionSet(compiled, principal.account, session)) ?? empty };
    }
    case 'root':
    case 'service':
    case 'anonymous':
      return { identity: empty };
  }
}

/** The row of the user with this unique id; undefined when it is deleted. */
export async function userWithId(reader: Reader, account: string, id: string): Promise<UserRow | undefined> {
  const found = await reader.get(uniqueIds, '', id);
  if (found?.kind !== 'user' || found.account !== account) return undefined;
  const row = await reader.get(users, account, rowId(found.name));
  return row?.id === id ? row : undefined;
}

async function userLayers(reader: Reader, compiled: CompiledPolicies, account: string, id: string): Promise<OwnLayers> {
  const row = await userWithId(reader, account, id);
  if (!row) return { identity: compiled.nothing(account) };
  const policies = await compiled.ofHolder(account, `user ${row.name}`, row);
  for (const name of row.groups) {
    const group = await reader.get(groups, account, name);
    if (!group) return { identity: compiled.nothing(account) };
    policies.push(...(await compiled.ofHolder(account, `group ${group.name}`, group)));
  }
  const boundary = await boundarySet(compiled, account, row.boundary);
  return boundary ? { identity: combine(policies), boundary } : { identity: combine(policies) };
}

async function boundarySet(
  compiled: CompiledPolicies,
  account: string,
  arn: string | undefined,
): Promise<PolicySet | undefined> {
  return arn === undefined ? undefined : combine(await compiled.managed(account, [arn], 'boundary'));
}

async function sessionSet(
  compiled: CompiledPolicies,
  account: string,
  session: Session | undefined,
): Promise<PolicySet | undefined> {
  const passed = session?.policies;
  if (!passed) return undefined;
  const policies = await compiled.managed(account, passed.arns, 'session');
  if (passed.inline !== undefined) {
    policies.push(compiled.document(passed.inline, 'session', 'session policy', account));
  }
  return combine(policies);
}
