/** `bailey backup` and `bailey restore`. */
import { resolve } from 'node:path';
import { backupDataFolder, restoreDataFolder } from '../main.ts';
import { ask, NotRunning } from './operator.ts';
import { secretsFrom } from './secret-input.ts';
import { secretFor, type VaultState } from './vault.ts';

/** Works beside a running instance: the copy is consistent either way. */
export async function backup(
  target: string,
  options: { data: string; rootKey?: string; keyring?: string; secrets: boolean },
): Promise<number> {
  const to = resolve(target);
  await backupDataFolder(resolve(options.data), to, {
    ...(options.rootKey ? { rootKeyFile: resolve(options.rootKey) } : {}),
    ...(options.keyring ? { keyring: resolve(options.keyring) } : {}),
    withoutSecrets: !options.secrets,
    askInstance: (archive) => askInstance(options.data, archive),
  });
  console.log(`backup written to ${to}`);
  console.log(
    options.secrets
      ? `It holds the root key (${to}/secrets): whoever has both can read everything. Move that folder to another place.`
      : 'It does not hold the root key: without it the backup cannot be read.',
  );
  return 0;
}

/** Only the open vault of a running instance writes its files. */
async function askInstance(data: string, archive: object): Promise<boolean> {
  try {
    const { vault } = await ask<{ vault?: VaultState }>(data, '/status', {});
    if (!vault || vault.isSealed) return false;
    await ask(data, '/vault/archive', archive);
    return true;
  } catch (error) {
    if (error instanceof NotRunning) return false;
    throw error;
  }
}

export async function restore(
  source: string,
  options: { data: string; rootKey?: string; config?: string; keyring?: string; passphraseFile?: string },
): Promise<number> {
  const data = resolve(options.data);
  const passphraseFile = options.passphraseFile ?? process.env.BAILEY_PASSPHRASE_FILE;
  const secrets = secretsFrom(process.stdin, process.stderr);
  await restoreDataFolder(resolve(source), data, {
    ...(options.rootKey ? { rootKeyFile: resolve(options.rootKey) } : {}),
    ...(options.config ? { configFile: resolve(options.config) } : {}),
    ...(options.keyring ? { keyring: resolve(options.keyring) } : {}),
    ...(passphraseFile ? { passphraseFile: resolve(passphraseFile) } : {}),
    secret: (vault) => secretFor(vault, secrets),
  });
  console.log(`restored ${data} from ${resolve(source)}`);
  return 0;
}
