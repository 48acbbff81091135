/** How far the vault's files had come at least, kept beside the root key: yesterday's files are not taken for today's. */
import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { VaultError } from '../services/kms/ports.ts';
import { writeDurably } from '../store/durable-file.ts';

export interface Reached {
  /** Names one history of a vault; a restore begins another. 16 bytes. */
  readonly epoch: Buffer;
  readonly domainKeys: number;
  readonly keyring: number;
  /** Bytes of the keyring, which grows between two counts. */
  readonly keyringBytes: number;
}

const EPOCH = 16;
const SIZE = EPOCH + 4 + 4 + 6 + 32;

function encode(key: KeyObject, { epoch, domainKeys, keyring, keyringBytes }: Reached): Buffer {
  const numbers = Buffer.alloc(14);
  numbers.writeUInt32BE(domainKeys, 0);
  numbers.writeUInt32BE(keyring, 4);
  numbers.writeUIntBE(keyringBytes, 8, 6);
  const text = Buffer.concat([epoch, numbers]);
  return Buffer.concat([text, createHmac('sha256', key).update('anchor').update(text).digest()]);
}

function decode(bytes: Buffer): Reached {
  return {
    epoch: bytes.subarray(0, EPOCH),
    domainKeys: bytes.readUInt32BE(EPOCH),
    keyring: bytes.readUInt32BE(EPOCH + 4),
    keyringBytes: bytes.readUIntBE(EPOCH + 8, 6),
  };
}

export function writeVaultAnchor(path: string | undefined, key: KeyObject, reached: Reached): void {
  if (path !== undefined) writeDurably(path, encode(key, reached));
}

/** Throws a VaultError `corrupt` if the files are older than the anchor says, or the anchor is missing or forged. */
export function checkVaultAnchor(path: string | undefined, key: KeyObject, reached: Reached): void {
  if (path === undefined) return;
  if (!existsSync(path)) {
    throw new VaultError('corrupt', `${path} is missing: it says how far the vault had come; put it back`);
  }
  const bytes = readFileSync(path);
  if (bytes.length !== SIZE || !timingSafeEqual(bytes, encode(key, decode(bytes)))) {
    throw new VaultError('corrupt', `${path} was not written by this vault, or was changed`);
  }
  const anchored = decode(bytes);
  const isOlder =
    anchored.domainKeys > reached.domainKeys ||
    anchored.keyring > reached.keyring ||
    (anchored.keyring === reached.keyring && anchored.keyringBytes > reached.keyringBytes);
  if (isOlder || !anchored.epoch.equals(reached.epoch)) {
    throw new VaultError(
      'corrupt',
      `the vault's files are older than ${path} says: put the newest back, or restore a backup with bailey restore`,
    );
  }
}
