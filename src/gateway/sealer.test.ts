import { createSecretKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createSealer } from './sealer.ts';

const sealer = createSealer(createSecretKey(Buffer.alloc(32, 7)));

describe('sealer', () => {
  it('opens what it sealed, for the same purpose only', () => {
    const token = sealer.seal('page', '{"after":"rudy"}');
    expect(Buffer.from(sealer.open('page', token) ?? '').toString()).toBe('{"after":"rudy"}');
    expect(sealer.open('session', token)).toBeUndefined();
  });

  it('refuses every changed, cut and extended token', () => {
    const token = sealer.seal('page', 'x');
    for (let i = 0; i < token.length; i += 1) {
      const other = token[i] === 'A' ? 'B' : 'A';
      expect(sealer.open('page', token.slice(0, i) + other + token.slice(i + 1))).toBeUndefined();
      expect(sealer.open('page', token.slice(0, i))).toBeUndefined();
    }
    for (const more of ['A', '=', ' ', '\n', '%3D']) expect(sealer.open('page', token + more)).toBeUndefined();
  });

  it('refuses the token of another instance', () => {
    const other = createSealer(createSecretKey(Buffer.alloc(32, 8)));
    expect(other.open('page', sealer.seal('page', 'x'))).toBeUndefined();
  });
});
