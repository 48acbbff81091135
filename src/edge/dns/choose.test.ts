/** Which records are the answer, and who asks too much. */
import { expect, test } from 'vitest';
import type { DnsRecordSettings } from '../snapshot.ts';
import { choose } from './choose.ts';
import { ResponseRates } from './response-rates.ts';

const weighing = (...weights: number[]): DnsRecordSettings[] =>
  weights.map((weight, place) => ({ name: 'a.example.', type: 'A', ttl: 1, values: [`192.0.2.${place}`], weight }));
const chosen = (records: DnsRecordSettings[], random: number) => choose(records, () => random)[0]?.values[0];

test('by weight; where all weigh nothing, each is as likely as the others', () => {
  expect([0, 0.24, 0.26, 0.99].map((random) => chosen(weighing(1, 3), random))).toEqual([
    '192.0.2.0',
    '192.0.2.0',
    '192.0.2.1',
    '192.0.2.1',
  ]);
  expect([0, 0.99].map((random) => chosen(weighing(0, 3, 0), random))).toEqual(['192.0.2.1', '192.0.2.1']);
  expect([0, 0.4, 0.7, 0.99].map((random) => chosen(weighing(0, 0, 0), random))).toEqual([
    '192.0.2.0',
    '192.0.2.1',
    '192.0.2.2',
    '192.0.2.2',
  ]);
});

test.each([
  ['192.0.2.1', '192.0.2.200', '192.0.3.1'],
  ['::ffff:192.0.2.1', '192.0.2.9', '192.0.3.1'],
  ['2001:db8:0:100::1', '2001:db8:0:1ff:5::9', '2001:db8:0:200::1'],
])('answers to the network of %s are limited together with those to %s, and not to %s', (one, other, third) => {
  const rates = new ResponseRates();
  for (let n = 0; n < 100; n += 1) expect(rates.take(n % 2 === 0 ? one : other, 0)).toBe('answer');
  expect(rates.take(one, 0)).toBe('drop');
  expect(rates.take(other, 0)).toBe('slip');
  expect(rates.take(third, 0)).toBe('answer');
});
