/** Opens the state of an instance: a folder, or memory. */
import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { openMemoryStore } from '../store/memory.ts';
import { loadRootKey } from '../store/root-key.ts';
import { openStore, ROOT_KEY_FILE } from '../store/sqlite.ts';
import type { Store } from '../store/store.ts';

export interface State {
  readonly store: Store;
  /** Seals tokens that travel through clients. */
  readonly tokenKey: KeyObject;
  readonly engine: 'memory' | 'sqlite';
}

/**
 * @param dataDir undefined: in memory
 * @param clock epoch milliseconds
 */
export async function openState(
  dataDir: string | undefined,
  rootKeyFile: string | undefined,
  clock: () => number,
): Promise<State> {
  if (dataDir === undefined) {
    return { store: openMemoryStore({ clock }), tokenKey: createSecretKey(randomBytes(32)), engine: 'memory' };
  }
  const keyFile = rootKeyFile ?? join(dataDir, ROOT_KEY_FILE);
  const store = await openStore({ dir: dataDir, rootKeyFile: keyFile, clock });
  return { store, tokenKey: loadRootKey(keyFile, true), engine: 'sqlite' };
}
