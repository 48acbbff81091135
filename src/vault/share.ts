/** A share of the key that seals the root key, as bytes and as the line that a keeper writes down. */
import { createHash, timingSafeEqual } from 'node:crypto';

export interface Share {
  /** Eight hex digits: shares of one making belong together. */
  readonly set: string;
  readonly threshold: number;
  /** Of the sharing: 32 bytes and the share's own place on the curve. */
  readonly bytes: Buffer;
}

const prefix = 'bailey-share-1-';
/** Set (4), threshold (1), share (33), checksum (4). */
const SIZE = 4 + 1 + 33 + 4;

const checksum = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest().subarray(0, 4);

export function encodeShare({ set, threshold, bytes }: Share): Buffer {
  const head = Buffer.concat([Buffer.from(set, 'hex'), Buffer.from([threshold]), bytes]);
  const whole = Buffer.concat([head, checksum(head)]);
  head.fill(0);
  return whole;
}

/** Undefined for bytes that are no share, or were mistyped. */
export function decodeShare(whole: Buffer): Share | undefined {
  if (whole.length !== SIZE) return undefined;
  const head = whole.subarray(0, SIZE - 4);
  if (!timingSafeEqual(checksum(head), whole.subarray(SIZE - 4))) return undefined;
  return {
    set: head.toString('hex', 0, 4),
    threshold: head.readUInt8(4),
    bytes: Buffer.from(head.subarray(5)),
  };
}

export const printShare = (whole: Uint8Array): string => prefix + Buffer.from(whole).toString('base64url');

/** Undefined for text that is no share. */
export function parseShare(text: string): Buffer | undefined {
  const line = text.trim();
  if (!line.startsWith(prefix) || !/^[\w-]{56}$/.test(line.slice(prefix.length))) return undefined;
  const whole = Buffer.from(line.slice(prefix.length), 'base64url');
  return decodeShare(whole) ? whole : undefined;
}
