/** Answers what signing in asks of IAM: whose password is which, and what becomes of it (shapes are those of Bailey's ports). */
import type { Change, Reader } from '../../store/store.ts';
import type { Call, Principal } from '../service.ts';
import { entityArn, rootArn } from './arns.ts';
import { accountRow } from './entities.ts';
import { devicesState } from './mfa/verification.ts';
import { hashPassword, nobodys, verifyPassword, withPassword } from './passwords.ts';
import {
  accountKey,
  accounts,
  aliases,
  type PasswordHash,
  type PasswordPolicyRow,
  rowId,
  type UserRow,
  users,
} from './state.ts';

/** "If a password is used more than once in a five-minute span, only the first use is returned" (IAM API, User). */
const useSpan = 5 * 60_000;
const day = 86_400_000;

interface SignInIdentity {
  readonly principal: Extract<Principal, { readonly kind: 'root' | 'user' }>;
  readonly password: PasswordHash | undefined;
  readonly renewal: 'none' | 'due' | 'expired';
  readonly devices?: string | undefined;
}

export async function rootIdentity(reader: Reader, account: string): Promise<SignInIdentity> {
  const { root } = await accountRow(reader, account);
  const principal = { kind: 'root', account, arn: rootArn(account), id: account } as const;
  return { principal, password: root.password, renewal: 'none', devices: await devicesState(reader, principal) };
}

export async function userIdentity(
  reader: Reader,
  account: string,
  name: string,
  now: number,
): Promise<SignInIdentity | undefined> {
  const [row, settings] = await Promise.all([reader.get(users, account, rowId(name)), accountRow(reader, account)]);
  if (!row) return undefined;
  const arn = entityArn('user', account, row.path, row.name);
  const principal = { kind: 'user', account, arn, id: row.id, name: row.name } as const;
  return {
    principal,
    password: row.login?.password,
    renewal: renewalOf(row, settings.passwordPolicy, now),
    devices: await devicesState(reader, principal),
  };
}

export async function accountWithAlias(reader: Reader, alias: string): Promise<string | undefined> {
  return (await reader.get(aliases, '', alias))?.account;
}

/** A password that is too old is changed at sign-in, or by an administrator where the policy says so (HardExpiry). */
function renewalOf({ login }: UserRow, policy: PasswordPolicyRow | undefined, now: number): SignInIdentity['renewal'] {
  if (!login) return 'none';
  const old = policy?.maxAge !== undefined && login.changedAt + policy.maxAge * day <= now;
  if (old && policy.hardExpiry) return 'expired';
  return old || login.resetRequired ? 'due' : 'none';
}

/** One verification, whether there is a password or not. */
export function verifyOrPretend(password: string, kept: PasswordHash | undefined): Promise<boolean> {
  return verifyPassword(password, kept ?? nobodys);
}

export async function passwordUsed(change: Change, { principal }: SignInIdentity, now: number): Promise<void> {
  const { account } = principal;
  if (principal.kind === 'root') {
    const row = await accountRow(change, account);
    if (!isNews(row.root.passwordLastUsedAt, now)) return;
    change.put(accounts, account, accountKey, { ...row, root: { ...row.root, passwordLastUsedAt: now } });
    return;
  }
  const row = await change.get(users, account, rowId(principal.name));
  if (row?.id === principal.id && isNews(row.passwordLastUsedAt, now)) {
    change.put(users, account, rowId(row.name), { ...row, passwordLastUsedAt: now });
  }
}

function isNews(last: number | undefined, now: number): boolean {
  return last === undefined || now - last >= useSpan;
}

/** @throws PasswordPolicyViolation */
export async function renewPassword(
  change: Change,
  { principal }: SignInIdentity,
  password: string,
  call: Pick<Call, 'once' | 'random' | 'now'>,
): Promise<void> {
  if (principal.kind === 'root') return;
  const { account } = principal;
  const row = await change.get(users, account, rowId(principal.name));
  if (row?.id !== principal.id || !row.login) return;
  const policy = (await accountRow(change, account)).passwordPolicy;
  const hash = () => call.once('new password', () => hashPassword(password, call.random));
  const login = { ...(await withPassword(row.login, password, policy, hash, call.now)), resetRequired: false };
  change.put(users, account, rowId(row.name), { ...row, login });
}
