/** IAM's unique ids and access key ids, in the forms that AWS gives them. */
import type { Random } from '../service.ts';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids */
export type UniqueIdPrefix = 'AIDA' | 'AROA' | 'AGPA' | 'ANPA' | 'AIPA' | 'ASCA';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** @returns the prefix and 17 characters of base32 (85 random bits) */
export function uniqueId(prefix: UniqueIdPrefix, random: Random): string {
  let id: string = prefix;
  for (const byte of random.bytes(17)) id += alphabet[byte & 31];
  return id;
}

/**
 * An access key id of 20 characters. Like AWS's, it carries the account: after the prefix come, in base32, a set bit,
 * the 40 bits of the account id, and 39 random bits; GetAccessKeyInfo reads it back.
 */
export function accessKeyId(prefix: 'AKIA' | 'ASIA', account: string, random: Random): string {
  let low = 0n;
  for (const byte of random.bytes(5)) low = (low << 8n) | BigInt(byte);
  let bits = (1n << 79n) | (BigInt(account) << 39n) | (low & ((1n << 39n) - 1n));
  let text = '';
  for (let place = 0; place < 16; place++) {
    text = alphabet[Number(bits & 31n)] + text;
    bits >>= 5n;
  }
  return prefix + text;
}

/** @returns the account that an access key id made by `accessKeyId` carries; undefined for ids of another make */
export function accountOfAccessKeyId(id: string): string | undefined {
  if (id.length !== 20 || !(id.startsWith('AKIA') || id.startsWith('ASIA'))) return undefined;
  let bits = 0n;
  for (const letter of id.slice(4)) {
    const value = alphabet.indexOf(letter);
    if (value < 0) return undefined;
    bits = (bits << 5n) | BigInt(value);
  }
  if (bits >> 79n === 0n) return undefined;
  const account = ((bits >> 39n) & ((1n << 40n) - 1n)).toString().padStart(12, '0');
  return account.length === 12 ? account : undefined;
}

/** A secret access key: 40 characters of base64, 240 random bits. */
export function secretAccessKey(random: Random): string {
  return Buffer.from(random.bytes(30)).toString('base64');
}
