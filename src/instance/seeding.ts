/** What an instance has before anybody calls it: what the configuration names, or a first account, and its files. */
import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import { accounts } from '../services/account/state.ts';
import { configureZones } from '../services/ec2/network/zones.ts';
import type { KmsPrincipals } from '../services/kms/ports.ts';
import type { VaultClient } from '../vault/client.ts';
import { type KeyPair, writeCredentials, writeRootCredentials } from './credentials-files.ts';
import type { InstancePackets } from './packets/open.ts';
import type { Places } from './places.ts';
import { type SeedParts, seedConfig, seedFirstAccount } from './seed.ts';
import { seedKeys } from './seed-keys.ts';
import { replayDeletions } from './vault-jobs.ts';

export interface SeedingParts extends SeedParts {
  readonly config: Config;
  /** Undefined for an instance in memory, which writes no files. */
  readonly dataDir: string | undefined;
  readonly vault: VaultClient;
  /** Where the vault's keys lie, if they lie anywhere. */
  readonly vaultFolder: string | undefined;
  readonly principals: KmsPrincipals;
  readonly packets: InstancePackets;
  readonly accounts: () => Promise<readonly string[]>;
  readonly regions: readonly string[];
  readonly places: Places;
}

export class Seeding {
  readonly #parts: SeedingParts;
  /** Written for a first account. */
  rootCredentialsFile: string | undefined;

  constructor(parts: SeedingParts) {
    this.#parts = parts;
  }

  /** Keys follow when the vault opens, where it is sealed. Rejects with an Error that says what cannot be. */
  async everything(): Promise<void> {
    const { config, store, packets, vault, dataDir, places } = this.#parts;
    const change = store.begin();
    if (await configureZones(change, places.zoneLetters)) await store.commit(change);
    await seedConfig(this.#parts, config);
    await packets.seed();
    if (!vault.isSealed) await this.#keys();
    if ((await store.list(accounts, '', { limit: 1 })).length > 0) return;
    await seedFirstAccount(this.#parts, async ({ root, admin }) => {
      if (dataDir === undefined) return;
      this.rootCredentialsFile = await writeRootCredentials(dataDir, root);
      await writeCredentials(dataDir, admin);
    });
  }

  /** Tells the operator that keys are missing, and makes them when the vault is opened. */
  async followVault(): Promise<void> {
    const { vault } = this.#parts;
    if (vault.isSealed) console.error(`bailey: the vault is sealed: ${(await vault.status()).reason}`);
    vault.onOpened = () =>
      void this.#keys().catch((error) =>
        console.error('bailey: the keys of the configuration could not be made:', error),
      );
  }

  /** The file for AWS clients; '' for an instance in memory. */
  async credentialsFile(): Promise<string> {
    const { config, dataDir } = this.#parts;
    if (dataDir === undefined) return '';
    const key = configuredKey(config);
    if (key) await writeCredentials(dataDir, key);
    return join(dataDir, 'aws', 'credentials');
  }

  async #keys(): Promise<void> {
    const { config, vault, vaultFolder: folder, store, accounts: all, regions } = this.#parts;
    await replayDeletions({ folder, vault, store, accounts: all, regions });
    await seedKeys(this.#parts, config);
  }
}

/** The first key that the configuration gives to a user, or else to a root user. */
function configuredKey(config: Config): KeyPair | undefined {
  for (const account of config.accounts ?? []) {
    const keys = [...(account.users ?? []).flatMap((user) => user.accessKeys ?? []), ...(account.rootAccessKeys ?? [])];
    const [key] = keys;
    if (key) return { accessKeyId: key.id, secretAccessKey: key.secret };
  }
  return undefined;
}
