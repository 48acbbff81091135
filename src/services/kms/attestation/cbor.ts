/** The CBOR (RFC 8949) of attestation documents: definite lengths only, nothing twice, nothing left over. */

export type CborValue = number | string | boolean | null | Buffer | readonly CborValue[] | CborMap | CborTag;
export type CborMap = ReadonlyMap<number | string, CborValue>;

export class CborTag {
  readonly tag: number;
  readonly value: CborValue;
  constructor(tag: number, value: CborValue) {
    this.tag = tag;
    this.value = value;
  }
}

const deepest = 8;
const mostItems = 1_024;
const decoder = new TextDecoder('utf-8', { fatal: true });

/** @throws Error for anything that is not one whole value */
export function readCbor(bytes: Uint8Array): CborValue {
  const reader = new Reader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const value = reader.value(0);
  if (!reader.isAtEnd) throw new Error('bytes after the value');
  return value;
}

class Reader {
  readonly #bytes: Buffer;
  #at = 0;
  #items = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  value(depth: number): CborValue {
    this.#items += 1;
    if (depth > deepest || this.#items > mostItems) throw new Error('too much in one value');
    const [head = 0] = this.#take(1);
    const major = head >> 5;
    if (major === 7) return simple(head & 0x1f);
    const argument = this.#argument(head & 0x1f);
    switch (major) {
      case 0:
        return argument;
      case 1:
        return -1 - argument;
      case 2:
        return this.#take(argument);
      case 3:
        return decoder.decode(this.#take(argument));
      case 4:
        return this.#many(argument, () => this.value(depth + 1));
      case 5:
        return this.#map(argument, depth);
      default:
        return new CborTag(argument, this.value(depth + 1));
    }
  }

  #map(count: number, depth: number): CborMap {
    const map = new Map<number | string, CborValue>();
    this.#many(count, () => {
      const key = this.value(depth + 1);
      if ((typeof key !== 'number' && typeof key !== 'string') || map.has(key)) throw new Error('a key of this kind');
      map.set(key, this.value(depth + 1));
    });
    return map;
  }

  #many<T>(count: number, one: () => T): T[] {
    // Each takes a byte at least, so that a count alone allocates nothing.
    if (count > this.#bytes.length - this.#at) throw new Error('more items than bytes');
    const found: T[] = [];
    for (let index = 0; index < count; index += 1) found.push(one());
    return found;
  }

  #argument(short: number): number {
    if (short < 24) return short;
    if (short > 27) throw new Error('indefinite length');
    const wide = this.#take(2 ** (short - 24));
    const value = wide.length === 8 ? Number(wide.readBigUInt64BE()) : wide.readUIntBE(0, wide.length);
    if (!Number.isSafeInteger(value)) throw new Error('too large a number');
    return value;
  }

  #take(count: number): Buffer {
    const end = this.#at + count;
    if (end > this.#bytes.length) throw new Error('cut off');
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }
}

function simple(short: number): CborValue {
  if (short === 20) return false;
  if (short === 21) return true;
  if (short === 22 || short === 23) return null;
  throw new Error('a simple value of this kind');
}
