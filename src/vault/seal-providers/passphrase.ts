/** A root key sealed by a passphrase: Argon2id makes the key that seals it. */
import { type Argon2Parameters, argon2, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { VaultError } from '../../services/kms/ports.ts';
import { openSecret, sealSecret } from '../secret-box.ts';
import type { Parameters, RootSeal } from './provider.ts';

/** RFC 9106, section 4: the second recommended option. */
const strength = { memoryKiB: 64 * 1024, passes: 3, parallelism: 4 };
/** What a file may ask for: more would be an attack on the memory of this machine. */
const most = { memoryKiB: 2 * 1024 * 1024, passes: 32, parallelism: 64 };
const longest = 4096;
const shortest = 8;
const place = 'root key by passphrase';

/** @param file holds the passphrase, in its first line; without one an operator gives it */
export function passphraseSeal(file: string | undefined): RootSeal {
  let given: Buffer | undefined;
  /** Kept while the vault is open, for the rotation of the root key. */
  let known: { readonly salt: string; readonly key: KeyObject } | undefined;

  async function keyFor(parameters: Parameters): Promise<KeyObject> {
    const salt = String(parameters.salt);
    if (known?.salt === salt) return known.key;
    const passphrase = given ?? (file === undefined ? undefined : readPassphrase(file));
    if (!passphrase) throw new VaultError('sealed', 'The vault waits for its passphrase: give it with bailey unseal.');
    try {
      return await derive(passphrase, parameters);
    } finally {
      passphrase.fill(0);
      given = undefined;
    }
  }

  return {
    kind: 'passphrase',
    get wants() {
      return file === undefined && given === undefined && known === undefined ? 'passphrase' : undefined;
    },
    async close(root, before) {
      const parameters = before ?? { salt: randomBytes(16).toString('base64'), ...strength };
      const key = await keyFor(parameters);
      known = { salt: String(parameters.salt), key };
      return { parameters, sealed: sealSecret(key, place, root) };
    },
    async open(sealed, parameters) {
      const key = await keyFor(parameters);
      try {
        const root = openSecret(key, place, sealed);
        known = { salt: String(parameters.salt), key };
        return root;
      } catch {
        throw new VaultError('sealed', 'The passphrase is wrong.');
      }
    },
    async give(secret) {
      if (secret.length < shortest || secret.length > longest) {
        throw new VaultError('sealed', `A passphrase has ${shortest} to ${longest} bytes.`);
      }
      given?.fill(0);
      given = Buffer.from(secret);
    },
    wipe() {
      given?.fill(0);
      given = undefined;
      known = undefined;
    },
  };
}

function derive(passphrase: Buffer, parameters: Parameters): Promise<KeyObject> {
  const { memoryKiB, passes, parallelism } = parameters;
  const within = (value: unknown, limit: number): value is number =>
    Number.isInteger(value) && (value as number) >= 1 && (value as number) <= limit;
  const salt = Buffer.from(String(parameters.salt), 'base64');
  const isSane =
    within(memoryKiB, most.memoryKiB) &&
    within(passes, most.passes) &&
    within(parallelism, most.parallelism) &&
    salt.length === 16;
  if (!isSane) throw new Error('The parameters beside the sealed root key were changed: put the right file back.');
  const work: Argon2Parameters = {
    message: passphrase,
    nonce: salt,
    memory: memoryKiB,
    passes,
    parallelism,
    tagLength: 32,
  };
  return new Promise((resolve, reject) =>
    argon2('argon2id', work, (error, bytes) => {
      if (error) return reject(error);
      resolve(createSecretKey(bytes));
      bytes.fill(0);
    }),
  );
}

/** Throws an Error that says what to do. */
export function readSecretLine(path: string, what: string): Buffer {
  const file = openSync(path, 'r');
  try {
    const { mode, size } = fstatSync(file);
    if ((mode & 0o077) !== 0) {
      throw new Error(`${path} can be read by others: make it yours alone with chmod 600 ${path}`);
    }
    if (size > longest) throw new Error(`${path} is too long for ${what}`);
    const bytes = readFileSync(file);
    const end = bytes.indexOf(0x0a);
    const line = end < 0 ? bytes : bytes.subarray(0, end);
    return line.at(-1) === 0x0d ? line.subarray(0, -1) : line;
  } finally {
    closeSync(file);
  }
}

function readPassphrase(path: string): Buffer {
  const line = readSecretLine(path, 'a passphrase');
  if (line.length < shortest) throw new Error(`${path}: a passphrase has at least ${shortest} bytes in its first line`);
  return line;
}
