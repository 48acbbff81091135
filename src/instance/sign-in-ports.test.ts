/** Who a sign-in form names, over real rows: closed accounts, aliases, passwords that are there and that are not. */
import { beforeEach, describe, expect, test } from 'vitest';
import { seededRandom } from '../../test/support/call.ts';
import { accounts } from '../services/account/state.ts';
import { Attempts } from '../services/bailey/attempts.ts';
import { awsManaged } from '../services/iam/managed-policies.ts';
import { hashPassword } from '../services/iam/passwords.ts';
import { identitiesForSts } from '../services/iam/roles-port.ts';
import { accountKey, aliases, accounts as iamAccounts, users } from '../services/iam/state.ts';
import { openMemoryStore } from '../store/memory.ts';
import { seedConfig } from './seed.ts';
import { signInPorts } from './sign-in-ports.ts';

const account = '111122223333';
const now = Date.UTC(2026, 10, 1);
const random = seededRandom();
let store = openMemoryStore();
let ports: ReturnType<typeof signInPorts>;

beforeEach(async () => {
  store = openMemoryStore();
  ports = signInPorts(store, identitiesForSts(awsManaged), new Attempts(), () => undefined);
  const config = { id: account, email: 'Owner@coffee.example', rootPassword: 'root words', users: [{ name: 'Rudy' }] };
  await seedConfig({ store, random, now: () => now }, { accounts: [config] });
  const change = store.begin();
  change.put(aliases, '', 'coffee-shop', { account });
  await store.commit(change);
});

describe('a root user', () => {
  test('is found by the email of its account, in any case', async () => {
    const named = await ports.passwords.rootWithEmail(store, ' OWNER@coffee.example');
    expect(named).toMatchObject({ account, identity: { principal: { kind: 'root', account } } });
    expect(await ports.passwords.verify('root words', named.identity?.password)).toBe(true);
    expect(await ports.passwords.verify('other words', named.identity?.password)).toBe(false);
  });

  test.each(['', 'x', 'owner@coffee.exampl', 'owner@coffee.example\0', '__proto__', '\ud800', '%', '../..'])(
    'is not %j',
    async (email) => {
      expect(await ports.passwords.rootWithEmail(store, email)).toEqual({ account: undefined, identity: undefined });
    },
  );
});

describe('a user', () => {
  test.each([
    [account, 'rudy', account, 'Rudy'],
    ['coffee-shop', 'RUDY', account, 'Rudy'],
    [account, 'owner@coffee.example', account, undefined],
    ['Coffee-Shop', 'rudy', undefined, undefined],
    ['999988887777', 'rudy', undefined, undefined],
    ['', '', undefined, undefined],
  ])('%j %j is in %s: %s', async (given, name, where, who) => {
    const named = await ports.passwords.userNamed(store, given, name, now);
    expect(named.account).toBe(where);
    expect(named.identity?.principal.kind === 'user' ? named.identity.principal.name : undefined).toBe(who);
  });
});

test('nobody signs in to a closed account: there seems to be no password', async () => {
  const row = await store.get(accounts, '', account);
  if (!row) throw new Error('no account');
  const change = store.begin();
  change.put(accounts, '', account, { ...row, state: 'SUSPENDED' });
  await store.commit(change);
  const named = await ports.passwords.rootWithEmail(store, 'owner@coffee.example');
  expect(named).toMatchObject({ account, identity: { password: undefined } });
});

test('no password at all is verified as well, and is never right', async () => {
  const real = await hashPassword('x', random);
  const time = async (kept: typeof real | undefined) => {
    const start = performance.now();
    expect(await ports.passwords.verify('', kept)).toBe(false);
    return performance.now() - start;
  };
  const pairs: (readonly [number, number])[] = [];
  for (let each = 0; each < 5; each += 1) pairs.push([await time(real), await time(undefined)] as const);
  const [known, unknown] = [0, 1].map((side) => Math.min(...pairs.map((pair) => pair[side as 0 | 1])));
  // A machine under load spreads these; a verification that is left out would be a hundred times faster.
  expect((unknown ?? 0) / (known ?? 1)).toBeGreaterThan(0.4);
});

test('the root user’s last sign-in is kept, and nothing else of the account changes', async () => {
  const { identity } = await ports.passwords.rootWithEmail(store, 'owner@coffee.example');
  if (!identity) throw new Error('no root user');
  const before = await store.get(iamAccounts, account, accountKey);
  for (const at of [now, now + 299_999]) {
    const change = store.begin();
    await ports.passwords.used(change, identity, at);
    await store.commit(change);
  }
  const after = await store.get(iamAccounts, account, accountKey);
  expect(after).toEqual({ ...before, root: { ...before?.root, passwordLastUsedAt: now } });
});

test('a user who went away meanwhile leaves nothing behind', async () => {
  const { identity } = await ports.passwords.userNamed(store, account, 'Rudy', now);
  if (!identity) throw new Error('no user');
  const change = store.begin();
  change.delete(users, account, 'rudy');
  await store.commit(change);
  const late = store.begin();
  await ports.passwords.used(late, identity, now);
  await store.commit(late);
  expect(await store.get(users, account, 'rudy')).toBeUndefined();
});
