/** Authenticated encryption of everything that is stored: what lies on disk is bound to its place and its purpose. */
import { createCipheriv, createDecipheriv, createHmac, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import { CorruptError } from './store.ts';

const ERA_BYTES = 4;
const COUNTER_BYTES = 6;
const TAG_BYTES = 16;
const HEAD_BYTES = ERA_BYTES + COUNTER_BYTES + TAG_BYTES;

/**
 * Derives the keys of the store from its root key. Each opening of a data folder is an era with a random salt of its own
 * and so with keys of its own: nonces can then be plain counters, and no crash, rollback or copy of the folder can make
 * the same key meet the same nonce twice.
 */
export class KeyTree {
  readonly #root: KeyObject;
  readonly #salts = new Map<number, Uint8Array>();
  #era = 0;

  /** @param root 32 bytes */
  constructor(root: KeyObject) {
    this.#root = root;
  }

  addEra(era: number, salt: Uint8Array): void {
    this.#salts.set(era, salt);
    this.#era = Math.max(this.#era, era);
  }

  /** The one that seals. */
  get era(): number {
    return this.#era;
  }

  /** @returns undefined for an era that this store never had */
  ofEra(purpose: string, era: number): KeyObject | undefined {
    const salt = this.#salts.get(era);
    return salt && this.derive(purpose, salt);
  }

  derive(purpose: string, salt: Uint8Array): KeyObject {
    const bytes = Buffer.from(hkdfSync('sha256', this.#root, salt, `bailey store ${purpose}`, 32));
    try {
      return createSecretKey(bytes);
    } finally {
      bytes.fill(0);
    }
  }

  /** Hex of an HMAC-SHA-256 under a key of its own. */
  mac(purpose: string, text: string): string {
    return createHmac('sha256', this.derive(purpose, new Uint8Array())).update(text).digest('hex');
  }
}

/** Seals and opens for one purpose. Layout: era, counter, tag, ciphertext. */
export class Seal {
  readonly #purpose: string;
  readonly #tree: KeyTree;
  readonly #keys = new Map<number, KeyObject>();
  readonly #iv = Buffer.alloc(12);
  #count = 0;

  constructor(purpose: string, tree: KeyTree) {
    this.#purpose = purpose;
    this.#tree = tree;
  }

  #key(era: number): KeyObject | undefined {
    let key = this.#keys.get(era);
    if (!key) {
      key = this.#tree.ofEra(this.#purpose, era);
      if (key) this.#keys.set(era, key);
    }
    return key;
  }

  /** @param place what the bytes are and where they belong; must be given again to open them */
  seal(place: string, plaintext: Uint8Array): Buffer {
    const era = this.#tree.era;
    const key = this.#key(era);
    if (!key) throw new TypeError('a store seals only once its era has begun');
    this.#iv.writeUIntBE(++this.#count, 12 - COUNTER_BYTES, COUNTER_BYTES);
    const cipher = createCipheriv('aes-256-gcm', key, this.#iv);
    cipher.setAAD(Buffer.from(place));
    const body = cipher.update(plaintext);
    cipher.final();
    const sealed = Buffer.allocUnsafe(HEAD_BYTES + body.length);
    sealed.writeUInt32BE(era, 0);
    sealed.writeUIntBE(this.#count, ERA_BYTES, COUNTER_BYTES);
    cipher.getAuthTag().copy(sealed, ERA_BYTES + COUNTER_BYTES);
    body.copy(sealed, HEAD_BYTES);
    return sealed;
  }

  /** Throws a CorruptError that names the place. */
  open(place: string, sealed: unknown): Buffer {
    if (sealed instanceof Uint8Array && sealed.length >= HEAD_BYTES) {
      const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.length);
      const key = this.#key(bytes.readUInt32BE(0));
      if (key) {
        this.#iv.fill(0);
        bytes.copy(this.#iv, 12 - COUNTER_BYTES, ERA_BYTES, ERA_BYTES + COUNTER_BYTES);
        try {
          const decipher = createDecipheriv('aes-256-gcm', key, this.#iv, { authTagLength: TAG_BYTES });
          decipher.setAAD(Buffer.from(place));
          decipher.setAuthTag(bytes.subarray(ERA_BYTES + COUNTER_BYTES, HEAD_BYTES));
          const plaintext = decipher.update(bytes.subarray(HEAD_BYTES));
          decipher.final();
          return plaintext;
        } catch {
          // Falls through: whatever the cause, these bytes are not what was sealed here.
        }
      }
    }
    throw new CorruptError(`stored bytes do not verify: ${place.replaceAll('\0', ' ')}`);
  }
}
