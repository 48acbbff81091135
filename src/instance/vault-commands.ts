/** The vault on the operator's socket: sealing, unsealing, rotation, and its part of a backup. Secrets pass in sealed letters. */
import { isAbsolute } from 'node:path';
import type { VaultClient } from '../vault/client.ts';
import { type OperatorCommands, openOperatorSocket } from './operator.ts';

export function vaultCommands(vault: VaultClient): OperatorCommands {
  const status = async () => ({ vault: await vault.status() });
  return {
    '/vault/status': status,
    async '/vault/seal'() {
      await vault.seal();
      return status();
    },
    async '/vault/unseal'({ letter }) {
      await vault.unseal(letter === undefined ? undefined : bytesOf(letter));
      return status();
    },
    async '/vault/initialize'({ shares, threshold, address }) {
      const letters = await vault.initialize(count(shares), count(threshold), bytesOf(address));
      return { letters: letters.map((letter) => letter.toString('base64')) };
    },
    async '/vault/rotate-root'() {
      await vault.rotateRootKey();
      return status();
    },
    async '/vault/archive'({ sealed, keyring, clearRootKey }) {
      const clear = clearRootKey === undefined ? undefined : path(clearRootKey);
      await vault.archive({ sealed: path(sealed), keyring: path(keyring), clearRootKey: clear });
      return {};
    },
  };
}

/** For instances that need the vault before they can listen: they take nothing but these commands until it is open. */
export async function untilUnsealed(dataDir: string, vault: VaultClient): Promise<void> {
  console.error(`bailey: TLS needs the vault: waiting for bailey unseal --data ${dataDir}`);
  const commands: OperatorCommands = {
    ...vaultCommands(vault),
    '/status': async () => ({
      endpoint: 'not yet: TLS needs the vault',
      pid: process.pid,
      startedAt: new Date(performance.timeOrigin).toISOString(),
      dataDir,
      accounts: [],
      store: {},
      refused: {},
      recordsWaiting: 0,
      vault: await vault.status(),
    }),
  };
  const { resolve: opened, promise } = Promise.withResolvers<void>();
  const told = vault.onOpened;
  vault.onOpened = () => {
    told();
    opened();
  };
  const server = await openOperatorSocket(dataDir, commands);
  server.ref();
  await promise;
  vault.onOpened = told;
  await new Promise<void>((resolve) => server.close(() => resolve()));
}

function bytesOf(value: unknown): Buffer {
  if (typeof value !== 'string' || value.length > 16_384) throw new Error('A letter is text in base64.');
  return Buffer.from(value, 'base64');
}

function count(value: unknown): number {
  if (!Number.isInteger(value) || (value as number) < 1 || (value as number) > 255) {
    throw new Error('Shares are counted from 1 to 255.');
  }
  return value as number;
}

function path(value: unknown): string {
  if (typeof value !== 'string' || !isAbsolute(value)) throw new Error('A backup needs absolute paths.');
  return value;
}
