/** How far the vault's files had come at least, kept beside the root key: yesterday's files are not taken for today's. */
import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { VaultError } from '../services/kms/ports.ts';
import { writeDurably } from '../store/durable-file.ts';

export interface Reached {
  readonly domainKeys: number;
  readonly keyring: number;
}

function encode(key: KeyObject, { domainKeys, keyring }: Reached): Buffer {
  const numbers = Buffer.alloc(8);
  numbers.writeUInt32BE(domainKeys, 0);
  numbers.writeUInt32BE(keyring, 4);
  return Buffer.concat([numbers, createHmac('sha256', key).update('anchor').update(numbers).digest()]);
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
  const anchored = { domainKeys: bytes.length === 40 ? bytes.readUInt32BE(0) : 0, keyring: 0 };
  if (bytes.length === 40) anchored.keyring = bytes.readUInt32BE(4);
  if (bytes.length !== 40 || !timingSafeEqual(bytes, encode(key, anchored))) {
    throw new VaultError('corrupt', `${path} was not written by this vault, or was changed`);
  }
  if (anchored.domainKeys > reached.domainKeys || anchored.keyring > reached.keyring) {
    throw new VaultError('corrupt', `the vault's files are older than ${path} says: restore the newest backup`);
  }
}
