/** Ids of resources: a prefix and 17 hexadecimal digits. */
import type { Random } from '../../service.ts';

export function newId(random: Random, prefix: string): string {
  return `${prefix}-${Buffer.from(random.bytes(9)).toString('hex').slice(0, 17)}`;
}

/** A locally administered unicast address. */
export function newMac(random: Random): string {
  const [first = 0, ...rest] = random.bytes(6);
  return [(first & 0xfc) | 0x02, ...rest].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}
