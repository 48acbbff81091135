/** What the operator may ask of a running instance, beside what its parts answer for themselves. */
import { accounts } from '../services/account/state.ts';
import type { VaultClient } from '../vault/client.ts';
import { encryptionLayers, type LayersParts } from './at-rest-layers.ts';
import { writeRootCredentials } from './credentials-files.ts';
import type { OperatorCommands } from './operator.ts';
import { makeAccount, type SeedParts, unusedId } from './seed.ts';

export interface OperatorParts extends SeedParts, Pick<LayersParts, 'regions' | 'rootKeyFile'> {
  readonly dataDir: string;
  readonly vault: VaultClient;
  readonly accounts: () => Promise<readonly string[]>;
  /** What `bailey status` shows beside accounts and the vault. */
  readonly status: () => object;
}

export function operatorCommands(parts: OperatorParts): OperatorCommands {
  const { dataDir, store, vault, regions, rootKeyFile } = parts;
  return {
    '/status': async () => ({
      ...parts.status(),
      pid: process.pid,
      dataDir,
      accounts: (await store.list(accounts, '')).map(({ id, value }) => ({ id, name: value.name })),
      ...(vault.isStarted && { vault: await vault.status().catch((error: Error) => ({ reason: error.message })) }),
    }),
    '/encryption': async () => ({
      layers: await encryptionLayers({ dataDir, rootKeyFile, store, vault, accounts: await parts.accounts(), regions }),
    }),
    '/accounts': async ({ name, email }) => {
      const id = await unusedId(parts);
      let rootCredentialsFile = '';
      await makeAccount(parts, { id, name: String(name), email: String(email) }, async (root) => {
        rootCredentialsFile = await writeRootCredentials(dataDir, root, `root-credentials-${id}`);
      });
      return { accountId: id, rootCredentialsFile };
    },
  };
}
