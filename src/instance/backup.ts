/** Backups as the operator means them: the store's archive, and beside it what is needed to use it again. */
import { chmod, copyFile, mkdir, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readConfig } from '../config/config.ts';
import { backupStore } from '../store/backup.ts';
import { restoreStore } from '../store/restore.ts';
import { DATABASE_FILE, ROOT_KEY_FILE } from '../store/sqlite.ts';
import { backupVault, restoreVault, type VaultBackup, type VaultRestore } from './vault-backup.ts';

/** In the data folder, and in backups. */
export const AUTHORITY_FOLDER = 'ca';

/** Folder in a backup that holds what must be kept secret: whoever has it and the archive can read everything. */
const secretsFolder = 'secrets';

export interface BackupOptions {
  /** Where the root key lies, if not in the data folder. */
  readonly rootKeyFile?: string;
  /** Leaves the root key and the credentials files out: they must then be kept elsewhere. */
  readonly withoutSecrets?: boolean;
  /** Where the vault's keyring goes, if not into the backup. */
  readonly keyring?: string;
  /** Asks the instance that runs on the data folder for the vault's part; false where it cannot. */
  readonly askInstance?: VaultBackup['askInstance'];
}

export interface RestoreOptions {
  /** The root key, if not among the backup's secrets. */
  readonly rootKeyFile?: string;
  /** Says where the vault's root of trust is. */
  readonly configFile?: string;
  readonly passphraseFile?: string;
  /** A newer keyring of the vault: what it lacks was deleted since. */
  readonly keyring?: string;
  /** Asked for what opens the vault: a passphrase, or one share after the other. */
  readonly secret?: VaultRestore['secret'];
}

/** Works on a running instance too. Rejects with an Error that says what to do. */
export async function backupDataFolder(dataDir: string, target: string, options: BackupOptions = {}): Promise<void> {
  const rootKeyFile = options.rootKeyFile ?? join(dataDir, ROOT_KEY_FILE);
  await backupStore({ dir: dataDir, rootKeyFile, target });
  const secrets = join(target, secretsFolder);
  // After the store: each key that the archive knows is then in the keyring, unless it was deleted meanwhile.
  await backupVault({
    dataDir,
    target,
    rootKeyFile,
    keyring: options.keyring,
    secrets: options.withoutSecrets ? undefined : secrets,
    askInstance: options.askInstance,
  });
  await copyAuthority(dataDir, target);
  if (options.withoutSecrets) return;
  await copySecret(rootKeyFile, join(secrets, ROOT_KEY_FILE));
  for (const path of await credentialFiles(dataDir)) await copySecret(join(dataDir, path), join(secrets, path));
}

/** The root key comes from `rootKeyFile`, or from the backup's secrets, or lies in the data folder already. */
export async function restoreDataFolder(source: string, dataDir: string, options: RestoreOptions = {}): Promise<void> {
  const secrets = join(source, secretsFolder);
  const place = join(dataDir, ROOT_KEY_FILE);
  if (await exists(join(dataDir, DATABASE_FILE))) {
    throw new Error(`${dataDir} already holds data: restore into another folder, or move them away first`);
  }
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  if (!(await exists(place))) {
    const from = options.rootKeyFile ?? join(secrets, ROOT_KEY_FILE);
    if (!(await exists(from))) {
      throw new Error(`The backup holds no root key: name it with --root-key FILE, or put it at ${place}`);
    }
    await copySecret(from, place);
  }
  await restoreVault({
    source,
    dataDir,
    secrets,
    config: options.configFile === undefined ? undefined : readConfig(options.configFile).vault,
    passphraseFile: options.passphraseFile,
    keyring: options.keyring,
    secret: options.secret,
  });
  await restoreStore({ source, dir: dataDir, rootKeyFile: place });
  await copyAuthority(source, dataDir);
  if (!(await exists(secrets))) return;
  for (const path of await credentialFiles(secrets)) {
    if (!(await exists(join(dataDir, path)))) await copySecret(join(secrets, path), join(dataDir, path));
  }
}

/** The certificate authority, so that clients need not trust another after a restore: its keys are sealed by the vault. */
async function copyAuthority(from: string, to: string): Promise<void> {
  const folder = join(from, AUTHORITY_FOLDER);
  if (!(await exists(folder))) return;
  for (const name of await readdir(folder)) await copySecret(join(folder, name), join(to, AUTHORITY_FOLDER, name));
}

async function credentialFiles(dir: string): Promise<string[]> {
  const names = (await readdir(dir)).filter((name) => name.startsWith('root-credentials'));
  return (await exists(join(dir, 'aws', 'credentials'))) ? [...names, join('aws', 'credentials')] : names;
}

async function copySecret(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true, mode: 0o700 });
  await copyFile(from, to);
  await chmod(to, 0o600);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
