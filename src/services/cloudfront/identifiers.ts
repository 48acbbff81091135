/** Ids and domain names as CloudFront makes them. */
import type { Random } from '../service.ts';

const capitals = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

function text(random: Random, length: number): string {
  let made = '';
  while (made.length < length) {
    for (const byte of random.bytes(length)) {
      // 252 = 7 × 36: every letter is as likely as any other.
      if (byte < 252 && made.length < length) made += capitals[byte % 36];
    }
  }
  return made;
}

/** `EDFDVBD6EXAMPLE`: distributions and their versions. */
export const newId = (random: Random): string => `E${text(random, 13)}`;
export const newInvalidationId = (random: Random): string => `I${text(random, 25)}`;
export const newDomainName = (random: Random): string => `d${text(random, 13).toLowerCase()}.cloudfront.net`;
