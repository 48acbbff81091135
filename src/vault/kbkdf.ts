/** SP 800-108 key derivation in counter mode: HMAC-SHA-256, a 32-bit counter before the fixed input. */
import { createHmac, type KeyObject } from 'node:crypto';

const BLOCK = 32;

/** @param length bytes of output */
export function kbkdf(key: KeyObject, fixedInput: Uint8Array, length: number): Buffer {
  const output = Buffer.alloc(Math.ceil(length / BLOCK) * BLOCK);
  const counter = Buffer.alloc(4);
  for (let round = 1; (round - 1) * BLOCK < length; round += 1) {
    counter.writeUInt32BE(round);
    const block = createHmac('sha256', key).update(counter).update(fixedInput).digest();
    block.copy(output, (round - 1) * BLOCK);
    block.fill(0);
  }
  return output.subarray(0, length);
}
