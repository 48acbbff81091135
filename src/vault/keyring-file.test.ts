import { createSecretKey, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { headOf, LONGEST_RECORD, readHead, readRecords, recordOf } from './keyring-file.ts';

const key = createSecretKey(randomBytes(32));
const wrap = (generation: number) => ({ generation, sealed: randomBytes(60) });

test('the head says how often the file was written, to those who have the key', () => {
  const head = headOf(7, key);
  expect(readHead(head, key)).toBe(7);
  expect(readHead(head, createSecretKey(randomBytes(32)))).toBeUndefined();
  expect(readHead(head.subarray(0, -1), key)).toBeUndefined();
  for (let bit = 0; bit < head.length * 8; bit += 1) {
    const flipped = Buffer.from(head);
    flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    expect(readHead(flipped, key)).toBeUndefined();
  }
});

test('records come back, the later one of a name wins, and a piece of one is no record', () => {
  const [first, second, again] = [wrap(1), wrap(1), wrap(2)];
  const whole = Buffer.concat([
    headOf(1, key),
    recordOf('111122223333/a', first),
    recordOf('111122223333/ü', second),
    recordOf('111122223333/a', again),
  ]);
  const { records, end } = readRecords(whole);
  expect(end).toBe(whole.length);
  expect(records).toEqual([
    expect.objectContaining({ name: '111122223333/a', wrap: again }),
    expect.objectContaining({ name: '111122223333/ü', wrap: second }),
  ]);
  const last = recordOf('111122223333/a', again).length;
  for (let cut = 1; cut <= last; cut += 1) {
    const read = readRecords(whole.subarray(0, whole.length - cut));
    expect(read.end).toBe(whole.length - last);
    expect(read.records).toHaveLength(2);
  }
});

test('what never was a keyring does not make the reader run away', () => {
  for (let round = 0; round < 2_000; round += 1) {
    const bytes = randomBytes(round % 700);
    const { end } = readRecords(bytes);
    expect(end).toBeLessThanOrEqual(Math.max(bytes.length, 40));
  }
  expect(recordOf('x'.repeat(300), wrap(1)).length).toBe(LONGEST_RECORD);
});
