import { randomBytes } from 'node:crypto';
import { combine } from 'shamir-secret-sharing';
import { expect, test } from 'vitest';
import { combineParts, splitSecret } from './sharing.ts';

test('any k of n parts make the secret, fewer make something else', async () => {
  const secret = randomBytes(32);
  const parts = await splitSecret(secret, 5, 3);
  expect(parts.map((part) => part.length)).toEqual([33, 33, 33, 33, 33]);
  expect(await combineParts([parts[4], parts[0], parts[2]] as Buffer[])).toEqual(secret);
  expect(await combineParts([parts[4], parts[0]] as Buffer[])).not.toEqual(secret);
  // The caller's bytes are the caller's still, and others read the same format.
  expect(secret.every((byte) => byte === 0)).toBe(false);
  const plain = parts.slice(1, 4).map((part) => new Uint8Array(part));
  expect(Buffer.from(await combine(plain))).toEqual(secret);
});

test('parts that cannot belong together are refused', async () => {
  const parts = await splitSecret(randomBytes(32), 3, 2);
  const [first] = parts as [Buffer, Buffer, Buffer];
  for (const wrong of [[], [first], [first, first], [first, first.subarray(1)]]) {
    await expect(combineParts(wrong)).rejects.toMatchObject({ code: 'sealed' });
  }
});
