/** Opens the state of an instance: a folder, or memory. */
import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { openMemoryStore } from '../store/memory.ts';
import type { Store } from '../store/store.ts';

export interface State {
  readonly store: Store;
  /** Seals tokens that travel through clients. */
  readonly tokenKey: KeyObject;
  /** For `bailey status`. */
  status(): Readonly<Record<string, unknown>>;
  /** Writes a consistent copy; returns what it holds. */
  backup(target: string): Promise<object>;
}

/** @param clock epoch milliseconds */
export async function openState(dataDir: string | undefined, clock: () => number): Promise<State> {
  void dataDir;
  return {
    store: openMemoryStore({ clock }),
    tokenKey: createSecretKey(randomBytes(32)),
    status: () => ({ engine: 'memory' }),
    backup: async () => {
      throw new Error('State in memory has no backup.');
    },
  };
}
