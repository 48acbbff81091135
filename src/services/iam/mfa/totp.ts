/** One-time codes as RFC 6238 makes them: HMAC-SHA-1, six digits, thirty seconds. */
import { createHmac, timingSafeEqual } from 'node:crypto';

const stepMs = 30_000;
const digits = 6;

/** The number of the thirty seconds that a moment lies in. */
export const stepAt = (milliseconds: number): number => Math.floor(milliseconds / stepMs);

export function codeOf(seed: Uint8Array, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', seed).update(counter).digest();
  const offset = mac[mac.length - 1]! & 15;
  const number = (mac.readUInt32BE(offset) & 0x7fff_ffff) % 10 ** digits;
  return String(number).padStart(digits, '0');
}

/**
 * The first step in `from`…`to` whose code, and the codes of the steps that follow it, are these.
 * Every step is compared, whatever was found, so that time does not tell how near a guess was.
 */
export function findStep(seed: Uint8Array, codes: readonly string[], from: number, to: number): number | undefined {
  if (codes.length === 0 || !codes.every((code) => /^[0-9]{6}$/.test(code))) return undefined;
  const given = Buffer.from(codes.join(''));
  const made: string[] = [];
  for (let step = Math.max(0, from); step < to + codes.length; step += 1) made.push(codeOf(seed, step));
  let found: number | undefined;
  for (let place = 0; place + codes.length <= made.length; place += 1) {
    const equal = timingSafeEqual(Buffer.from(made.slice(place, place + codes.length).join('')), given);
    if (equal) found ??= Math.max(0, from) + place;
  }
  return found;
}
