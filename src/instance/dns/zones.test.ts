/** Zones as the name server takes them while a certificate authority asks. */
import { expect, test } from 'vitest';
import { accounts } from '../../services/account/state.ts';
import { type ChallengeRow, orders } from '../../services/acm/state.ts';
import { recordId, records, type ZoneRow, zones } from '../../services/route53/state.ts';
import { openMemoryStore } from '../../store/memory.ts';
import { dnsZones } from './zones.ts';

const account = '111122223333';
const answer = (letter: string): string => letter.repeat(43);

test('what the authority asks is answered beside what the zone says itself, for the names that it asks about', async () => {
  const store = openMemoryStore();
  const change = store.begin();
  change.put(accounts, '', account, { id: account } as never);
  for (const name of ['coffee.com.', 'notcoffee.com.']) {
    const zone = { id: name, account, name, createdAt: 1, isPrivate: false };
    change.put(zones, account, name, zone as unknown as ZoneRow);
  }
  const own = { name: '_acme-challenge.shop.coffee.com.', type: 'TXT', ttl: 60, values: ['"mine"'] };
  const more = { name: 'shop.coffee.com.', type: 'TXT', ttl: 60, values: ['"shop"'] };
  for (const one of [own, more]) change.put(records, 'coffee.com.', recordId(one), one);
  const challenge = (domain: string, letter: string, way: ChallengeRow['way'] = 'dns-01'): ChallengeRow => ({
    domain,
    way,
    url: 'https://acme.example/1',
    token: answer('t'),
    answer: answer(letter),
  });
  const challenges = [
    challenge('shop.coffee.com', 'a'),
    challenge('*.shop.coffee.com', 'b'),
    challenge('coffee.com', 'c'),
    challenge('www.coffee.com', 'd', 'http-01'),
  ];
  const open = { url: '', finish: '', openedAt: 1, step: 'placed', challenges } as const;
  change.put(orders, '', `${account}/us-east-1/1`, { names: [], nextAt: 0, failures: 0, open });
  await store.commit(change);

  const found = await dnsZones({ reader: store, health: () => undefined, nodes: () => [] });
  const shown = found.map(({ name, records: all }) => [name, all.map((one) => `${one.name} ${one.values.join(' ')}`)]);
  expect(Object.fromEntries(shown)).toEqual({
    'coffee.com.': [
      'shop.coffee.com. "shop"',
      `_acme-challenge.shop.coffee.com. "mine" "${answer('a')}" "${answer('b')}"`,
      `_acme-challenge.coffee.com. "${answer('c')}"`,
    ],
    'notcoffee.com.': [],
  });
});
