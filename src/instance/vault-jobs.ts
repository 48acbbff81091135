/** What the vault does by the clock, and after a restore. */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { forgetDeletedKeys } from '../services/kms/forget.ts';
import type { KmsPorts } from '../services/kms/ports.ts';
import type { Job } from '../services/service.ts';
import { syncFolderOf } from '../store/durable-file.ts';
import type { VaultClient } from '../vault/client.ts';

const HOUR_MS = 3_600_000;

/** A new domain key when the newest has had its time; what it seals follows by and by. */
export function domainKeyJob(vault: VaultClient, hours: number): Job {
  return {
    name: 'vault domain key rotation',
    everySeconds: 600,
    async run({ now }) {
      if (vault.isStarted && !vault.isSealed) await vault.rotateDomainKey(now, hours * HOUR_MS);
    },
  };
}

/** Lies in the vault's folder from a restore until the deletions since the archive were repeated. */
export const RESTORED_MARK = 'restored';

export interface ReplayParts {
  /** Undefined for an instance in memory. */
  readonly folder: string | undefined;
  readonly vault: VaultClient;
  readonly store: KmsPorts['store'];
  readonly accounts: () => Promise<readonly string[]>;
  readonly regions: readonly string[];
}

/** Keys that the archive holds and the keyring does not: deleted since. Waits for an open vault. */
export async function replayDeletions({ folder, vault, store, accounts, regions }: ReplayParts): Promise<void> {
  const mark = folder && join(folder, RESTORED_MARK);
  if (mark === undefined || !existsSync(mark)) return;
  await vault.start();
  if (vault.isSealed) return;
  await forgetDeletedKeys({ store, accounts: await accounts(), regions, missing: (names) => vault.missing(names) });
  rmSync(mark);
  syncFolderOf(mark);
}
