/**
 * The keyring: one wrap key for every KMS key. Forgetting it makes all that was ever encrypted under that key unreadable,
 * in every backup too, since backups hold no other keyring than copies that are rewritten with this one.
 *
 * New keys are appended (and synced); a deletion writes the file anew. Both are whole or not there after a crash.
 */
import { createHmac, createSecretKey, type KeyObject, randomBytes, timingSafeEqual } from 'node:crypto';
import { closeSync, existsSync, fdatasyncSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { VaultError } from '../services/kms/ports.ts';
import { writeDurably } from '../store/durable-file.ts';
import type { DomainKeys } from './domain-keys.ts';
import { openSecret, sealSecret } from './secret-box.ts';

const magic = Buffer.from('BVK\x01', 'latin1');
/** Magic, counter, MAC over both. */
const HEAD = 4 + 4 + 32;
const KEY = 32;

interface Wrap {
  readonly generation: number;
  readonly sealed: Buffer;
}

export class Keyring {
  readonly #path: string | undefined;
  readonly #domain: DomainKeys;
  readonly #wraps = new Map<string, Wrap>();
  readonly #opened = new Map<string, KeyObject>();
  /** Grows whenever the file is written anew. */
  #counter = 1;
  #file: number | undefined;
  #unsynced: (() => void)[] = [];

  /** Throws a VaultError `corrupt` for a file that does not verify. */
  constructor(path: string | undefined, domain: DomainKeys) {
    this.#path = path;
    this.#domain = domain;
    if (path === undefined) return;
    if (existsSync(path)) this.#read(path);
    else this.#rewrite();
  }

  get counter(): number {
    return this.#counter;
  }

  get size(): number {
    return this.#wraps.size;
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

  /** Forgets a wrap key for ever. Answers whether there was one. */
  shred(account: string, keyId: string): boolean {
    const name = `${account}/${keyId}`;
    this.#opened.delete(name);
    if (!this.#wraps.delete(name)) return false;
    this.#rewrite();
    return true;
  }

  /** Seals every wrap key under the newest domain key. */
  rewrap(): void {
    for (const [name, wrap] of this.#wraps) {
      const bytes = this.#open(name, wrap);
      this.#wraps.set(name, this.#seal(name, bytes));
      bytes.fill(0);
    }
    this.#rewrite();
  }

  /** The file as it would be written now: for copies that belong to backups. */
  image(): Buffer {
    const parts: Buffer[] = [this.#head()];
    for (const [name, wrap] of this.#wraps) parts.push(record(name, wrap));
    return Buffer.concat(parts);
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
    this.#file ??= openSync(this.#path, 'a', 0o600);
    writeSync(this.#file, record(name, wrap));
    return new Promise((resolve) => {
      this.#unsynced.push(() => {
        this.#wraps.set(name, wrap);
        resolve();
      });
      if (this.#unsynced.length === 1) setImmediate(() => this.#sync());
    });
  }

  #sync(): void {
    if (this.#file !== undefined) fdatasyncSync(this.#file);
    for (const done of this.#unsynced.splice(0)) done();
  }

  #rewrite(): void {
    this.#sync();
    if (this.#path === undefined) return;
    this.#counter += 1;
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
    writeDurably(this.#path, this.image());
  }

  #head(): Buffer {
    const head = Buffer.alloc(8);
    magic.copy(head);
    head.writeUInt32BE(this.#counter, 4);
    return Buffer.concat([head, createHmac('sha256', this.#domain.authentication).update(head).digest()]);
  }

  #read(path: string): void {
    const bytes = readFileSync(path);
    const head = bytes.subarray(0, 8);
    const mac = createHmac('sha256', this.#domain.authentication).update(head).digest();
    if (bytes.length < HEAD || !timingSafeEqual(mac, bytes.subarray(8, HEAD)) || !head.subarray(0, 4).equals(magic)) {
      throw new VaultError('corrupt', `${path} does not verify: it was changed, or belongs to another vault.`);
    }
    this.#counter = head.readUInt32BE(4);
    let at = HEAD;
    while (at < bytes.length) {
      const found = readRecord(bytes, at);
      if (!found) break;
      this.#wraps.set(found.name, found.wrap);
      // Opening tells at once whether the record is what was written here.
      this.#open(found.name, found.wrap).fill(0);
      at = found.end;
    }
    if (at < bytes.length) this.#cutTail(path, bytes, at);
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

/** Length of the name (2), the name, generation (4), iv, wrapped key and tag (60). */
function record(name: string, { generation, sealed }: Wrap): Buffer {
  const text = Buffer.from(name);
  const head = Buffer.alloc(2);
  head.writeUInt16BE(text.length);
  const number = Buffer.alloc(4);
  number.writeUInt32BE(generation);
  return Buffer.concat([head, text, number, sealed]);
}

const SEALED = 12 + KEY + 16;
const LONGEST_NAME = 300;
const LONGEST_RECORD = 2 + LONGEST_NAME + 4 + SEALED;

/** Undefined where no whole record begins. */
function readRecord(bytes: Buffer, at: number): { name: string; wrap: Wrap; end: number } | undefined {
  if (at + 2 > bytes.length) return undefined;
  const length = bytes.readUInt16BE(at);
  if (length === 0 || length > LONGEST_NAME) return undefined;
  const nameEnd = at + 2 + length;
  const end = nameEnd + 4 + SEALED;
  if (end > bytes.length) return undefined;
  return {
    name: bytes.toString('utf8', at + 2, nameEnd),
    wrap: { generation: bytes.readUInt32BE(nameEnd), sealed: Buffer.from(bytes.subarray(nameEnd + 4, end)) },
    end,
  };
}
