import { execFileSync } from 'node:child_process';
import { createDecipheriv, createSecretKey, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { canonicalContext, decryptWith, encryptWith, readHead, splitCiphertext } from './ciphertext.ts';

const material = randomBytes(32);
const backing = createSecretKey(material);
const head = { account: '111122223333', keyId: '1234abcd-12ab-34cd-56ef-1234567890ab', materialId: 'ab'.repeat(32) };
const context = canonicalContext({ purpose: 'test' });
const plaintext = Buffer.from('a flat white, please');
const refused = expect.objectContaining({ code: 'invalid-ciphertext' });

test('every bit of a ciphertext counts, and every byte must be there', () => {
  const blob = encryptWith(backing, head, plaintext, context);
  expect(decryptWith(backing, head, blob, context)).toEqual(plaintext);
  for (let bit = 0; bit < blob.length * 8; bit += 1) {
    const flipped = Buffer.from(blob);
    flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    expect(() => decryptWith(backing, head, flipped, context), `bit ${bit}`).toThrow(refused);
  }
  for (let length = 0; length < blob.length; length += 1) {
    expect(() => decryptWith(backing, head, blob.subarray(0, length), context)).toThrow(refused);
  }
  expect(() => decryptWith(backing, head, Buffer.concat([blob, Buffer.from([0])]), context)).toThrow(refused);
});

test('another key, another context, and the same in another order', () => {
  const blob = encryptWith(backing, head, plaintext, canonicalContext({ a: '1', b: '2' }));
  expect(decryptWith(backing, head, blob, canonicalContext({ b: '2', a: '1' }))).toEqual(plaintext);
  for (const other of [{ a: '1' }, { a: '1', b: '2', c: '' }, { a: '1b', '': '2' }, { A: '1', b: '2' }, {}]) {
    expect(() => decryptWith(backing, head, blob, canonicalContext(other))).toThrow(refused);
  }
  expect(() => decryptWith(createSecretKey(randomBytes(32)), head, blob, context)).toThrow(refused);
  for (const other of [{ account: '444455556666' }, { keyId: 'other' }, { materialId: 'cd'.repeat(32) }]) {
    expect(() => decryptWith(backing, { ...head, ...other }, blob, canonicalContext({ a: '1', b: '2' }))).toThrow(
      refused,
    );
  }
});

test('none and an empty context are one; texts beyond ASCII and pairs that would run together are apart', () => {
  expect(canonicalContext(undefined)).toEqual(canonicalContext({}));
  const contexts = [{ a: 'bc' }, { ab: 'c' }, { a: 'b', c: '' }, { ä: 'é' }, { 'a\u0308': 'e\u0301' }, { a: 'b\0c' }];
  expect(new Set(contexts.map((one) => canonicalContext(one).toString('hex'))).size).toBe(contexts.length);
});

test('ten thousand ciphertexts of one text have ten thousand nonces, vectors and bodies', () => {
  const seen = { nonces: new Set<string>(), ivs: new Set<string>(), bodies: new Set<string>() };
  for (let n = 0; n < 10_000; n += 1) {
    const parts = splitCiphertext(encryptWith(backing, head, plaintext, context));
    seen.nonces.add(Buffer.from(parts?.nonce ?? []).toString('hex'));
    seen.ivs.add(Buffer.from(parts?.iv ?? []).toString('hex'));
    seen.bodies.add(Buffer.from(parts?.body ?? []).toString('hex'));
  }
  expect([seen.nonces.size, seen.ivs.size, seen.bodies.size]).toEqual([10_000, 10_000, 10_000]);
});

function isKbkdfThere(): boolean {
  try {
    return /^OpenSSL 3/.test(execFileSync('openssl', ['version'], { encoding: 'utf8' }));
  } catch {
    return false;
  }
}

if (!isKbkdfThere()) console.warn('SKIPPED: the derived key is compared with that of the openssl command, version 3.');

test.skipIf(!isKbkdfThere())(
  'each call has a key of its own, derived as SP 800-108 says: openssl derives the same, and opens the text',
  () => {
    const blob = encryptWith(backing, head, plaintext, context);
    const parts = splitCiphertext(blob);
    const hex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('hex');
    const options = {
      mac: 'HMAC',
      digest: 'SHA256',
      mode: 'counter',
      hexkey: hex(material),
      salt: 'Bailey KMS encrypt',
      hexinfo: hex(parts?.nonce),
    };
    const words = Object.entries(options).flatMap(([name, value]) => ['-kdfopt', `${name}:${value}`]);
    const printed = execFileSync('openssl', ['kdf', '-keylen', '32', ...words, 'KBKDF'], { encoding: 'utf8' });
    const key = Buffer.from(printed.trim().replaceAll(':', ''), 'hex');
    expect(key).toHaveLength(32);
    const decipher = createDecipheriv('aes-256-gcm', key, parts?.iv as Uint8Array);
    const bodyLength = plaintext.length + 16;
    decipher.setAAD(Buffer.concat([blob.subarray(0, blob.length - bodyLength), context]));
    decipher.setAuthTag(parts?.tag as Uint8Array);
    expect(Buffer.concat([decipher.update(parts?.body as Uint8Array), decipher.final()])).toEqual(plaintext);
  },
);

test('what is no ciphertext has no head', () => {
  expect(readHead(encryptWith(backing, head, plaintext, context))).toEqual(head);
  for (const bytes of [
    Buffer.alloc(0),
    Buffer.from('fakecloud-kms:x'),
    randomBytes(200).fill(0, 0, 2),
    Buffer.alloc(500, 0xba),
  ]) {
    expect(readHead(bytes)).toBeUndefined();
  }
});
