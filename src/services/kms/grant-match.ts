/** Which grants on a key cover an operation of this caller. */
import type { CheckCall, ResourceGrant } from '../service.ts';
import type { KeyUse } from './checks.ts';
import { type GrantRow, grants, type KeyRow, keyChildren } from './state.ts';

/** Grants that name the operation and whose constraints this call meets; the engine compares the grantee. */
export async function coveringGrants(call: CheckCall, key: KeyRow, use: KeyUse): Promise<readonly ResourceGrant[]> {
  const rows = await call.change.list(grants, keyChildren(key));
  return rows
    .map((row) => row.value)
    .filter((grant) => grant.operations.includes(use.action) && meets(grant, use.encryptionContext ?? {}))
    .map(({ id, grantee, granteeId }) => ({ id, grantee, ...(granteeId !== undefined && { granteeId }) }));
}

function meets({ constraints }: GrantRow, context: Readonly<Record<string, string>>): boolean {
  const { subset, equals } = constraints ?? {};
  if (subset && !Object.entries(subset).every(([name, value]) => context[name] === value)) return false;
  if (!equals) return true;
  const names = Object.keys(equals);
  return names.length === Object.keys(context).length && names.every((name) => context[name] === equals[name]);
}
