/** Codes of enabled devices: whether one is right now, and that none is taken twice. Asked by signing in and by STS. */
import type { Change, Reader } from '../../../store/store.ts';
import type { Principal } from '../../service.ts';
import { deviceWithSerial } from './find.ts';
import { deviceKeysOf } from './holder.ts';
import { deviceKey, deviceSerial, type MfaDeviceRow, mfaDevices } from './state.ts';
import { findStep, stepAt } from './totp.ts';

/** Steps to either side of now: clocks differ, and people type slowly (RFC 6238, section 5.2). */
const tolerance = 1;
/** The same for a pair of codes, which no guess meets: EnableMFADevice, five minutes. */
const enabling = 10;
/** ResyncMFADevice finds a clock that is off by an hour at most. */
const resynchronizing = 120;

export type DeviceHolderPrincipal = Extract<Principal, { readonly kind: 'root' | 'user' }>;

interface Found {
  readonly key: string;
  readonly row: MfaDeviceRow;
}

/** The enabled devices of a principal. */
async function enabledDevices(reader: Reader, principal: DeviceHolderPrincipal): Promise<readonly Found[]> {
  const keys = await deviceKeysOf(reader, principal.account, principal);
  const holder = principal.kind === 'root' ? 'root' : principal.id;
  const found: Found[] = [];
  for (const key of keys) {
    const row = await reader.get(mfaDevices, principal.account, key);
    if (row?.holder === holder) found.push({ key, row });
  }
  return found;
}

/** What the answer to a code depends on, beside the time; undefined without devices: then no code is asked for. */
export async function devicesState(reader: Reader, principal: DeviceHolderPrincipal): Promise<string | undefined> {
  const devices = await enabledDevices(reader, principal);
  if (devices.length === 0) return undefined;
  return devices.map(({ key, row }) => `${key} ${row.enabledAt} ${row.lastStep}`).join('\n');
}

/**
 * Whether a code is right now, and whether it may be used, are two questions: the first is asked where nothing can be
 * written yet.
 * @param serial which device; undefined: any of the principal's
 */
export async function codeIsRight(
  reader: Reader,
  principal: DeviceHolderPrincipal,
  code: string,
  now: number,
  serial?: string,
): Promise<boolean> {
  return (await match(reader, principal, code, now, serial)) !== undefined;
}

/** Uses the code up. @returns the serial number of the device that shows it; undefined when it is not right (any more) */
export async function useCode(
  change: Change,
  principal: DeviceHolderPrincipal,
  code: string,
  now: number,
  serial?: string,
): Promise<string | undefined> {
  const found = await match(change, principal, code, now, serial);
  if (!found) return undefined;
  change.put(mfaDevices, principal.account, found.key, { ...found.row, lastStep: found.step });
  return deviceSerial(principal.account, found.row.path, found.row.name);
}

/** Whether the principal has enabled the device with this serial number. */
export async function hasDevice(reader: Reader, principal: DeviceHolderPrincipal, serial: string): Promise<boolean> {
  const row = await deviceWithSerial(reader, principal.account, serial);
  if (!row) return false;
  const key = deviceKey(row.path, row.name);
  return (await enabledDevices(reader, principal)).some((device) => device.key === key);
}

async function match(
  reader: Reader,
  principal: DeviceHolderPrincipal,
  code: string,
  now: number,
  serial: string | undefined,
): Promise<(Found & { readonly step: number }) | undefined> {
  const named = serial === undefined ? undefined : await deviceWithSerial(reader, principal.account, serial);
  if (serial !== undefined && !named) return undefined;
  for (const device of await enabledDevices(reader, principal)) {
    if (named && device.key !== deviceKey(named.path, named.name)) continue;
    const { row } = device;
    const expected = stepAt(now) + (row.drift ?? 0);
    const from = Math.max(expected - tolerance, (row.lastStep ?? -1) + 1);
    const step = findStep(Buffer.from(row.seed, 'base64'), [code], from, expected + tolerance);
    if (step !== undefined) return { ...device, step };
  }
  return undefined;
}

/** The device as two consecutive codes leave it; undefined when they are none of its, or were used before. */
export function withCodes(
  row: MfaDeviceRow,
  codes: readonly [string, string],
  now: number,
  purpose: 'enable' | 'resynchronize',
): MfaDeviceRow | undefined {
  const expected = stepAt(now);
  const reach = purpose === 'enable' ? enabling : resynchronizing;
  // The later code is the newer one: it must not have been used, and is used by this.
  const from = Math.max(expected - reach, row.lastStep ?? 0);
  const first = findStep(Buffer.from(row.seed, 'base64'), codes, from, expected + reach);
  if (first === undefined) return undefined;
  const step = first + 1;
  if (purpose === 'enable') return { ...row, lastStep: step };
  const { drift: _drift, ...rest } = row;
  const ahead = step - expected;
  return Math.abs(ahead) <= tolerance ? { ...rest, lastStep: step } : { ...rest, lastStep: step, drift: ahead };
}
