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
/** Of a file: two in a root rotation, more after some that failed. */
const MOST_ROOTS = 8;
const place = 'domain-keys';

interface Generation {
  readonly number: number;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly key: Buffer;
}

/** What the file holds. */
interface Parts {
  /** Grows with every writing: the anchor remembers it. */
  readonly counter: number;
  /** Names this history of the vault: a restore begins another. */
  readonly epoch: Buffer;
  /** Authenticates the keyring and the anchor; never rotates. */
  readonly authentication: Buffer;
  /** Makes ids of imported material; never rotates, or the same material would get another id. */
  readonly identification: Buffer;
  readonly generations: readonly Generation[];
  readonly named: ReadonlyMap<string, Buffer>;
}

export class DomainKeys {
  readonly #path: string | undefined;
  #parts: Parts;
  readonly #objects = new Map<number, KeyObject>();

  private constructor(path: string | undefined, parts: Parts) {
    this.#path = path;
    this.#parts = parts;
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

  /** Writes the file, sealed under each of these roots: under several while a root rotation is on its way. */
  write(roots: readonly Buffer[], changed: Partial<Parts> = {}): void {
    const parts: Parts = { ...this.#parts, ...changed, counter: this.#parts.counter + 1 };
    if (this.#path !== undefined) writeDurably(this.#path, sealed(parts, roots));
    // Not before it is durable: nothing may be sealed under a key that a restart would not find.
    this.#parts = parts;
  }

  get counter(): number {
    return this.#parts.counter;
  }

  get epoch(): Buffer {
    return this.#parts.epoch;
  }

  get current(): Generation {
    return this.#parts.generations.at(-1) as Generation;
  }

  get generations(): readonly number[] {
    return this.#parts.generations.map((one) => one.number);
  }

  /** Throws a VaultError `corrupt` for a generation that is not there. */
  key(generation: number): KeyObject {
    const known = this.#objects.get(generation);
    if (known) return known;
    const found = this.#parts.generations.find((one) => one.number === generation);
    if (!found) throw new VaultError('corrupt', 'A key is sealed under a domain key that does not exist.');
    const key = createSecretKey(found.key);
    this.#objects.set(generation, key);
    return key;
  }

  get authentication(): KeyObject {
    return createSecretKey(this.#parts.authentication);
  }

  get identification(): KeyObject {
    return createSecretKey(this.#parts.identification);
  }

  beginEpoch(roots: readonly Buffer[]): void {
    this.write(roots, { epoch: randomBytes(EPOCH) });
  }

  /** A new generation. @param now epoch milliseconds */
  add(roots: readonly Buffer[], now: number): void {
    const made = { number: this.current.number + 1, createdAt: now, key: randomBytes(KEY) };
    this.write(roots, { generations: [...this.#parts.generations, made] });
  }

  /** Forgets all generations but the newest. */
  dropOld(roots: readonly Buffer[]): void {
    const old = this.#parts.generations.slice(0, -1);
    this.write(roots, { generations: [this.current] });
    for (const one of old) {
      one.key.fill(0);
      this.#objects.delete(one.number);
    }
  }

  /** A key with a name, made when it is first asked for. */
  named(roots: readonly Buffer[], name: string): Buffer {
    const known = this.#parts.named.get(name);
    if (known) return known;
    const made = randomBytes(KEY);
    this.write(roots, { named: new Map([...this.#parts.named, [name, made]]) });
    return made;
  }

  wipe(): void {
    const { generations, named, authentication, identification } = this.#parts;
    for (const { key } of generations) key.fill(0);
    for (const key of named.values()) key.fill(0);
    authentication.fill(0);
    identification.fill(0);
    this.#objects.clear();
  }
}

function sealed(parts: Parts, roots: readonly Buffer[]): Buffer {
  const body = encode(parts);
  const all: Buffer[] = [Buffer.from([0x42, 0x56, 0x44, FORMAT])];
  for (const root of roots) {
    const section = sealSecret(createSecretKey(root), place, body);
    all.push(numberField(section.length, 4), section);
  }
  body.fill(0);
  return Buffer.concat(all);
}

function numberField(value: number, bytes: 1 | 4 | 8): Buffer {
  const field = Buffer.alloc(bytes);
  if (bytes === 8) field.writeDoubleBE(value);
  else field.writeUIntBE(value, 0, bytes);
  return field;
}

function encode({ counter, epoch, authentication, identification, generations, named }: Parts): Buffer {
  const all = [numberField(counter, 4), epoch, authentication, identification, numberField(generations.length, 4)];
  for (const one of generations) all.push(numberField(one.number, 4), numberField(one.createdAt, 8), one.key);
  all.push(numberField(named.size, 4));
  for (const [name, key] of named) all.push(numberField(name.length, 1), Buffer.from(name, 'latin1'), key);
  return Buffer.concat(all);
}

function sections(bytes: Buffer): Buffer[] {
  const found: Buffer[] = [];
  if (bytes.toString('latin1', 0, 3) !== 'BVD' || bytes[3] !== FORMAT) return found;
  for (let at = 4; at + 4 <= bytes.length && found.length < MOST_ROOTS; ) {
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
