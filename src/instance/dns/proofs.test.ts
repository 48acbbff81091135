/** Who proves a name by the zones of this instance. */
import { beforeEach, expect, test } from 'vitest';
import { accounts } from '../../services/account/state.ts';
import { recordId, records, type ZoneRow, zones } from '../../services/route53/state.ts';
import { openMemoryStore } from '../../store/memory.ts';
import type { Store } from '../../store/store.ts';
import { RememberedNames } from './ownership.ts';
import { cnameOf } from './proofs.ts';

const [owner, thief] = ['111122223333', '444455556666'];
let store: Store;
let names: RememberedNames;
beforeEach(async () => {
  store = openMemoryStore();
  const change = store.begin();
  for (const id of [owner, thief]) change.put(accounts, '', id, { id } as never);
  await store.commit(change);
  names = new RememberedNames(store);
});

async function zone(account: string, name: string, createdAt: number, cname: string, isPrivate = false) {
  const change = store.begin();
  const id = `Z${name}${createdAt}`;
  change.put(zones, account, id, { id, account, name, createdAt, isPrivate } as ZoneRow);
  const row = { name: '_proof.shop.example.com.', type: 'CNAME', values: [cname] };
  change.put(records, id, recordId(row), row);
  await store.commit(change);
}

const ask = async () => cnameOf(store, await names.read(), '_proof.Shop.example.com');

test('the closest zone of the owner answers', async () => {
  expect(await ask()).toBeUndefined();
  await zone(owner, 'example.com.', 1, 'of-the-domain');
  expect(await ask()).toBe('of-the-domain');
  await zone(owner, 'shop.example.com.', 2, 'of-the-shop');
  expect(await ask()).toBe('of-the-shop');
});

test.each(['example.com.', 'shop.example.com.', 'com.'])(
  'a later zone %s of somebody else proves nothing',
  async (name) => {
    await zone(owner, 'example.com.', 1, 'owner');
    await zone(thief, name, 2, 'thief');
    expect(await ask()).toBe('owner');
  },
);

test('a zone of a name that registries give names below proves nothing, however old it is', async () => {
  await zone(thief, 'com.', 1, 'thief');
  expect(await ask()).toBeUndefined();
  await zone(owner, 'example.com.', 2, 'owner');
  expect(await ask()).toBe('owner');
});

test('private zones and names that only end alike prove nothing', async () => {
  await zone(owner, 'example.com.', 1, 'private', true);
  await zone(owner, 'ample.com.', 1, 'alike');
  expect(await ask()).toBeUndefined();
});

test('zones are read again when they have changed, and not before', async () => {
  let reads = 0;
  const counting = new RememberedNames({
    get: store.get.bind(store),
    list: (...given) => {
      reads += 1;
      return store.list(...given);
    },
    onCommit: store.onCommit.bind(store),
  });
  const ownerNow = async () => (await counting.read()).ownerOf('www.example.com.');
  expect(await ownerNow()).toBeUndefined();
  const once = reads;
  expect(once).toBeGreaterThan(0);
  const change = store.begin();
  change.put(records, 'Z1', 'a', { name: 'a.', type: 'A', values: [] });
  await store.commit(change);
  expect(await ownerNow()).toBeUndefined();
  expect(reads).toBe(once);
  await zone(owner, 'example.com.', 1, 'x');
  expect(await ownerNow()).toBe(owner);
  await zone(thief, 'www.example.com.', 0, 'x');
  expect(await ownerNow()).toBe(thief);
});
