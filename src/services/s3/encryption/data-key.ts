/** The data key of an object, and the frames that it seals: streaming, readable at any offset, and nothing that can be cut or moved. */
import { createCipheriv, createDecipheriv, createHmac, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import { CorruptError } from '../../../store/store.ts';

/** Plaintext bytes of every frame but the last. */
export const frameBytes = 64 * 1024;
const tagBytes = 16;
const layerBytes = 32;
export const saltBytes = 32;

/** Reads [start, end) of the ciphertext. */
export type ReadCiphertext = (start: number, end: number) => AsyncIterable<Uint8Array>;

/** Whose bytes are sealed with a key of its own for each salt. One layer per 32 bytes of secret. */
export class DataKey {
  readonly #layers: readonly KeyObject[];

  /** @param secret is copied */
  constructor(secret: Uint8Array) {
    const layers: KeyObject[] = [];
    for (let at = 0; at + layerBytes <= secret.length; at += layerBytes) {
      layers.push(createSecretKey(secret.subarray(at, at + layerBytes)));
    }
    if (layers.length === 0 || layers.length * layerBytes !== secret.length) throw new RangeError('no such data key');
    this.#layers = layers;
  }

  /** An entity tag that tells nothing of the bytes to whoever cannot read them: 32 hex digits. */
  entityTag(md5: Uint8Array, salt: Uint8Array): string {
    const key = derive(this.#layers[0]!, salt, 'entity tag');
    return createHmac('sha256', key).update(md5).digest('hex').slice(0, 32);
  }

  /** @param salt new for every stream of bytes: it makes the nonces unique */
  frames(salt: Uint8Array): Frames {
    return new Frames(this.#layers.map((layer, index) => derive(layer, salt, `layer ${index}`)));
  }
}

function derive(key: KeyObject, salt: Uint8Array, purpose: string): KeyObject {
  const bytes = Buffer.from(hkdfSync('sha256', key, salt, `bailey s3 ${purpose}`, 32));
  try {
    return createSecretKey(bytes);
  } finally {
    bytes.fill(0);
  }
}

/** Seals one stream of bytes, or opens any part of it. */
export class Frames {
  readonly #keys: readonly KeyObject[];

  constructor(keys: readonly KeyObject[]) {
    this.#keys = keys;
  }

  get #overhead(): number {
    return this.#keys.length * tagBytes;
  }

  #seal(frame: number, isLast: boolean, plaintext: Uint8Array): Uint8Array {
    let bytes = plaintext;
    for (const key of this.#keys) {
      const cipher = createCipheriv('aes-256-gcm', key, nonce(frame, isLast));
      const body = cipher.update(bytes);
      cipher.final();
      bytes = Buffer.concat([body, cipher.getAuthTag()]);
    }
    return bytes;
  }

  #open(frame: number, isLast: boolean, sealed: Uint8Array): Uint8Array {
    let bytes = sealed;
    for (const key of this.#keys.toReversed()) {
      const length = bytes.length - tagBytes;
      const decipher = createDecipheriv('aes-256-gcm', key, nonce(frame, isLast), { authTagLength: tagBytes });
      decipher.setAuthTag(bytes.subarray(length));
      const body = decipher.update(bytes.subarray(0, length));
      try {
        decipher.final();
      } catch {
        throw new CorruptError('the stored bytes of an object do not verify');
      }
      bytes = body;
    }
    return bytes;
  }

  /** For bytes in memory. */
  sealAll(plaintext: Uint8Array): Uint8Array {
    const frames = frameCount(plaintext.length);
    const sealed: Uint8Array[] = [];
    for (let frame = 0; frame < frames; frame++) {
      sealed.push(
        this.#seal(frame, frame === frames - 1, plaintext.subarray(frame * frameBytes, (frame + 1) * frameBytes)),
      );
    }
    return sealed.length === 1 ? sealed[0]! : Buffer.concat(sealed);
  }

  async *seal(plaintext: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const buffer = Buffer.allocUnsafe(frameBytes);
    let filled = 0;
    let frame = 0;
    for await (const chunk of plaintext) {
      for (let taken = 0; taken < chunk.length; ) {
        // Only with a byte more is it known that a full frame is not the last.
        if (filled === frameBytes) {
          yield this.#seal(frame++, false, buffer);
          filled = 0;
        }
        const part = chunk.subarray(taken, taken + frameBytes - filled);
        buffer.set(part, filled);
        filled += part.length;
        taken += part.length;
      }
    }
    yield this.#seal(frame, true, buffer.subarray(0, filled));
    buffer.fill(0);
  }

  /** Plaintext of [start, end), for ciphertext in memory. @param size of the whole plaintext */
  openAll(sealed: Uint8Array, size: number, start: number, end: number): Uint8Array {
    const frames = frameCount(size);
    if (sealed.length !== size + frames * this.#overhead) {
      throw new CorruptError('the stored bytes of an object have another length');
    }
    if (start >= end) return new Uint8Array();
    const sealedFrame = frameBytes + this.#overhead;
    const opened: Uint8Array[] = [];
    const first = Math.floor(start / frameBytes);
    for (let frame = first; frame * frameBytes < end; frame++) {
      const at = frame * sealedFrame;
      opened.push(this.#open(frame, frame === frames - 1, sealed.subarray(at, at + sealedFrame)));
    }
    const bytes = opened.length === 1 ? opened[0]! : Buffer.concat(opened);
    return bytes.subarray(start - first * frameBytes, end - first * frameBytes);
  }

  /** Plaintext of [start, end), a frame at a time. @param size of the whole plaintext */
  async *open(read: ReadCiphertext, size: number, start: number, end: number): AsyncGenerator<Uint8Array> {
    if (start >= end) return;
    const frames = frameCount(size);
    const sealedFrame = frameBytes + this.#overhead;
    const first = Math.floor(start / frameBytes);
    const last = Math.floor((end - 1) / frameBytes);
    const sealedEnd = Math.min((last + 1) * sealedFrame, size + frames * this.#overhead);
    const source = new Exactly(read(first * sealedFrame, sealedEnd));
    try {
      for (let frame = first; frame <= last; frame++) {
        const begin = frame * frameBytes;
        const length = Math.min(frameBytes, size - begin);
        const bytes = this.#open(frame, frame === frames - 1, await source.take(length + this.#overhead));
        yield bytes.subarray(Math.max(0, start - begin), Math.min(length, end - begin));
      }
    } finally {
      await source.close();
    }
  }
}

const frameCount = (size: number): number => Math.max(1, Math.ceil(size / frameBytes));

/** A frame opens in its own place only, and the last one only as the last. */
function nonce(frame: number, isLast: boolean): Buffer {
  const iv = Buffer.alloc(12);
  iv.writeUIntBE(frame, 2, 6);
  iv[11] = isLast ? 1 : 0;
  return iv;
}

/** Takes pieces of a wanted size from chunks of any size. */
class Exactly {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array();

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  async take(length: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    for (let missing = length; ; ) {
      const part = this.#rest.subarray(0, missing);
      this.#rest = this.#rest.subarray(part.length);
      parts.push(part);
      missing -= part.length;
      if (missing === 0) return parts.length === 1 ? part : Buffer.concat(parts);
      const next = await this.#chunks.next();
      if (next.done) throw new CorruptError('the stored bytes of an object end early');
      this.#rest = next.value;
    }
  }

  async close(): Promise<void> {
    await this.#chunks.return?.();
  }
}
