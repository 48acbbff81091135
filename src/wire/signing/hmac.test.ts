/** The short way to an HMAC says what node's own says. */
import { createHmac, createSecretKey } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { hmacHex } from './hmac.ts';

it('agrees with node on keys and texts of any length', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 100 }),
      fc.array(fc.string({ unit: 'binary-ascii', maxLength: 1100 }), { minLength: 1, maxLength: 3 }),
      (bytes, texts) => {
        const key = createSecretKey(bytes);
        for (const text of texts) {
          expect(hmacHex(key, text)).toBe(createHmac('sha256', key).update(text, 'latin1').digest('hex'));
        }
      },
    ),
  );
});

it('takes a character for a byte', () => {
  const key = createSecretKey(Buffer.from('key'));
  const text = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).join('');
  for (const one of [text, text.repeat(4), text.repeat(5), '']) {
    expect(hmacHex(key, one)).toBe(createHmac('sha256', key).update(one, 'latin1').digest('hex'));
  }
});
