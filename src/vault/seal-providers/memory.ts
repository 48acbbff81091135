/** A root key that lives and dies with the process: for instances that keep nothing. */
import { randomBytes } from 'node:crypto';
import type { SealProvider } from './provider.ts';

export function memoryKey(): SealProvider {
  let next = randomBytes(32);
  return {
    kind: 'memory',
    isInitialized: true,
    wants: undefined,
    unseal: async () => [Buffer.from(next)],
    async prepare() {
      next = randomBytes(32);
      return Buffer.from(next);
    },
    adopt: async () => undefined,
    drop: async () => undefined,
    wipe: () => undefined,
  };
}
