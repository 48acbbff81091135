/** HMAC-SHA-256 (RFC 2104) of short texts by two digests in one go each: node's Hmac objects cost more than the work. */
import { createHmac, hash, type KeyObject } from 'node:crypto';

const BLOCK_BYTES = 64;
const HASH_BYTES = 32;
/** Longest text that is hashed so; a string to sign has some hundred characters. */
const LONGEST = 1024;

/** The key under both masks, each followed by the room for what is hashed with it. */
interface Padded {
  readonly inner: Buffer;
  readonly outer: Buffer;
}

const padded = new WeakMap<KeyObject, Padded>();

/** @param text a byte a character @returns lower-case hexadecimal digits */
export function hmacHex(key: KeyObject, text: string): string {
  if (text.length > LONGEST || (key.symmetricKeySize ?? 0) > BLOCK_BYTES) {
    return createHmac('sha256', key).update(text, 'latin1').digest('hex');
  }
  let pads = padded.get(key);
  if (!pads) {
    pads = pad(key);
    padded.set(key, pads);
  }
  const { inner, outer } = pads;
  const end = BLOCK_BYTES + inner.write(text, BLOCK_BYTES, 'latin1');
  // As text, a byte a character: a buffer for 32 bytes costs more than their digest.
  outer.write(hash('sha256', inner.subarray(0, end), 'binary'), BLOCK_BYTES, 'latin1');
  return hash('sha256', outer, 'hex');
}

function pad(key: KeyObject): Padded {
  const bytes = key.export();
  const inner = Buffer.alloc(BLOCK_BYTES + LONGEST);
  const outer = Buffer.alloc(BLOCK_BYTES + HASH_BYTES);
  for (let at = 0; at < BLOCK_BYTES; at += 1) {
    const byte = bytes[at] ?? 0;
    inner[at] = byte ^ 0x36;
    outer[at] = byte ^ 0x5c;
  }
  bytes.fill(0);
  return { inner, outer };
}
