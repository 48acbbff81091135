/** The vault's part of backups: copied beside the store's archive, and opened once when it comes back. */
import { existsSync } from 'node:fs';
import { copyFile, mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { VaultConfig } from '../config/vault.ts';
import { writeDurably } from '../store/durable-file.ts';
import {
  type ArchiveTarget,
  DOMAIN_KEYS_FILE,
  KEYRING_FILE,
  registerCopy,
  SEALED_ROOT_FILE as SEALED_ROOT_COPY,
  writeArchive,
} from '../vault/archive.ts';
import { VaultClient, type VaultStatus } from '../vault/client.ts';
import { sealLetter } from '../vault/letter.ts';
import { RESTORED_MARK } from './vault-jobs.ts';
import { CLEAR_ROOT_FILE, SEALED_ROOT_FILE, vaultPlaces } from './vault-places.ts';

/** In a backup: what is sealed, and the part that later deletions rewrite. */
const SEALED_FOLDER = 'vault';

export interface VaultBackup {
  readonly dataDir: string;
  readonly target: string;
  readonly rootKeyFile: string;
  /** Where the keyring goes, if not into the backup. */
  readonly keyring?: string | undefined;
  /** Folder of the backup for what must be kept secret; undefined leaves it out. */
  readonly secrets: string | undefined;
  /** Asks the running instance to do it; false where none runs, or its vault is sealed. */
  readonly askInstance: ((target: ArchiveTarget) => Promise<boolean>) | undefined;
}

export async function backupVault(options: VaultBackup): Promise<void> {
  const { dataDir, target, rootKeyFile, secrets, askInstance } = options;
  const folder = join(dataDir, 'vault');
  if (!existsSync(join(folder, DOMAIN_KEYS_FILE))) return;
  const clear = join(dirname(rootKeyFile), CLEAR_ROOT_FILE);
  const isClear = existsSync(clear);
  const archive: ArchiveTarget = {
    sealed: join(target, SEALED_FOLDER),
    keyring: options.keyring ?? join(target, KEYRING_FILE),
    clearRootKey: secrets && join(secrets, CLEAR_ROOT_FILE),
  };
  if (await askInstance?.(archive)) return;
  // Nobody writes these files now: no instance runs, or its vault is sealed.
  const rootKey = isClear ? clear : join(dirname(rootKeyFile), SEALED_ROOT_FILE);
  // First, so that no backup is written whose keyring nobody knows of.
  registerCopy(folder, archive.keyring);
  writeArchive({ folder, rootKey, isClear }, archive);
}

export interface VaultRestore {
  readonly source: string;
  readonly dataDir: string;
  /** Folder of the backup with what is kept secret. */
  readonly secrets: string;
  readonly config: VaultConfig | undefined;
  readonly passphraseFile?: string | undefined;
  /** Of the archive where it holds none; otherwise it says what was deleted since. */
  readonly keyring?: string | undefined;
  /** Asked for a passphrase, or for one share after the other. */
  readonly secret: ((status: VaultStatus) => Promise<Buffer>) | undefined;
}

/** Needs what opens the root key. Rejects with an Error that says what to do, and can then be tried again. */
export async function restoreVault(options: VaultRestore): Promise<void> {
  const { source, dataDir, secrets, config, passphraseFile } = options;
  const sealed = join(source, SEALED_FOLDER);
  if (!existsSync(join(sealed, DOMAIN_KEYS_FILE))) return;
  const own = join(source, KEYRING_FILE);
  const base = existsSync(own) ? own : options.keyring;
  if (base === undefined || !existsSync(base)) {
    throw new Error('The backup holds no keyring, without which no KMS key can be used: name it with --keyring FILE');
  }
  const folder = join(dataDir, 'vault');
  const isClear = !existsSync(join(sealed, SEALED_ROOT_COPY));
  const place = join(dataDir, isClear ? CLEAR_ROOT_FILE : SEALED_ROOT_FILE);
  // What a vault left here before knows of deletions, and may have the only root key.
  const replaced = await putAside(folder);
  const replacedRoot = await putAside(place);
  await mkdir(folder, { mode: 0o700, recursive: true });
  await copyFile(join(sealed, DOMAIN_KEYS_FILE), join(folder, DOMAIN_KEYS_FILE));
  await copyFile(base, join(folder, KEYRING_FILE));
  const roots = isClear ? [join(secrets, CLEAR_ROOT_FILE), replacedRoot] : [join(sealed, SEALED_ROOT_COPY)];
  const root = roots.find((path) => path !== undefined && existsSync(path));
  if (root === undefined) throw new Error(`The backup holds no root key of the vault: put it at ${roots[0]}`);
  await copyFile(root, place);
  const keyrings = [options.keyring, replaced && join(replaced, KEYRING_FILE)];
  const vault = new VaultClient({
    ...vaultPlaces(dataDir, { config, passphraseFile }),
    restored: {
      keyrings: keyrings.filter((path) => path !== undefined && existsSync(path)) as string[],
      copies: [base],
    },
  });
  try {
    await vault.start();
    await unlock(vault, options.secret);
  } finally {
    await vault.close();
  }
  writeDurably(join(folder, RESTORED_MARK), Buffer.alloc(0));
  for (const path of [replaced, replacedRoot]) if (path) await rm(path, { recursive: true, force: true });
}

/** From an attempt that did not come to its end: what lies at the path itself is the archive's then. */
async function putAside(path: string): Promise<string | undefined> {
  const replaced = `${path}.replaced`;
  if (existsSync(replaced)) await rm(path, { recursive: true, force: true });
  else if (existsSync(path)) await rename(path, replaced);
  return existsSync(replaced) ? replaced : undefined;
}

async function unlock(vault: VaultClient, secret: VaultRestore['secret']): Promise<void> {
  for (;;) {
    const status = await vault.status();
    if (!status.isSealed) return;
    if (status.wants === undefined || !secret) throw new Error(status.reason ?? 'The vault cannot be opened.');
    const bytes = await secret(status);
    try {
      await vault.unseal(sealLetter(Buffer.from(status.address, 'base64'), bytes));
    } finally {
      bytes.fill(0);
    }
  }
}
