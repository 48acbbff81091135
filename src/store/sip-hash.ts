/** SipHash-2-4 (Aumasson and Bernstein, 2012): the keyed hash under which entries are found by tag. */

/** Reads strings of at most this many UTF-16 units fully; longer ones by this many and their length. */
const LONGEST = 1024;
const scratch = Buffer.from(new ArrayBuffer(LONGEST * 3 + 32));
/** Little-endian, as every machine that Node 24 runs on. */
const words = new Int32Array(scratch.buffer);

/** A hash as two unsigned 32-bit halves, in one object that the next call of the same hasher overwrites. */
export interface Hash64 {
  low: number;
  high: number;
}

export class SipHash {
  readonly #k0: number;
  readonly #k1: number;
  readonly #k2: number;
  readonly #k3: number;
  readonly #result: Hash64 = { low: 0, high: 0 };

  /** @param key 16 bytes */
  constructor(key: Uint8Array) {
    const view = new DataView(key.buffer, key.byteOffset, 16);
    this.#k0 = view.getInt32(0, true);
    this.#k1 = view.getInt32(4, true);
    this.#k2 = view.getInt32(8, true);
    this.#k3 = view.getInt32(12, true);
  }

  /** Of the text's UTF-8 bytes. */
  ofText(text: string): Hash64 {
    const bounded = text.length > LONGEST ? `${text.slice(0, LONGEST)}${text.length}` : text;
    const { length } = bounded;
    for (let at = 0; at < length; at++) {
      const unit = bounded.charCodeAt(at);
      // Nearly all text is ASCII, for which this loop is cheaper than a call out of JavaScript.
      if (unit > 0x7f) return this.#ofScratch(scratch.write(bounded, 0, 'utf8'));
      scratch[at] = unit;
    }
    return this.#ofScratch(length);
  }

  /** Of at most 1 KiB. */
  ofBytes(bytes: Uint8Array): Hash64 {
    scratch.set(bytes);
    return this.#ofScratch(bytes.length);
  }

  #ofScratch(length: number): Hash64 {
    const blocks = length >>> 3;
    // The last block is padded with zeros and ends with the length.
    for (let at = length; at < blocks * 8 + 7; at++) scratch[at] = 0;
    scratch[blocks * 8 + 7] = length;

    // v0 to v3 as low and high halves.
    let a = this.#k0 ^ 0x70736575;
    let b = this.#k1 ^ 0x736f6d65;
    let c = this.#k2 ^ 0x6e646f6d;
    let d = this.#k3 ^ 0x646f7261;
    let e = this.#k0 ^ 0x6e657261;
    let f = this.#k1 ^ 0x6c796765;
    let g = this.#k2 ^ 0x79746573;
    let h = this.#k3 ^ 0x74656462;
    for (let step = 0; step <= blocks + 1; step++) {
      const isLast = step > blocks;
      const low = isLast ? 0 : words[step * 2]!;
      const high = isLast ? 0 : words[step * 2 + 1]!;
      if (isLast) e ^= 0xff;
      g ^= low;
      h ^= high;
      for (let round = isLast ? 4 : 2; round > 0; round--) {
        let sum = (a >>> 0) + (c >>> 0);
        b = (b + d + (sum > 0xffffffff ? 1 : 0)) | 0;
        a = sum | 0;
        let high1 = (d << 13) | (c >>> 19);
        c = ((c << 13) | (d >>> 19)) ^ a;
        d = high1 ^ b;
        sum = a;
        a = b;
        b = sum;

        sum = (e >>> 0) + (g >>> 0);
        f = (f + h + (sum > 0xffffffff ? 1 : 0)) | 0;
        e = sum | 0;
        high1 = (h << 16) | (g >>> 16);
        g = ((g << 16) | (h >>> 16)) ^ e;
        h = high1 ^ f;

        sum = (a >>> 0) + (g >>> 0);
        b = (b + h + (sum > 0xffffffff ? 1 : 0)) | 0;
        a = sum | 0;
        high1 = (h << 21) | (g >>> 11);
        g = ((g << 21) | (h >>> 11)) ^ a;
        h = high1 ^ b;

        sum = (e >>> 0) + (c >>> 0);
        f = (f + d + (sum > 0xffffffff ? 1 : 0)) | 0;
        e = sum | 0;
        high1 = (d << 17) | (c >>> 15);
        c = ((c << 17) | (d >>> 15)) ^ e;
        d = high1 ^ f;
        sum = e;
        e = f;
        f = sum;
      }
      a ^= low;
      b ^= high;
    }
    this.#result.low = (a ^ c ^ e ^ g) >>> 0;
    this.#result.high = (b ^ d ^ f ^ h) >>> 0;
    return this.#result;
  }
}
