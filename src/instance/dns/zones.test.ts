/** Zones as the name server takes them while a certificate authority asks. */
import { expect, test } from 'vitest';
import { accounts } from '../../services/account/state.ts';
import { type ChallengeRow, orders } from '../../services/acm/state.ts';
import { heldNames, recordId, records, type ZoneRow, zones } from '../../services/route53/state.ts';
import { openMemoryStore } from '../../store/memory.ts';
import { dnsZones } from './zones.ts';

const account = '111122223333';
const answer = (letter: string): string => letter.repeat(43);

test('what the authority asks is answered beside what the zone says itself, for the names that it asks about', async () => {
  const store = openMemoryStore();
  const change = store.begin();
  change.put(accounts, '', account, { id: account } as never);
  for (const name of ['coffee.com.', 'notcoffee.com.']) {
    const zone = { id: name, account, name, createdAt: 1, isPrivate: false, nameServers: [] };
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

  const found = await dnsZones({
    reader: store,
    health: () => undefined,
    nodes: { ofZones: () => [], ofDistributions: () => [] },
  });
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

test('a name is answered for by the account whose zone contained it first, and by whom it delegates to', async () => {
  const store = openMemoryStore();
  const change = store.begin();
  const [first, second] = [account, '444455556666'];
  for (const id of [first, second]) change.put(accounts, '', id, { id } as never);
  const made = (id: string, owner: string, name: string, createdAt: number): void => {
    const nameServers = [`ns.${id}.example`];
    change.put(zones, owner, id, {
      id,
      account: owner,
      name,
      createdAt,
      isPrivate: false,
      nameServers,
    } as unknown as ZoneRow);
  };
  made('Z1', first, 'coffee.com.', 1);
  made('Z2', second, 'coffee.com.', 2);
  made('Z3', second, 'pay.coffee.com.', 3);
  made('Z4', second, 'roast.coffee.com.', 4);
  made('Z5', second, 'com.', 5);
  made('Z6', first, 'coffee.com.', 6);
  made('Z7', first, 'tea.com.', 7);
  made('Z8', second, 'bean.roast.coffee.com.', 8);
  const delegated = { name: 'roast.coffee.com.', type: 'NS', ttl: 60, values: ['ns.Z4.example.'] };
  change.put(records, 'Z1', recordId(delegated), delegated);
  const further = { name: 'bean.roast.coffee.com.', type: 'NS', ttl: 60, values: ['ns.Z8.example'] };
  change.put(records, 'Z4', recordId(further), further);
  // Nobody delegates to themselves out of a zone that does not answer.
  const claimed = { name: 'pay.coffee.com.', type: 'NS', ttl: 60, values: ['ns.Z3.example'] };
  change.put(records, 'Z2', recordId(claimed), claimed);
  await store.commit(change);

  const found = await dnsZones({
    reader: store,
    health: () => undefined,
    nodes: { ofZones: () => [], ofDistributions: () => [] },
  });
  expect(found.map(({ id }) => id)).toEqual(['Z1', 'Z4', 'Z7', 'Z8']);
});

test('a name that an account has left is still its own: nobody else answers until it has a zone again', async () => {
  const store = openMemoryStore();
  const [first, second] = [account, '444455556666'];
  const make = async (id: string, owner: string, name: string, createdAt: number, since?: number) => {
    const change = store.begin();
    change.put(accounts, '', owner, { id: owner } as never);
    const nameServers = [`ns.${id}.example`];
    const zone = { id, account: owner, name, createdAt, isPrivate: false, nameServers };
    change.put(zones, owner, id, { ...zone, ...(since !== undefined && { heldSince: since }) } as unknown as ZoneRow);
    await store.commit(change);
  };
  const answering = async (): Promise<string[]> => {
    const found = await dnsZones({
      reader: store,
      health: () => undefined,
      nodes: { ofZones: () => [], ofDistributions: () => [] },
    });
    return found.map(({ id }) => id).sort();
  };
  await make('Z1', second, 'coffee.com.', 5);
  await make('Z2', second, 'shop.coffee.com.', 6);
  await make('Z3', second, 'tea.com.', 7);
  expect(await answering()).toEqual(['Z1', 'Z2', 'Z3']);
  const change = store.begin();
  change.put(heldNames, '', `${first} coffee.com.`, { since: 1, leftAt: 4 });
  await store.commit(change);
  expect(await answering()).toEqual(['Z3']);
  await make('Z4', first, 'coffee.com.', 9);
  expect(await answering()).toEqual(['Z3', 'Z4']);
});

test('a zone that its account has made anew is as old as its name', async () => {
  const store = openMemoryStore();
  const change = store.begin();
  const [first, second] = [account, '444455556666'];
  const nameServers: string[] = [];
  const zone = { name: 'coffee.com.', isPrivate: false, nameServers };
  for (const id of [first, second]) change.put(accounts, '', id, { id } as never);
  change.put(zones, first, 'Z1', {
    ...zone,
    id: 'Z1',
    account: first,
    createdAt: 9,
    heldSince: 1,
  } as unknown as ZoneRow);
  change.put(zones, second, 'Z2', { ...zone, id: 'Z2', account: second, createdAt: 5 } as unknown as ZoneRow);
  await store.commit(change);
  const found = await dnsZones({
    reader: store,
    health: () => undefined,
    nodes: { ofZones: () => [], ofDistributions: () => [] },
  });
  expect(found.map(({ id }) => id)).toEqual(['Z1']);
});

test('who answers for a chain of zones that lead to each other is found at once', async () => {
  const store = openMemoryStore();
  const change = store.begin();
  const [first, second] = [account, '444455556666'];
  for (const id of [first, second]) change.put(accounts, '', id, { id } as never);
  const make = (id: string, owner: string, name: string, createdAt: number): void => {
    const zone = { id, account: owner, name, createdAt, isPrivate: false, nameServers: [`ns.${id}.example`] };
    change.put(zones, owner, id, zone as unknown as ZoneRow);
  };
  make('Z0', first, 'coffee.com.', 0);
  const name = (depth: number): string => `${'a.'.repeat(depth)}coffee.com.`;
  for (let depth = 1; depth <= 60; depth++) {
    make(`Z${depth}`, second, name(depth), depth);
    for (let above = 1; above < depth; above++) {
      const record = { name: name(depth), type: 'NS', ttl: 60, values: [`ns.Z${depth}.example`] };
      change.put(records, `Z${above}`, recordId(record), record);
    }
  }
  await store.commit(change);
  const found = await dnsZones({
    reader: store,
    health: () => undefined,
    nodes: { ofZones: () => [], ofDistributions: () => [] },
  });
  expect(found.map(({ id }) => id)).toEqual(['Z0']);
}, 5_000);

test('who is delegated to by name servers that are not theirs alone answers only where nobody else may be meant', async () => {
  const store = openMemoryStore();
  const change = store.begin();
  const [first, second, third] = [account, '444455556666', '777788889999'];
  for (const id of [first, second, third]) change.put(accounts, '', id, { id } as never);
  const make = (id: string, owner: string, name: string, createdAt: number): void => {
    const zone = { id, account: owner, name, createdAt, isPrivate: false, nameServers: ['ns.bailey.localhost'] };
    change.put(zones, owner, id, zone as unknown as ZoneRow);
  };
  make('Z1', first, 'coffee.com.', 1);
  make('Z2', third, 'pay.coffee.com.', 2);
  make('Z3', second, 'pay.coffee.com.', 3);
  make('Z4', second, 'roast.coffee.com.', 4);
  for (const name of ['pay.coffee.com.', 'roast.coffee.com.']) {
    const delegated = { name, type: 'NS', ttl: 60, values: ['NS.bailey.localhost.'] };
    change.put(records, 'Z1', recordId(delegated), delegated);
  }
  await store.commit(change);
  const found = await dnsZones({
    reader: store,
    health: () => undefined,
    nodes: { ofZones: () => [], ofDistributions: () => [] },
  });
  expect(found.map(({ id }) => id)).toEqual(['Z1', 'Z4']);
});

test('nobody answers for names of load balancers, distributions and registries by a zone of an earlier version', async () => {
  const store = openMemoryStore();
  const change = store.begin();
  change.put(accounts, '', account, { id: account } as never);
  const made = [
    'shop-1.us-east-1.elb.amazonaws.com.',
    'd111111abcdef8.cloudfront.net.',
    'com.',
    'co.uk.',
    'cloudfront.net.com.',
  ];
  for (const name of made) {
    const zone = { id: name, account, name, createdAt: 1, isPrivate: false, nameServers: [] };
    change.put(zones, account, name, zone as unknown as ZoneRow);
  }
  await store.commit(change);
  const found = await dnsZones({
    reader: store,
    health: () => undefined,
    nodes: { ofZones: () => [], ofDistributions: () => [] },
  });
  expect(found.map(({ name }) => name)).toEqual(['cloudfront.net.com.']);
});

test('aliases within a zone have the values of what they lead to, of their own type, and lead no further', async () => {
  const store = openMemoryStore();
  const change = store.begin();
  change.put(accounts, '', account, { id: account } as never);
  const zone = { id: 'Z1', account, name: 'coffee.com.', createdAt: 1, isPrivate: false, nameServers: [] };
  change.put(zones, account, 'Z1', zone as unknown as ZoneRow);
  const alias = (name: string, dnsName: string, type = 'A') => ({
    name,
    type,
    values: [],
    alias: { zone: 'Z1', dnsName, evaluatesHealth: false },
  });
  for (const row of [
    { name: 'shop.coffee.com.', type: 'A', ttl: 60, values: ['192.0.2.1'] },
    { name: 'shop.coffee.com.', type: 'AAAA', ttl: 30, values: ['2001:db8::1'] },
    alias('a.coffee.com.', 'shop.coffee.com.'),
    alias('b.coffee.com.', 'shop.coffee.com.', 'AAAA'),
    alias('c.coffee.com.', 'a.coffee.com.'),
    alias('d.coffee.com.', 'nowhere.coffee.com.'),
  ]) {
    change.put(records, 'Z1', recordId(row), row);
  }
  await store.commit(change);
  const [found] = await dnsZones({
    reader: store,
    health: () => undefined,
    nodes: { ofZones: () => [], ofDistributions: () => [] },
  });
  const said = found?.records.map(({ name, type, ttl, values }) => `${name} ${type} ${ttl} ${values}`);
  expect(said?.sort()).toEqual([
    'a.coffee.com. A 60 192.0.2.1',
    'b.coffee.com. AAAA 30 2001:db8::1',
    'shop.coffee.com. A 60 192.0.2.1',
    'shop.coffee.com. AAAA 30 2001:db8::1',
  ]);
});
