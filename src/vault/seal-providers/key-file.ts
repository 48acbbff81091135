/** The root key in a file of its own: 32 bytes that nobody else may read. */
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, fstatSync, openSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { syncFolderOf, writeDurably } from '../../store/durable-file.ts';
import type { SealProvider } from './provider.ts';

const KEY_BYTES = 32;

export function keyFile(path: string): SealProvider {
  const next = `${path}.next`;
  return {
    kind: 'key-file',
    wants: undefined,
    get isInitialized() {
      return existsSync(path);
    },
    async unseal(hasData) {
      if (!existsSync(path)) {
        if (hasData) throw new Error(`${path} is missing: put the vault's key back, nothing can be opened without it`);
        const fresh = randomBytes(KEY_BYTES);
        writeDurably(path, fresh);
        fresh.fill(0);
      }
      return [path, next].filter((one) => existsSync(one)).map(read);
    },
    async prepare() {
      const fresh = randomBytes(KEY_BYTES);
      writeDurably(next, fresh);
      return fresh;
    },
    async adopt() {
      renameSync(next, path);
      syncFolderOf(path);
    },
    async drop() {
      rmSync(next, { force: true });
      syncFolderOf(path);
    },
    wipe: () => undefined,
  };
}

function read(path: string): Buffer {
  const file = openSync(path, 'r');
  try {
    const { mode, size } = fstatSync(file);
    if ((mode & 0o077) !== 0) {
      throw new Error(`${path} can be read by others: make it yours alone with chmod 600 ${path}`);
    }
    if (size !== KEY_BYTES) throw new Error(`${path} is not a root key: it must hold ${KEY_BYTES} bytes`);
    return readFileSync(file);
  } finally {
    closeSync(file);
  }
}
