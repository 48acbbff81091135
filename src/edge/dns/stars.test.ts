/** What stars stand for, and what is between names that have records. */
import type { DecodedPacket } from 'dns-packet';
import { expect, test } from 'vitest';
import { answer } from './answer.ts';
import { Zones } from './zones.ts';

const address = (name: string, value: string) => ({ name, type: 'A', ttl: 1, values: [value] });
const zones = new Zones([
  {
    id: 'Z1',
    name: 'star.example.',
    records: [
      address('*.star.example.', '192.0.2.1'),
      address('a.b.star.example.', '192.0.2.2'),
      address('*.c.b.star.example.', '192.0.2.3'),
    ],
  },
]);
const ask = (name: string): string => {
  const query = { type: 'query', id: 1, flags: 0, questions: [{ name, type: 'A', class: 'IN' }] } as DecodedPacket;
  const { flags = 0, answers } = answer(zones, query, () => 0);
  const [first] = answers;
  if (first) return 'data' in first ? String(first.data) : '';
  return (flags & 0xf) === 3 ? 'no such name' : 'nothing';
};

// RFC 4592, 2.2.2: a name that exists hides the star above it, and one with names below it exists.
test.each([
  ['any.star.example', '192.0.2.1'],
  ['any.thing.star.example', '192.0.2.1'],
  ['a.b.star.example', '192.0.2.2'],
  ['b.star.example', 'nothing'],
  ['other.b.star.example', 'no such name'],
  ['c.b.star.example', 'nothing'],
  ['any.c.b.star.example', '192.0.2.3'],
  ['star.example', 'nothing'],
])('%s: %s', (name, expected) => {
  expect(ask(name)).toBe(expected);
});
