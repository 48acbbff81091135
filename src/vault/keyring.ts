/**
 * The keyring: one wrap key for every KMS key. Forgetting it makes all that was ever encrypted under that key unreadable,
 * in every backup too, since backups hold no other keyring than copies that are rewritten with this one.
 *
 * New keys are appended (and synced); a deletion writes the file anew. Both are whole or not there after a crash.
 */
import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { closeSync, existsSync, fdatasyncSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { VaultError } from '../services/kms/ports.ts';
import { writeDurably } from '../store/durable-file.ts';
import type { DomainKeys } from './domain-keys.ts';
import { headOf, LONGEST_RECORD, readHead, readRecords, recordOf, type Wrap } from './keyring-file.ts';
import { openSecret, sealSecret } from './secret-box.ts';

const KEY = 32;

export class Keyring {
  readonly #path: string | undefined;
  readonly #domain: DomainKeys;
  #wraps = new Map<string, Wrap>();
  readonly #opened = new Map<string, KeyObject>();
  /** Grows whenever the file is written anew. */
  #counter = 1;
  #file: number | undefined;
  #unsynced: (() => void)[] = [];
  /** Of the file, written; and durable. */
  #written = 0;
  #bytes = 0;
  /** Told when the file has grown durably. */
  onGrowth: () => void = () => undefined;

  /** Throws a VaultError `corrupt` for a file that does not verify. */
  constructor(path: string | undefined, domain: DomainKeys) {
    this.#path = path;
    this.#domain = domain;
    if (path === undefined) return;
    if (existsSync(path)) this.#read(path);
    else this.#rewrite(this.#wraps);
  }

  get counter(): number {
    return this.#counter;
  }

  get size(): number {
    return this.#wraps.size;
  }

  /** Durable bytes of the file. */
  get bytes(): number {
    return this.#bytes;
  }

  /** How many wrap keys are not sealed under the newest domain key yet. */
  get left(): number {
    // Nothing is sealed under a generation that does not exist.
    if (this.#domain.generations.length === 1) return 0;
    const { number } = this.#domain.current;
    let left = 0;
    for (const { generation } of this.#wraps.values()) if (generation !== number) left += 1;
    return left;
  }

  get names(): Iterable<string> {
    return this.#wraps.keys();
  }

  /** @param name `account/keyId` */
  has(name: string): boolean {
    return this.#wraps.has(name);
  }

  /** Throws a VaultError `shredded` if there is none. */
  wrapKey(account: string, keyId: string): KeyObject {
    const name = `${account}/${keyId}`;
    const known = this.#opened.get(name);
    if (known) return known;
    const wrap = this.#wraps.get(name);
    if (!wrap) throw new VaultError('shredded', 'The material of this key was deleted.');
    const bytes = this.#open(name, wrap);
    const key = createSecretKey(bytes);
    bytes.fill(0);
    this.#opened.set(name, key);
    return key;
  }

  /** The wrap key of this KMS key, made and durable if it is the first time. */
  async ensure(account: string, keyId: string): Promise<KeyObject> {
    const name = `${account}/${keyId}`;
    if (!this.#wraps.has(name)) {
      const bytes = randomBytes(KEY);
      const wrap = this.#seal(name, bytes);
      bytes.fill(0);
      await this.#append(name, wrap);
    }
    return this.wrapKey(account, keyId);
  }

  /** Forgets wrap keys for ever. Answers whether there was one. @param names `account/keyId` */
  shred(...names: string[]): boolean {
    this.#sync();
    const kept = new Map(this.#wraps);
    const found = names.filter((name) => kept.delete(name));
    if (found.length === 0) return false;
    // Durably first: what could not be written must not look as if it were gone.
    this.#rewrite(kept);
    for (const name of found) this.#opened.delete(name);
    return true;
  }

  /**
   * Seals some of the wrap keys under the newest domain key, durably; the records lie behind the old ones, and win.
   * Once none is left, the file is written anew without the old ones. Answers how many are left.
   */
  rewrap(most: number): number {
    this.#sync();
    const { number } = this.#domain.current;
    const fresh = new Map<string, Wrap>();
    let left = 0;
    for (const [name, wrap] of this.#wraps) {
      if (wrap.generation === number) continue;
      if (fresh.size === most) {
        left += 1;
        continue;
      }
      const bytes = this.#open(name, wrap);
      fresh.set(name, this.#seal(name, bytes));
      bytes.fill(0);
    }
    if (fresh.size === 0) return 0;
    if (left === 0) {
      this.#rewrite(new Map([...this.#wraps, ...fresh]));
      return 0;
    }
    if (this.#path !== undefined) {
      this.#write(Buffer.concat([...fresh].map(([name, wrap]) => recordOf(name, wrap))));
      this.#sync();
    }
    for (const [name, wrap] of fresh) this.#wraps.set(name, wrap);
    return left;
  }

  /** The names in a keyring's file, `account/keyId`; undefined for what is none of this vault. */
  static namesIn(bytes: Buffer, authentication: KeyObject): Set<string> | undefined {
    if (readHead(bytes, authentication) === undefined) return undefined;
    return new Set(readRecords(bytes).records.map(({ name }) => name));
  }

  /**
   * A copy without what was deleted here since it was made: its records stay sealed as they are, since the backup that it
   * belongs to has the domain keys of its day. Undefined if nothing changes, or it is no copy of this keyring.
   */
  prune(copy: Buffer): Buffer | undefined {
    const { authentication } = this.#domain;
    const counter = readHead(copy, authentication);
    if (counter === undefined) return undefined;
    const { records } = readRecords(copy);
    const kept = records.filter(({ name }) => this.#wraps.has(name));
    if (kept.length === records.length) return undefined;
    return Buffer.concat([headOf(counter + 1, authentication), ...kept.map(({ name, wrap }) => recordOf(name, wrap))]);
  }

  wipe(): void {
    this.#opened.clear();
    this.#wraps.clear();
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #open(name: string, { generation, sealed }: Wrap): Buffer {
    return openSecret(this.#domain.key(generation), `wrap ${name} ${generation}`, sealed);
  }

  #seal(name: string, bytes: Buffer): Wrap {
    const generation = this.#domain.current.number;
    return { generation, sealed: sealSecret(this.#domain.key(generation), `wrap ${name} ${generation}`, bytes) };
  }

  /** Appends that come in one turn of the loop share one sync. */
  #append(name: string, wrap: Wrap): Promise<void> {
    if (this.#path === undefined) {
      this.#wraps.set(name, wrap);
      return Promise.resolve();
    }
    this.#write(recordOf(name, wrap));
    return new Promise((resolve) => {
      this.#unsynced.push(() => {
        this.#wraps.set(name, wrap);
        resolve();
      });
      if (this.#unsynced.length === 1) setImmediate(() => this.#sync());
    });
  }

  /** Whole or not at all: what comes behind a piece of a record could not be read. */
  #write(bytes: Buffer): void {
    this.#file ??= openSync(this.#path as string, 'a', 0o600);
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at);
    } catch (error) {
      ftruncateSync(this.#file, this.#written);
      throw error;
    }
    this.#written += bytes.length;
  }

  #sync(): void {
    try {
      if (this.#file !== undefined) fdatasyncSync(this.#file);
    } catch (error) {
      // What the disk took is unknown, and asking it again proves nothing: only a new process reads what is really there.
      queueMicrotask(() => {
        throw error;
      });
      throw error;
    }
    if (this.#bytes !== this.#written) {
      this.#bytes = this.#written;
      this.onGrowth();
    }
    for (const done of this.#unsynced.splice(0)) done();
  }

  /** The file anew, with these wrap keys; they are ours once they are durable. */
  #rewrite(wraps: Map<string, Wrap>): void {
    this.#sync();
    if (this.#path !== undefined) {
      const counter = this.#counter + 1;
      const records = [...wraps].map(([name, wrap]) => recordOf(name, wrap));
      const image = Buffer.concat([headOf(counter, this.#domain.authentication), ...records]);
      writeDurably(this.#path, image);
      if (this.#file !== undefined) closeSync(this.#file);
      this.#file = undefined;
      this.#counter = counter;
      this.#written = image.length;
      this.#bytes = image.length;
    }
    this.#wraps = wraps;
  }

  #read(path: string): void {
    const bytes = readFileSync(path);
    const counter = readHead(bytes, this.#domain.authentication);
    if (counter === undefined) {
      throw new VaultError('corrupt', `${path} does not verify: it was changed, or belongs to another vault.`);
    }
    this.#counter = counter;
    const { records, end } = readRecords(bytes);
    for (const { name, wrap } of records) {
      this.#wraps.set(name, wrap);
      // Opening tells at once whether the record is what was written here.
      this.#open(name, wrap).fill(0);
    }
    if (end < bytes.length) this.#cutTail(path, bytes, end);
    this.#written = end;
    this.#bytes = end;
  }

  /** What a crash left of an append that nobody was told of: a piece of a record, or room that was never written. */
  #cutTail(path: string, bytes: Buffer, at: number): void {
    const rest = bytes.subarray(at);
    if (rest.length > LONGEST_RECORD && rest.some((byte) => byte !== 0)) {
      throw new VaultError('corrupt', `${path} was changed: a record in its middle does not verify.`);
    }
    // Kept aside, since a flipped bit in the very last record looks the same.
    writeDurably(`${path}.torn`, rest);
    const file = openSync(path, 'r+');
    try {
      ftruncateSync(file, at);
      fdatasyncSync(file);
    } finally {
      closeSync(file);
    }
  }
}
