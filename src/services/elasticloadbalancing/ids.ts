/** Identifiers as AWS makes them: 16 hexadecimal digits for resources, ten decimal ones in DNS names. */
import type { Random } from '../service.ts';

export const hexId = (random: Random): string => Buffer.from(random.bytes(8)).toString('hex');

/** Such as `1234567890`, never with a leading zero. */
export function dnsNumber(random: Random): string {
  const value = Buffer.from(random.bytes(6)).readUIntBE(0, 6) % 9_000_000_000;
  return String(1_000_000_000 + value);
}
