import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { openLetterbox, sealLetter } from './letter.ts';

test('a letter is opened by whom it was sealed to, and by nobody else', () => {
  const box = openLetterbox();
  const secret = randomBytes(40);
  const letter = sealLetter(box.address, secret);
  expect(letter.includes(secret)).toBe(false);
  expect(box.open(letter)).toEqual(secret);
  expect(() => openLetterbox().open(letter)).toThrow();
});

test('the same secret makes another letter each time', () => {
  const { address } = openLetterbox();
  expect(sealLetter(address, Buffer.from('same'))).not.toEqual(sealLetter(address, Buffer.from('same')));
});

test('any flipped bit, and any missing byte, is refused with a VaultError', () => {
  const box = openLetterbox();
  const letter = sealLetter(box.address, Buffer.from('x'));
  const refused = (bytes: Uint8Array) =>
    expect(() => box.open(bytes)).toThrow(expect.objectContaining({ name: 'VaultError' }));
  for (let bit = 0; bit < letter.length * 8; bit += 1) {
    const flipped = Buffer.from(letter);
    flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    refused(flipped);
  }
  for (let length = 0; length < letter.length; length += 1) refused(letter.subarray(0, length));
});

test('an address of small order, which everybody can answer, is refused', () => {
  const { address } = openLetterbox();
  const zero = Buffer.from(address);
  zero.fill(0, zero.length - 32);
  expect(() => sealLetter(zero, Buffer.from('x'))).toThrow();
  expect(() => sealLetter(Buffer.from('no address'), Buffer.from('x'))).toThrow();
});
