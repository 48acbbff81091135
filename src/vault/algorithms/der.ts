/** The little of DER that keys, signatures and envelopes need. */

export interface Tlv {
  readonly tag: number;
  readonly value: Buffer;
  /** Where the next element begins. */
  readonly end: number;
}

/** Reads one element; throws an Error for anything that is not strict DER. */
export function readTlv(bytes: Buffer, at = 0): Tlv {
  const tag = bytes[at];
  let length = bytes[at + 1];
  if (tag === undefined || length === undefined || (tag & 0x1f) === 0x1f) throw new Error('not DER');
  let start = at + 2;
  if (length >= 0x80) {
    const count = length & 0x7f;
    if (count === 0 || count > 3 || start + count > bytes.length) throw new Error('not DER');
    length = bytes.readUIntBE(start, count);
    start += count;
    if (length < 0x80 || length < 2 ** (8 * (count - 1))) throw new Error('not DER');
  }
  const end = start + length;
  if (end > bytes.length) throw new Error('not DER');
  return { tag, value: bytes.subarray(start, end), end };
}

/** All elements of a constructed value. */
export function children(value: Buffer): Tlv[] {
  const found: Tlv[] = [];
  for (let at = 0; at < value.length; ) {
    const one = readTlv(value, at);
    found.push(one);
    at = one.end;
  }
  return found;
}

export function tlv(tag: number, ...values: readonly Uint8Array[]): Buffer {
  const value = Buffer.concat(values);
  if (value.length < 0x80) return Buffer.concat([Buffer.from([tag, value.length]), value]);
  const bytes: number[] = [];
  for (let length = value.length; length > 0; length >>>= 8) bytes.unshift(length & 0xff);
  return Buffer.concat([Buffer.from([tag, 0x80 | bytes.length, ...bytes]), value]);
}

export const sequence = (...values: readonly Uint8Array[]): Buffer => tlv(0x30, ...values);
export const set = (...values: readonly Uint8Array[]): Buffer => tlv(0x31, ...values);
export const octets = (value: Uint8Array): Buffer => tlv(0x04, value);

/** A non-negative INTEGER from big-endian bytes. */
export function integer(value: Uint8Array): Buffer {
  let at = 0;
  while (at < value.length - 1 && value[at] === 0) at += 1;
  const bytes = value.subarray(at);
  return (bytes[0] ?? 0) & 0x80 ? tlv(0x02, Buffer.from([0]), bytes) : tlv(0x02, bytes);
}

/** The bytes of a non-negative INTEGER, without sign; throws for a negative or padded one. */
export function unsigned({ tag, value }: Tlv): Buffer {
  const [first = 0x80, second = 0x80] = value;
  if (tag !== 0x02 || value.length === 0 || first & 0x80) throw new Error('not DER');
  if (first !== 0 || value.length === 1) return value;
  if (!(second & 0x80)) throw new Error('not DER');
  return value.subarray(1);
}

/** @param dotted `1.2.840.113549.1.1.7` */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second];
  for (const arc of rest) {
    const digits = [arc & 0x7f];
    for (let left = arc >>> 7; left > 0; left >>>= 7) digits.unshift((left & 0x7f) | 0x80);
    bytes.push(...digits);
  }
  return tlv(0x06, Buffer.from(bytes));
}
