/** Users, groups and roles as the holders of policies: what attaching and inlining need to know of each. */
import type { Reader, Table } from '../../store/store.ts';
import type { Check, CheckCall, ConditionValues } from '../service.ts';
import { groupCheck, roleCheck, userCheck } from './checks.ts';
import { groupNamed, roleNamed, userNamed } from './entities.ts';
import { unmodifiable } from './errors.ts';
import type { Quotas } from './quotas.ts';
import { type GroupRow, groups, type PolicyHolder, type RoleRow, roles, rowId, type UserRow, users } from './state.ts';

export interface Holder<R extends PolicyHolder & { readonly boundary?: string }> {
  readonly kind: 'user' | 'group' | 'role';
  /** As in operation names: `User`. */
  readonly title: 'User' | 'Group' | 'Role';
  readonly table: Table<R>;
  /** @throws NoSuchEntity */
  named(reader: Reader, account: string, name: string): Promise<R>;
  check(call: CheckCall, action: string, name: string, context?: ConditionValues): Promise<Check>;
  /** @throws UnmodifiableEntity for what only AWS changes */
  assertModifiable(row: R): void;
  attachmentLimit(quotas: Quotas): number;
  inlineLimit(quotas: Quotas): number;
}

export const userHolder: Holder<UserRow> = {
  kind: 'user',
  title: 'User',
  table: users,
  named: userNamed,
  check: userCheck,
  assertModifiable: () => undefined,
  attachmentLimit: (quotas) => quotas.policiesPerUser,
  inlineLimit: (quotas) => quotas.userInlineSize,
};

export const groupHolder: Holder<GroupRow> = {
  kind: 'group',
  title: 'Group',
  table: groups,
  named: groupNamed,
  async check(call, action, name, context) {
    const check = await groupCheck(call, action, name);
    return context ? { ...check, context } : check;
  },
  assertModifiable: () => undefined,
  attachmentLimit: (quotas) => quotas.policiesPerGroup,
  inlineLimit: (quotas) => quotas.groupInlineSize,
};

export const roleHolder: Holder<RoleRow> = {
  kind: 'role',
  title: 'Role',
  table: roles,
  named: roleNamed,
  check: roleCheck,
  assertModifiable: assertOwnRole,
  attachmentLimit: (quotas) => quotas.policiesPerRole,
  inlineLimit: (quotas) => quotas.roleInlineSize,
};

/** @throws UnmodifiableEntity for service-linked roles */
export function assertOwnRole(row: RoleRow): void {
  if (row.linkedTo === undefined) return;
  throw unmodifiable(
    `Cannot perform the operation on the protected role '${row.name}' - this role is only modifiable by AWS`,
  );
}

/** `iam:PermissionsBoundary` of operations on an entity's policies: the boundary that it has now. */
export async function boundaryValues<R extends PolicyHolder & { readonly boundary?: string }>(
  holder: Holder<R>,
  call: CheckCall,
  name: string,
): Promise<ConditionValues> {
  const row = await call.change.get(holder.table, call.scope.account, rowId(name));
  return row?.boundary === undefined ? {} : { 'iam:PermissionsBoundary': row.boundary };
}
