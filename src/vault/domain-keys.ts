/**
 * The middle of the hierarchy: the keys that the root key seals and that seal the keyring. One small file, written whole.
 * Root rotation seals this file anew and touches nothing else.
 */
import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { VaultError } from '../services/kms/ports.ts';
import { writeDurably } from '../store/durable-file.ts';
import { openSecret, sealSecret } from './secret-box.ts';

const FORMAT = 2;
const KEY = 32;
const EPOCH = 16;
const place = 'domain-keys';

interface Generation {
  readonly number: number;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly key: Buffer;
}

export class DomainKeys {
  readonly #path: string | undefined;
  /** Grows with every writing: the anchor remembers it. */
  counter: number;
  /** Names this history of the vault: a restore begins another. */
  epoch: Buffer;
  /** Authenticates the keyring and the anchor; never rotates. */
  readonly #authentication: Buffer;
  /** Makes ids of imported material; never rotates, or the same material would get another id. */
  readonly #identification: Buffer;
  #generations: Generation[];
  readonly #named: Map<string, Buffer>;
  readonly #objects = new Map<number, KeyObject>();

  private constructor(path: string | undefined, parts: Parts) {
    this.#path = path;
    this.counter = parts.counter;
    this.epoch = parts.epoch;
    this.#authentication = parts.authentication;
    this.#identification = parts.identification;
    this.#generations = parts.generations;
    this.#named = parts.named;
  }

  static exists(path: string): boolean {
    return existsSync(path);
  }

  /** @param now epoch milliseconds */
  static create(path: string | undefined, root: Buffer, now: number): DomainKeys {
    const made = new DomainKeys(path, {
      counter: 0,
      epoch: randomBytes(EPOCH),
      authentication: randomBytes(KEY),
      identification: randomBytes(KEY),
      generations: [{ number: 1, createdAt: now, key: randomBytes(KEY) }],
      named: new Map(),
    });
    made.write([root]);
    return made;
  }

  /**
   * Opens the file with the one of these root keys that fits, and says which, and under how many keys it is sealed.
   * Throws a VaultError `corrupt` when none does.
   */
  static open(path: string, roots: readonly Buffer[]): { keys: DomainKeys; root: Buffer; sealings: number } {
    const all = sections(readFileSync(path));
    for (const section of all) {
      for (const root of roots) {
        try {
          const opened = openSecret(createSecretKey(root), place, section);
          const keys = new DomainKeys(path, parse(opened));
          opened.fill(0);
          return { keys, root, sealings: all.length };
        } catch (error) {
          if (!(error instanceof VaultError)) throw error;
        }
      }
    }
    throw new VaultError('corrupt', `${path} does not open with the root key: it was changed, or the key is another.`);
  }

  /** Writes the file, sealed under each of these roots: under two while a root rotation is on its way. */
  write(roots: readonly Buffer[]): void {
    if (this.#path === undefined) return;
    this.counter += 1;
    const body = this.#encode();
    const parts: Buffer[] = [Buffer.from([0x42, 0x56, 0x44, FORMAT])];
    for (const root of roots) {
      const sealed = sealSecret(createSecretKey(root), place, body);
      const length = Buffer.alloc(4);
      length.writeUInt32BE(sealed.length);
      parts.push(length, sealed);
    }
    body.fill(0);
    writeDurably(this.#path, Buffer.concat(parts));
  }

  get current(): Generation {
    return this.#generations.at(-1) as Generation;
  }

  get generations(): readonly number[] {
    return this.#generations.map((one) => one.number);
  }

  /** Throws a VaultError `corrupt` for a generation that is not there. */
  key(generation: number): KeyObject {
    const known = this.#objects.get(generation);
    if (known) return known;
    const found = this.#generations.find((one) => one.number === generation);
    if (!found) throw new VaultError('corrupt', 'A key is sealed under a domain key that does not exist.');
    const key = createSecretKey(found.key);
    this.#objects.set(generation, key);
    return key;
  }

  get authentication(): KeyObject {
    return createSecretKey(this.#authentication);
  }

  get identification(): KeyObject {
    return createSecretKey(this.#identification);
  }

  beginEpoch(): void {
    this.epoch = randomBytes(EPOCH);
  }

  add(now: number): void {
    this.#generations.push({ number: this.current.number + 1, createdAt: now, key: randomBytes(KEY) });
  }

  /** Forgets all generations but the newest. */
  dropOld(): void {
    for (const old of this.#generations.splice(0, this.#generations.length - 1)) {
      old.key.fill(0);
      this.#objects.delete(old.number);
    }
  }

  named(name: string): Buffer | undefined {
    return this.#named.get(name);
  }

  makeNamed(name: string): Buffer {
    const key = randomBytes(KEY);
    this.#named.set(name, key);
    return key;
  }

  wipe(): void {
    for (const { key } of this.#generations) key.fill(0);
    for (const key of this.#named.values()) key.fill(0);
    this.#authentication.fill(0);
    this.#identification.fill(0);
    this.#objects.clear();
  }

  #encode(): Buffer {
    const number = (value: number, bytes: number): Buffer => {
      const field = Buffer.alloc(bytes);
      if (bytes === 8) field.writeDoubleBE(value);
      else field.writeUIntBE(value, 0, bytes);
      return field;
    };
    const parts = [number(this.counter, 4), this.epoch, this.#authentication, this.#identification];
    parts.push(number(this.#generations.length, 4));
    for (const one of this.#generations) parts.push(number(one.number, 4), number(one.createdAt, 8), one.key);
    parts.push(number(this.#named.size, 4));
    for (const [name, key] of this.#named) parts.push(number(name.length, 1), Buffer.from(name, 'latin1'), key);
    return Buffer.concat(parts);
  }
}

interface Parts {
  readonly counter: number;
  readonly epoch: Buffer;
  readonly authentication: Buffer;
  readonly identification: Buffer;
  readonly generations: Generation[];
  readonly named: Map<string, Buffer>;
}

function sections(bytes: Buffer): Buffer[] {
  const found: Buffer[] = [];
  if (bytes.toString('latin1', 0, 3) !== 'BVD' || bytes[3] !== FORMAT) return found;
  for (let at = 4; at + 4 <= bytes.length && found.length < 2; ) {
    const end = at + 4 + bytes.readUInt32BE(at);
    if (end > bytes.length) break;
    found.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return found;
}

/** Of bytes that verified, so their lengths are ours. */
function parse(bytes: Buffer): Parts {
  let at = 0;
  const take = (length: number): Buffer => {
    const part = Buffer.from(bytes.subarray(at, at + length));
    at += length;
    return part;
  };
  const counter = take(4).readUInt32BE();
  const epoch = take(EPOCH);
  const authentication = take(KEY);
  const identification = take(KEY);
  const generations: Generation[] = [];
  for (let left = take(4).readUInt32BE(); left > 0; left -= 1) {
    generations.push({ number: take(4).readUInt32BE(), createdAt: take(8).readDoubleBE(), key: take(KEY) });
  }
  const named = new Map<string, Buffer>();
  for (let left = take(4).readUInt32BE(); left > 0; left -= 1) {
    const name = take(take(1).readUInt8()).toString('latin1');
    named.set(name, take(KEY));
  }
  return { counter, epoch, authentication, identification, generations, named };
}
