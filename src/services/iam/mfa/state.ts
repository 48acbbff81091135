/** Devices for multi-factor authentication that live in an app: the seed that both sides hold, and whom they belong to. */
import { type Table, table } from '../../../store/store.ts';
import type { Tags } from '../state.ts';

export interface MfaDeviceRow {
  readonly name: string;
  readonly path: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  /** base64; shown once, when the device is made. Rows are sealed by the store. */
  readonly seed: string;
  readonly tags: Tags;
  /** Unique id of the user whose device it is, or `root`; undefined: nobody has enabled it. */
  readonly holder?: string;
  readonly enabledAt?: number;
  /** The latest step whose code was accepted: neither it nor an earlier one is accepted again. */
  readonly lastStep?: number;
  /** By how many steps the device's clock is ahead, as found by ResyncMFADevice. */
  readonly drift?: number;
}

/** Partition: account. Id: `deviceKey`. */
export const mfaDevices: Table<MfaDeviceRow> = table('iam.mfa-device');

/** Names are unique under a path, without regard to case. */
export const deviceKey = (path: string, name: string): string => `${path}${name}`.toLowerCase();

export const deviceSerial = (account: string, path: string, name: string): string =>
  `arn:aws:iam::${account}:mfa${path}${name}`;
