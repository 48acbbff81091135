/** Backups as the operator means them: the store's archive, and beside it what is needed to use it again. */
import { chmod, copyFile, mkdir, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { backupStore } from '../store/backup.ts';
import { restoreStore } from '../store/restore.ts';
import { ROOT_KEY_FILE } from '../store/sqlite.ts';

/** Folder in a backup that holds what must be kept secret: whoever has it and the archive can read everything. */
const secretsFolder = 'secrets';

export interface BackupOptions {
  /** Where the root key lies, if not in the data folder. */
  readonly rootKeyFile?: string;
  /** Leaves the root key and the credentials files out: they must then be kept elsewhere. */
  readonly withoutSecrets?: boolean;
}

/** Works on a running instance too. Rejects with an Error that says what to do. */
export async function backupDataFolder(dataDir: string, target: string, options: BackupOptions = {}): Promise<void> {
  const rootKeyFile = options.rootKeyFile ?? join(dataDir, ROOT_KEY_FILE);
  await backupStore({ dir: dataDir, rootKeyFile, target });
  if (options.withoutSecrets) return;
  const secrets = join(target, secretsFolder);
  await copySecret(rootKeyFile, join(secrets, ROOT_KEY_FILE));
  for (const path of await credentialFiles(dataDir)) await copySecret(join(dataDir, path), join(secrets, path));
}

/** The root key comes from `rootKeyFile`, or from the backup's secrets, or lies in the data folder already. */
export async function restoreDataFolder(source: string, dataDir: string, options: BackupOptions = {}): Promise<void> {
  const secrets = join(source, secretsFolder);
  const place = join(dataDir, ROOT_KEY_FILE);
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  if (!(await exists(place))) {
    const from = options.rootKeyFile ?? join(secrets, ROOT_KEY_FILE);
    if (!(await exists(from))) {
      throw new Error(`The backup holds no root key: name it with --root-key FILE, or put it at ${place}`);
    }
    await copySecret(from, place);
  }
  await restoreStore({ source, dir: dataDir, rootKeyFile: place });
  if (!(await exists(secrets))) return;
  for (const path of await credentialFiles(secrets)) {
    if (!(await exists(join(dataDir, path)))) await copySecret(join(secrets, path), join(dataDir, path));
  }
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
