/** For whom the public authority is asked, and how it may be convinced. */
import { beforeEach, expect, test } from 'vitest';
import { accounts } from '../services/account/state.ts';
import { type ZoneRow, zones } from '../services/route53/state.ts';
import { openMemoryStore } from '../store/memory.ts';
import type { Store } from '../store/store.ts';
import { isMeant, publicAuthorityOf } from './public-authority.ts';

test.each<[string, readonly string[] | undefined, boolean]>([
  ['shop.coffee.com', undefined, true],
  ['*.coffee.com', undefined, true],
  ['coffee', undefined, false],
  ['shop.coffee.internal', undefined, false],
  ['shop.coffee.local', undefined, false],
  ['*.test', undefined, false],
  ['localhost.coffee.com', undefined, true],
  ['coffee.com', ['coffee.com'], true],
  ['shop.coffee.com', ['coffee.com'], false],
  ['shop.coffee.com', ['*.Coffee.com'], true],
  ['a.shop.coffee.com', ['*.coffee.com'], true],
  ['*.coffee.com', ['*.coffee.com'], true],
  ['coffee.com', ['*.coffee.com'], false],
  ['notcoffee.com', ['*.coffee.com'], false],
  ['db.coffee.internal', ['*.coffee.internal'], true],
])('%s under %j: %s', (name, names, expected) => {
  expect(isMeant(name, names)).toBe(expected);
});

const [mine, theirs] = ['111122223333', '444455556666'];
let store: Store;
let asked: string[];
beforeEach(async () => {
  store = openMemoryStore();
  asked = [];
  const change = store.begin();
  for (const id of [mine, theirs]) change.put(accounts, '', id, { id } as never);
  const zone = { id: 'Z1', account: mine, name: 'coffee.com.', createdAt: 1, isPrivate: false };
  change.put(zones, mine, 'Z1', zone as unknown as ZoneRow);
  await store.commit(change);
});

function ways(account: string, domain: string, { answersNames = true, takes = true } = {}) {
  const authority = publicAuthorityOf(
    { directory: 'https://acme.example/dir', httpPort: 8080 },
    {
      store,
      vault: { create: () => Promise.reject(new Error('asked')), sign: () => Promise.reject(new Error('asked')) },
      now: Date.now,
      placed: async () => undefined,
      takes: (...what) => {
        asked.push(what.join(' '));
        return takes;
      },
      answersNames: () => answersNames,
    },
  );
  return authority.waysFor(store, account, domain);
}

test('the record first, where the zone is the account’s; the page where it takes requests, but for no wildcard', async () => {
  expect(await ways(mine, 'shop.coffee.com')).toEqual(['dns-01', 'http-01']);
  expect(asked).toEqual([`${mine} shop.coffee.com 8080`]);
  expect(await ways(mine, '*.coffee.com')).toEqual(['dns-01']);
  expect(await ways(mine, 'shop.coffee.com', { answersNames: false })).toEqual(['http-01']);
  expect(await ways(mine, '*.coffee.com', { answersNames: false })).toEqual([]);
  expect(await ways(mine, 'shop.coffee.com', { takes: false })).toEqual(['dns-01']);
  expect(await ways(mine, 'tea.com')).toEqual(['http-01']);
});

test('nobody gets by in somebody else’s zone', async () => {
  expect(await ways(theirs, 'shop.coffee.com')).toEqual([]);
  expect(await ways(theirs, '*.coffee.com')).toEqual([]);
  expect(await ways(theirs, 'coffee.com')).toEqual([]);
});
