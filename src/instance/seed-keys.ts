/** Brings an instance to the KMS keys that its configuration names, in its own words or in a seed file. */
import type { Config } from '../config/config.ts';
import { readSeedFile } from '../config/config.ts';
import type { KeyVault, KmsPrincipals } from '../services/kms/ports.ts';
import { type KeySeed, seedKey } from '../services/kms/seed.ts';
import type { Store } from '../store/store.ts';

export interface SeedKeysParts {
  readonly store: Store;
  readonly vault: Pick<KeyVault, 'adopt' | 'create'>;
  readonly principals: KmsPrincipals;
  readonly now: () => number;
}

/** All of them in one commit. Rejects with an Error whose message says which key cannot be. */
export async function seedKeys({ store, vault, principals, now }: SeedKeysParts, config: Config): Promise<void> {
  const seeds = [...configured(config), ...fromFile(config)];
  if (seeds.length === 0) return;
  const change = store.begin();
  for (const seed of seeds) await seedKey(change, seed, { vault, principals, now: now() });
  await store.commit(change);
}

function configured(config: Config): KeySeed[] {
  return (config.accounts ?? []).flatMap(({ id: account, keys = [] }) =>
    keys.map(({ material, multiRegion, region = config.region ?? 'us-east-1', ...key }) => ({
      ...key,
      account,
      region,
      materials: material === undefined ? [] : [material],
      ...(multiRegion !== undefined && { isMultiRegion: multiRegion }),
    })),
  );
}

function fromFile({ kms, accounts, region: home = 'us-east-1' }: Config): KeySeed[] {
  if (kms?.seedFile === undefined) return [];
  const account = kms.seedAccount ?? accounts?.[0]?.id;
  if (account === undefined || !accounts?.some(({ id }) => id === account)) {
    throw new Error(
      'kms.seedFile needs an account of this configuration: name it under accounts, or in kms.seedAccount',
    );
  }
  return readSeedFile(kms.seedFile).map(({ nextRotation, ...key }) => {
    const at = nextRotation === undefined ? undefined : Date.parse(nextRotation);
    if (Number.isNaN(at)) throw new Error(`${kms.seedFile}: NextKeyRotation of ${key.id} is no date`);
    return { ...key, account, region: kms.seedRegion ?? home, ...(at !== undefined && { nextRotationAt: at }) };
  });
}
