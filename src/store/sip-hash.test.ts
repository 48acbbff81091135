/** SipHash against vectors of its authors' reference implementation. */
import { expect, it } from 'vitest';
import { SipHash } from './sip-hash.ts';

const key = Uint8Array.from({ length: 16 }, (_, i) => i);
const input = (length: number) => Uint8Array.from({ length }, (_, i) => i);
const hex = ({ low, high }: { low: number; high: number }) =>
  high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0');

it.each([
  [0, '726fdb47dd0e0e31'],
  [1, '74f839c593dc67fd'],
  [2, '0d6c8009d9a94f5a'],
  [3, '85676696d7fb7e2d'],
  [7, 'ab0200f58b01d137'],
  [8, '93f5f5799a932462'],
  [15, 'a129ca6149be45e5'],
])('SipHash-2-4 of %i bytes', (length, expected) => {
  expect(hex(new SipHash(key).ofBytes(input(length)))).toBe(expected);
});

it('hashes text as its UTF-8 bytes, and long text by its length too', () => {
  const hash = new SipHash(key);
  expect(hex(hash.ofText('Rudy ☕'))).toBe(hex(hash.ofBytes(Buffer.from('Rudy ☕'))));
  expect(hex(hash.ofText('x'.repeat(5000)))).not.toBe(hex(hash.ofText('x'.repeat(5001))));
});
