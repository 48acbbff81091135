/** Who has MFA devices: a user, or the account's root user, with the way to write the list of devices back. */
import type { Change, Reader } from '../../../store/store.ts';
import type { CheckCall } from '../../service.ts';
import { accountRow, type Subject, subjectOf, userNamed } from '../entities.ts';
import { accountKey, accounts, rowId, users } from '../state.ts';

export interface DeviceHolder {
  /** Unique id of a user, or `root`: what the device's row says. */
  readonly id: string;
  readonly userName: string;
  readonly deviceKeys: readonly string[];
  write(deviceKeys: readonly string[]): void;
}

/**
 * EnableMFADevice and ResyncMFADevice require a user name, and the root user has none. Called by root, the account's id
 * means root, and so does `root` unless a user is called so.
 * @throws AwsError ValidationError when the name is left out and the caller is neither a user nor root
 */
export async function deviceSubject(
  call: Pick<CheckCall, 'caller' | 'change' | 'scope'>,
  userName: string | undefined,
): Promise<Subject> {
  if (call.caller.principal.kind === 'root' && userName !== undefined) {
    const { account } = call.scope;
    if (userName === account) return { kind: 'root' };
    if (userName === 'root' && !(await call.change.get(users, account, 'root'))) return { kind: 'root' };
  }
  return subjectOf(call, userName);
}

/** @throws AwsError NoSuchEntity */
export async function deviceHolder(change: Change, account: string, subject: Subject): Promise<DeviceHolder> {
  if (subject.kind === 'root') {
    const row = await accountRow(change, account);
    return {
      id: 'root',
      userName: 'root',
      deviceKeys: row.root.mfaDeviceKeys ?? [],
      write: (mfaDeviceKeys) =>
        change.put(accounts, account, accountKey, { ...row, root: { ...row.root, mfaDeviceKeys } }),
    };
  }
  const row = await userNamed(change, account, subject.name);
  return {
    id: row.id,
    userName: row.name,
    deviceKeys: row.mfaDeviceKeys ?? [],
    write: (mfaDeviceKeys) => change.put(users, account, rowId(row.name), { ...row, mfaDeviceKeys }),
  };
}

/** Keys of the devices of a user (by name and unique id) or of root; none for a user that is another by now. */
export async function deviceKeysOf(
  reader: Reader,
  account: string,
  who: { readonly kind: 'root' } | { readonly kind: 'user'; readonly name: string; readonly id: string },
): Promise<readonly string[]> {
  if (who.kind === 'root') return (await accountRow(reader, account)).root.mfaDeviceKeys ?? [];
  const row = await reader.get(users, account, rowId(who.name));
  return row?.id === who.id ? (row.mfaDeviceKeys ?? []) : [];
}
