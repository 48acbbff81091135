/** Finding MFA devices by serial number, what authorizes calls on them, and how they are shown. */
import type { MFADevice, User } from '@aws-sdk/client-iam';
import type { Reader } from '../../../store/store.ts';
import type { Check, CheckCall, ConditionValues } from '../../service.ts';
import { entityArn, rootArn } from '../arns.ts';
import { accountRow } from '../entities.ts';
import { noSuchEntity } from '../errors.ts';
import { rowId, uniqueIds, users } from '../state.ts';
import { shownTime } from '../times.ts';
import { deviceKey, deviceSerial, type MfaDeviceRow, mfaDevices } from './state.ts';

/** A device of the account by its serial number, which is its ARN; undefined for those of other accounts. */
export async function deviceWithSerial(
  reader: Reader,
  account: string,
  serial: string,
): Promise<MfaDeviceRow | undefined> {
  const prefix = `arn:aws:iam::${account}:mfa/`;
  if (!serial.startsWith(prefix)) return undefined;
  const row = await reader.get(mfaDevices, account, serial.slice(prefix.length - 1).toLowerCase());
  return row && deviceSerial(account, row.path, row.name) === serial ? row : undefined;
}

/** @throws AwsError NoSuchEntity */
export async function deviceNamed(reader: Reader, account: string, serial: string): Promise<MfaDeviceRow> {
  const row = await deviceWithSerial(reader, account, serial);
  if (!row) throw noSuchEntity(`VirtualMFADevice with serial number ${serial} does not exist.`);
  return row;
}

/** A device that a holder has enabled. @throws AwsError NoSuchEntity for one of somebody else, too */
export async function deviceOf(
  reader: Reader,
  account: string,
  holder: { readonly id: string; readonly deviceKeys: readonly string[] },
  serial: string,
): Promise<MfaDeviceRow> {
  const row = await deviceWithSerial(reader, account, serial);
  if (row?.holder !== holder.id || !holder.deviceKeys.includes(deviceKey(row.path, row.name))) {
    throw noSuchEntity('MFA Device invalid for user.');
  }
  return row;
}

/** A device is named by its ARN: what is no ARN of this account's devices is decided upon as it was written. */
export async function deviceCheck(
  call: CheckCall,
  action: string,
  serial: string,
  context?: ConditionValues,
): Promise<Check> {
  const { account } = call.scope;
  const row = await deviceWithSerial(call.change, account, serial);
  return {
    action: `iam:${action}`,
    resource: { arn: serial, account, ...(row && { tags: row.tags }) },
    ...(context && { context }),
  };
}

export function shownDevice(account: string, userName: string, row: MfaDeviceRow): MFADevice {
  return {
    UserName: userName,
    SerialNumber: deviceSerial(account, row.path, row.name),
    EnableDate: shownTime(row.enabledAt ?? row.createdAt),
  };
}

/** Whose device it is, as ListVirtualMFADevices tells. */
export async function shownHolder(reader: Reader, account: string, holder: string): Promise<User | undefined> {
  if (holder === 'root') {
    const { createdAt, root } = await accountRow(reader, account);
    return {
      Path: '/',
      UserName: 'root',
      UserId: account,
      Arn: rootArn(account),
      CreateDate: shownTime(createdAt),
      ...(root.passwordLastUsedAt !== undefined && { PasswordLastUsed: shownTime(root.passwordLastUsedAt) }),
    };
  }
  const place = await reader.get(uniqueIds, '', holder);
  const user = place && (await reader.get(users, account, rowId(place.name)));
  if (user?.id !== holder) return undefined;
  return {
    Path: user.path,
    UserName: user.name,
    UserId: user.id,
    Arn: entityArn('user', account, user.path, user.name),
    CreateDate: shownTime(user.createdAt),
    ...(user.passwordLastUsedAt !== undefined && { PasswordLastUsed: shownTime(user.passwordLastUsedAt) }),
  };
}
