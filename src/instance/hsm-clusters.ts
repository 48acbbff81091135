/** The configuration's clusters: what KMS may know of them, and where the vault finds the tokens. */
import { readFileSync } from 'node:fs';
import type { Config } from '../config/config.ts';
import type { HsmClusters } from '../services/kms/ports.ts';
import type { VaultOptions } from '../vault/client.ts';

/** Throws an Error that names the file that cannot be read. */
export function hsmClusters(config: Config['keyStores']): HsmClusters {
  return new Map(
    (config?.clusters ?? []).map(({ id, account, trustAnchor }) => [
      id,
      { account, ...(trustAnchor !== undefined && { trustAnchor: readFileSync(trustAnchor, 'utf8') }) },
    ]),
  );
}

export function tokenPlaces(config: Config['keyStores']): NonNullable<VaultOptions['tokens']> {
  return Object.fromEntries(
    (config?.clusters ?? []).map(({ id, module, token, user, environment }) => [
      id,
      { module, token, ...(user !== undefined && { user }), ...(environment && { environment }) },
    ]),
  );
}
