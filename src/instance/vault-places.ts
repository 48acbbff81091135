/** Where the vault's files lie, and what its root of trust needs: sealed keys in the data folder, their root beside the store's. */
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import type { SealKind, VaultConfig } from '../config/vault.ts';
import { DOMAIN_KEYS_FILE, type VaultFiles } from '../vault/archive.ts';
import type { VaultOptions } from '../vault/client.ts';

/** A root key in the clear, and one that something else seals. */
export const CLEAR_ROOT_FILE = 'vault.key';
export const SEALED_ROOT_FILE = 'vault.seal';

export interface VaultSettings {
  readonly config?: VaultConfig | undefined;
  /** Where the store's root key lies, if not in the data folder. */
  readonly rootKeyFile?: string | undefined;
  /** Holds the passphrase, whatever the configuration says. */
  readonly passphraseFile?: string | undefined;
}

function kindOf({ config, passphraseFile }: VaultSettings): SealKind {
  return config?.seal ?? (passphraseFile === undefined ? 'key-file' : 'passphrase');
}

function vaultFiles(dataDir: string, settings: VaultSettings): VaultFiles {
  const isClear = kindOf(settings) === 'key-file';
  const { rootKeyFile } = settings;
  return {
    folder: join(dataDir, 'vault'),
    rootKey: join(
      rootKeyFile === undefined ? dataDir : dirname(rootKeyFile),
      isClear ? CLEAR_ROOT_FILE : SEALED_ROOT_FILE,
    ),
    isClear,
  };
}

/** Throws an Error that says what the configuration lacks. */
export function vaultPlaces(
  dataDir: string,
  settings: VaultSettings,
): Pick<VaultOptions, 'folder' | 'seal' | 'environment'> {
  const { folder, rootKey: file, isClear } = vaultFiles(dataDir, settings);
  const { config = {}, passphraseFile = config.passphraseFile } = settings;
  const other = join(dirname(file), isClear ? SEALED_ROOT_FILE : CLEAR_ROOT_FILE);
  if (!existsSync(file) && existsSync(other)) {
    throw new Error(`The root key of the vault lies in ${other}, which vault.seal: ${kindOf(settings)} does not read`);
  }
  switch (kindOf(settings)) {
    case 'key-file':
      return { folder, seal: { kind: 'key-file', file } };
    case 'shamir':
      return { folder, seal: { kind: 'shamir', file } };
    case 'passphrase':
      return { folder, seal: { kind: 'passphrase', file, ...(passphraseFile !== undefined && { passphraseFile }) } };
    case 'pkcs11': {
      if (!config.pkcs11) throw new Error('vault.seal is pkcs11: say which token under vault.pkcs11');
      return { folder, seal: { kind: 'pkcs11', file, token: config.pkcs11 } };
    }
    case 'kms': {
      const { kms } = config;
      if (!kms) throw new Error('vault.seal is kms: say which key under vault.kms');
      if (kms.credentialsFile !== undefined && liesIn(kms.credentialsFile, dataDir)) {
        throw new Error('vault.kms.credentialsFile lies in the data folder: whoever has its copy could open the vault');
      }
      const { endpoint, region, keyId } = kms;
      return {
        folder,
        seal: { kind: 'kms', file, kms: { region, keyId, ...(endpoint !== undefined && { endpoint }) } },
        environment: environmentFor(kms),
      };
    }
  }
}

/** Whether there is something to open, or somebody to wait for. */
export function hasVault({ folder, seal }: VaultOptions): boolean {
  return seal !== undefined && (seal.kind !== 'key-file' || existsSync(join(folder ?? '', DOMAIN_KEYS_FILE)));
}

/** What finds credentials: nothing else of this process's environment reaches the vault. */
function environmentFor({ credentialsFile, profile, ca }: NonNullable<VaultConfig['kms']>): Record<string, string> {
  const own = Object.entries(process.env).filter(([name]) => /^(?:AWS_|HOME$|NODE_EXTRA_CA_CERTS$)/.test(name));
  const named = own.filter((one): one is [string, string] => one[1] !== undefined);
  const chosen: [string, string][] = [];
  if (ca !== undefined) chosen.push(['NODE_EXTRA_CA_CERTS', ca]);
  if (profile !== undefined) chosen.push(['AWS_PROFILE', profile]);
  if (credentialsFile === undefined) return Object.fromEntries([...named, ...chosen]);
  // What the file says is meant, not what happens to be set.
  const isKey = /^AWS_(?:ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN)$/;
  const others = named.filter(([name]) => !isKey.test(name));
  return Object.fromEntries([...others, ...chosen, ['AWS_SHARED_CREDENTIALS_FILE', credentialsFile]]);
}

function liesIn(path: string, folder: string): boolean {
  const real = (one: string): string => {
    try {
      return realpathSync(one);
    } catch {
      return one;
    }
  };
  return real(path).startsWith(`${real(folder)}${sep}`);
}
