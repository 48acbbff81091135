/** Where the vault's files lie: sealed keys in the data folder, the key that opens them beside the store's root key. */
import { dirname, join } from 'node:path';

const VAULT_KEY_FILE = 'vault.key';

/** @param rootKeyFile where the store's root key lies, if not in the data folder */
export function vaultPlaces(dataDir: string, rootKeyFile?: string): { folder: string; keyFile: string } {
  return {
    folder: join(dataDir, 'vault'),
    keyFile: join(rootKeyFile === undefined ? dataDir : dirname(rootKeyFile), VAULT_KEY_FILE),
  };
}
