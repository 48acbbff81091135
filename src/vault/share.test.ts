import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { decodeShare, encodeShare, parseShare, printShare } from './share.ts';

const share = { set: 'a1b2c3d4', threshold: 3, bytes: randomBytes(33) };

test('a share survives paper', () => {
  const line = printShare(encodeShare(share));
  expect(line).toMatch(/^bailey-share-1-[\w-]{56}$/);
  const read = parseShare(`  ${line}\n`);
  expect(read && decodeShare(read)).toEqual(share);
});

test('a mistyped share is noticed, whichever letter it is', () => {
  const line = printShare(encodeShare(share));
  for (let at = 0; at < line.length; at += 1) {
    const wrong = `${line.slice(0, at)}${line[at] === 'A' ? 'B' : 'A'}${line.slice(at + 1)}`;
    expect(parseShare(wrong), wrong).toBeUndefined();
  }
  expect(parseShare(line.slice(0, -1))).toBeUndefined();
  expect(parseShare(`${line}A`)).toBeUndefined();
  expect(parseShare('')).toBeUndefined();
});

test('bytes that are no share', () => {
  const whole = encodeShare(share);
  expect(decodeShare(whole)).toEqual(share);
  for (const length of [0, 1, whole.length - 1]) expect(decodeShare(whole.subarray(0, length))).toBeUndefined();
  expect(decodeShare(randomBytes(whole.length))).toBeUndefined();
});
