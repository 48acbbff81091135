import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import type { KeyRow } from '../state.ts';
import { outerData, readOuter, writeOuter } from './ciphertext.ts';

const head = {
  account: '000022223333',
  keyId: '1234abcd-12ab-34cd-56ef-1234567890ab',
  materialId: randomBytes(32).toString('hex'),
};
const made = { metadata: randomBytes(20), iv: randomBytes(12), tag: randomBytes(16), body: randomBytes(137) };

test('what is written is read', () => {
  for (const metadata of [made.metadata, Buffer.alloc(0)]) {
    for (const iv of [made.iv, randomBytes(16)]) {
      const read = readOuter(writeOuter(head, { ...made, metadata, iv }));
      expect(read?.head).toEqual(head);
      expect(read?.made).toEqual({ ...made, metadata, iv });
    }
  }
});

test('what is cut short, or something else, is not', () => {
  const whole = writeOuter(head, made);
  const start = whole.length - made.body.length;
  for (let length = 0; length < start; length += 1) expect(readOuter(whole.subarray(0, length))).toBeUndefined();
  for (const at of [0, 1]) {
    const other = Buffer.from(whole);
    other[at] = 0xff;
    expect(readOuter(other)).toBeUndefined();
  }
  for (let round = 0; round < 500; round += 1) {
    readOuter(Buffer.concat([Buffer.from([0xba, 2]), randomBytes(round)]));
  }
});

test('a context is bound whatever the order of its names', () => {
  const key = { account: head.account, region: 'us-east-1', id: head.keyId } as KeyRow;
  const data = (context?: Record<string, string>) => outerData(key, head.materialId, context).toString();
  expect(data({ a: '1', b: '2' })).toBe(data({ b: '2', a: '1' }));
  expect(data({ a: '1' })).not.toBe(data({ a: '2' }));
  expect(data({ a: '1b' })).not.toBe(data({ a1: 'b' }));
  expect(data({})).toBe(data());
  expect(data({ a: '1' })).toMatch(/^arn:aws:kms:us-east-1:000022223333:key\/\S+ [0-9a-f]{64} [0-9a-f]{64}$/);
});
