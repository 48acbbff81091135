/** CRC-64/NVME, eight bytes at a time, in two halves of 32 bits because BigInt is far slower. */

const polynomial = 0x9a6c9329ac4bc9b5n;

/** Slice k, byte b: at 256 k + b. */
const low = new Uint32Array(2048);
const high = new Uint32Array(2048);

for (let byte = 0; byte < 256; byte += 1) {
  let crc = BigInt(byte);
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 1n ? (crc >> 1n) ^ polynomial : crc >> 1n;
  low[byte] = Number(crc & 0xffffffffn);
  high[byte] = Number(crc >> 32n);
}
for (let index = 256; index < 2048; index += 1) {
  const lowBefore = low[index - 256]!;
  const highBefore = high[index - 256]!;
  const byte = lowBefore & 0xff;
  low[index] = ((lowBefore >>> 8) | (highBefore << 24)) ^ low[byte]!;
  high[index] = (highBefore >>> 8) ^ high[byte]!;
}

export class Crc64Nvme {
  #low = 0xffffffff | 0;
  #high = 0xffffffff | 0;

  update(bytes: Uint8Array): void {
    let lo = this.#low;
    let hi = this.#high;
    let at = 0;
    for (const end = bytes.length - 7; at < end; at += 8) {
      const a = 1792 + ((lo ^ bytes[at]!) & 0xff);
      const b = 1536 + (((lo >>> 8) ^ bytes[at + 1]!) & 0xff);
      const c = 1280 + (((lo >>> 16) ^ bytes[at + 2]!) & 0xff);
      const d = 1024 + ((lo >>> 24) ^ bytes[at + 3]!);
      const e = 768 + ((hi ^ bytes[at + 4]!) & 0xff);
      const f = 512 + (((hi >>> 8) ^ bytes[at + 5]!) & 0xff);
      const g = 256 + (((hi >>> 16) ^ bytes[at + 6]!) & 0xff);
      const h = (hi >>> 24) ^ bytes[at + 7]!;
      lo = low[a]! ^ low[b]! ^ low[c]! ^ low[d]! ^ low[e]! ^ low[f]! ^ low[g]! ^ low[h]!;
      hi = high[a]! ^ high[b]! ^ high[c]! ^ high[d]! ^ high[e]! ^ high[f]! ^ high[g]! ^ high[h]!;
    }
    for (; at < bytes.length; at += 1) {
      const byte = (lo ^ bytes[at]!) & 0xff;
      lo = ((lo >>> 8) | (hi << 24)) ^ low[byte]!;
      hi = (hi >>> 8) ^ high[byte]!;
    }
    this.#low = lo;
    this.#high = hi;
  }

  /** Eight bytes, most significant first. */
  digest(): Buffer {
    const result = Buffer.allocUnsafe(8);
    result.writeUInt32BE(~this.#high >>> 0, 0);
    result.writeUInt32BE(~this.#low >>> 0, 4);
    return result;
  }
}
