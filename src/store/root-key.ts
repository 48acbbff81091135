/** The root key: 32 random bytes in a file of its own, from which every key of the store is derived. */
import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { closeSync, existsSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { writeDurably } from './durable-file.ts';

const KEY_BYTES = 32;

/**
 * Throws an Error with a sentence if the key is missing while there are data, or can be read by others.
 * @param hasData whether the data folder already holds a database
 */
export function loadRootKey(path: string, hasData: boolean): KeyObject {
  if (!existsSync(path)) {
    if (hasData) {
      throw new Error(
        `the data folder holds data but ${path} is missing: put the root key back, nothing can be read without it`,
      );
    }
    const fresh = randomBytes(KEY_BYTES);
    writeDurably(path, fresh);
    fresh.fill(0);
  }
  const file = openSync(path, 'r');
  try {
    const { mode, size } = fstatSync(file);
    if ((mode & 0o077) !== 0) {
      throw new Error(`${path} can be read by others: make it yours alone with chmod 600 ${path}`);
    }
    if (size !== KEY_BYTES) throw new Error(`${path} is not a root key: it must hold ${KEY_BYTES} bytes`);
    const bytes = readFileSync(file);
    try {
      return createSecretKey(bytes);
    } finally {
      bytes.fill(0);
    }
  } finally {
    closeSync(file);
  }
}
