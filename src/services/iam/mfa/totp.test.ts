import { describe, expect, test } from 'vitest';
import { codeOf, findStep, stepAt } from './totp.ts';

/** RFC 6238, appendix B: the last six of the eight digits, for SHA-1. */
const seed = Buffer.from('12345678901234567890');

describe('codes', () => {
  test.each([
    [59, '287082'],
    [1_111_111_109, '081804'],
    [1_111_111_111, '050471'],
    [1_234_567_890, '005924'],
    [2_000_000_000, '279037'],
    [20_000_000_000, '353130'],
  ])('at %d s: %s', (seconds, code) => {
    expect(codeOf(seed, stepAt(seconds * 1000))).toBe(code);
  });

  test('change every thirty seconds', () => {
    expect([stepAt(29_999), stepAt(30_000), stepAt(59_999)]).toEqual([0, 1, 1]);
  });
});

describe('a step is found', () => {
  const codes = (...steps: number[]) => steps.map((step) => codeOf(seed, step));

  test('by its code, within the bounds and nowhere else', () => {
    expect([9, 10, 11, 12, 13].map((step) => findStep(seed, codes(step), 10, 12))).toEqual([
      undefined,
      10,
      11,
      12,
      undefined,
    ]);
    expect(findStep(seed, codes(11), 12, 10)).toBeUndefined();
    expect(findStep(seed, codes(0), -5, 0)).toBe(0);
  });

  test('by two codes that follow each other in this order', () => {
    expect(findStep(seed, codes(12, 13), 10, 12)).toBe(12);
    for (const wrong of [codes(11, 11), codes(12, 11), codes(11, 13)]) {
      expect(findStep(seed, wrong, 10, 12)).toBeUndefined();
    }
  });

  test.each(['', '12345', '1234567', '12345a', ' 12345', '１２３４５６', '-12345'])('by no %j', (code) => {
    expect(findStep(seed, [code], 0, 10)).toBeUndefined();
  });
});
