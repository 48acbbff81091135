/** Finding entities by the names that calls give, and telling which user a call is about. */
import type { Reader } from '../../store/store.ts';
import type { CheckCall } from '../service.ts';
import { noSuchGroup, noSuchInstanceProfile, noSuchRole, noSuchUser, validationError } from './errors.ts';
import {
  type AccountRow,
  accountKey,
  accounts,
  type GroupRow,
  groups,
  type InstanceProfileRow,
  instanceProfiles,
  type RoleRow,
  roles,
  rowId,
  type UserRow,
  users,
} from './state.ts';

/** @throws NoSuchEntity */
export async function userNamed(reader: Reader, account: string, name: string): Promise<UserRow> {
  const user = await reader.get(users, account, rowId(name));
  if (!user) throw noSuchUser(name);
  return user;
}

/** @throws NoSuchEntity */
export async function groupNamed(reader: Reader, account: string, name: string): Promise<GroupRow> {
  const group = await reader.get(groups, account, rowId(name));
  if (!group) throw noSuchGroup(name);
  return group;
}

/** @throws NoSuchEntity */
export async function roleNamed(reader: Reader, account: string, name: string): Promise<RoleRow> {
  const role = await reader.get(roles, account, rowId(name));
  if (!role) throw noSuchRole(name);
  return role;
}

/** @throws NoSuchEntity */
export async function instanceProfileNamed(reader: Reader, account: string, name: string): Promise<InstanceProfileRow> {
  const profile = await reader.get(instanceProfiles, account, rowId(name));
  if (!profile) throw noSuchInstanceProfile(name);
  return profile;
}

/** The account's settings; an account that was never seeded has empty ones. */
export async function accountRow(reader: Reader, account: string): Promise<AccountRow> {
  return (await reader.get(accounts, account, accountKey)) ?? { createdAt: 0, root: { accessKeyIds: [] } };
}

/** Whom a call is about whose UserName may be left out: then the caller. */
export type Subject = { readonly kind: 'root' } | { readonly kind: 'user'; readonly name: string };

/** @throws ValidationError when the name is left out and the caller is neither a user nor root */
export function subjectOf(call: Pick<CheckCall, 'caller'>, userName: string | undefined): Subject {
  if (userName !== undefined) return { kind: 'user', name: userName };
  const { principal } = call.caller;
  if (principal.kind === 'root') return { kind: 'root' };
  if (principal.kind === 'user') return { kind: 'user', name: principal.name };
  throw validationError('Must specify userName when calling with non-User credentials');
}
