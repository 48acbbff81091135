/**
 * The vault's part of a backup: domain keys and sealed root key as they are, and the keyring as a part of its own, which every
 * later deletion rewrites. Whoever has an old archive and the root key has, without an old keyring, nothing of deleted keys.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeFolderDurably, writeDurably } from '../store/durable-file.ts';

/** Where a vault's files lie. */
export interface VaultFiles {
  readonly folder: string;
  /** The root key, in the clear or sealed. */
  readonly rootKey: string;
  /** Whether `rootKey` needs nothing else to be used. */
  readonly isClear: boolean;
}

/** Where their copies go: absolute paths. */
export interface ArchiveTarget {
  /** Folder for what is sealed. */
  readonly sealed: string;
  readonly keyring: string;
  /** File for a root key in the clear; undefined leaves it out. */
  readonly clearRootKey?: string | undefined;
}

export const DOMAIN_KEYS_FILE = 'domain-keys';
export const KEYRING_FILE = 'keyring';
export const SEALED_ROOT_FILE = 'sealed-root';
/** Lists the keyrings of backups, which follow deletions. */
const COPIES_FILE = 'keyring-copies';

/** In the turn of the event loop in which it is called: nothing rotates in between. */
export function writeArchive({ folder, rootKey, isClear }: VaultFiles, target: ArchiveTarget): void {
  copy(join(folder, DOMAIN_KEYS_FILE), join(target.sealed, DOMAIN_KEYS_FILE));
  if (!isClear) copy(rootKey, join(target.sealed, SEALED_ROOT_FILE));
  else if (target.clearRootKey !== undefined) copy(rootKey, target.clearRootKey);
  copy(join(folder, KEYRING_FILE), target.keyring);
}

function copy(from: string, to: string): void {
  makeFolderDurably(dirname(to));
  const bytes = readFileSync(from);
  writeDurably(to, bytes);
  bytes.fill(0);
}

export function registerCopy(folder: string, path: string): void {
  const paths = new Set([...copiesOf(folder), path]);
  writeDurably(join(folder, COPIES_FILE), Buffer.from(JSON.stringify([...paths])));
}

export function copiesOf(folder: string): readonly string[] {
  const list = join(folder, COPIES_FILE);
  if (!existsSync(list)) return [];
  return (JSON.parse(readFileSync(list, 'utf8')) as unknown[]).filter((one) => typeof one === 'string');
}
