import { expect, test } from 'vitest';
import { account, seededRandom } from '../../../test/support/call.ts';
import { failure, iamBench } from '../../../test/support/iam.ts';
import type { Store } from '../../store/store.ts';
import { awsManaged } from './managed-policies.ts';
import { verifyPassword } from './passwords.ts';

import { type AccountSeed, seedAccount } from './seed.ts';
import { accessKeys, accountKey, accounts, attachments, members, roles, uniqueIds, users } from './state.ts';
import { bindTrustDocument } from './trust-policy.ts';

const administrator = 'arn:aws:iam::aws:policy/AdministratorAccess';
const document = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}';

const shop: AccountSeed = {
  id: account,
  name: 'coffee-shop',
  email: 'owner@coffee.example',
  rootPassword: 'correct horse battery staple',
  rootAccessKeys: [{ id: 'AKIAROOTEXAMPLE00001', secret: 'root secret' }],
  policies: [{ name: 'Files', document }],
  groups: [{ name: 'Cashiers', inlinePolicies: [{ name: 'Tills', document }] }],
  users: [
    {
      name: 'admin',
      policies: [administrator, `arn:aws:iam::${account}:policy/Files`],
      groups: ['Cashiers'],
      accessKeys: [{ id: 'my_key', secret: 'my secret' }],
      tags: { team: 'till' },
    },
  ],
  roles: [
    {
      name: 'Cashier',
      trustPolicy: JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:user/admin` }, Action: 'sts:AssumeRole' },
        ],
      }),
      policies: [administrator],
    },
  ],
};

const random = seededRandom(7);

async function apply(store: Store, seed: AccountSeed, now = 1000): Promise<void> {
  const change = store.begin();
  await seedAccount(change, seed, { now, random, awsManaged, resolveTrust: bindTrustDocument });
  await store.commit(change);
}

async function everything(store: Store) {
  const tables = [users, roles, attachments, members, accounts];
  const rows = await Promise.all(tables.map((one) => store.list(one as typeof users, account)));
  return { rows, ids: await store.list(uniqueIds, ''), keys: await store.list(accessKeys, '') };
}

test('an account is put into the state that its configuration names', async () => {
  const { store, directory } = iamBench();
  await apply(store, shop);
  const user = await store.get(users, account, 'admin');
  expect(user).toMatchObject({
    name: 'admin',
    path: '/',
    groups: ['cashiers'],
    accessKeyIds: ['my_key'],
    tags: { team: 'till' },
    attached: [administrator, `arn:aws:iam::${account}:policy/Files`],
  });
  expect(await directory.find('my_key', undefined, 0)).toMatchObject({
    secret: 'my secret',
    caller: { principal: { kind: 'user', name: 'admin' } },
  });
  expect(await directory.find('AKIAROOTEXAMPLE00001', undefined, 0)).toMatchObject({
    caller: { principal: { kind: 'root' } },
  });
  const { root } = (await store.get(accounts, account, accountKey))!;
  expect(await verifyPassword('correct horse battery staple', root.password!)).toBe(true);
  const trust = (await store.get(roles, account, 'cashier'))?.trust;
  expect(trust?.principalIds).toEqual({ [`arn:aws:iam::${account}:user/admin`]: user?.id });
});

test('applied twice, it leaves one of each and changes nothing', async () => {
  const { store } = iamBench();
  await apply(store, shop);
  const before = await everything(store);
  await apply(store, shop, 2000);
  expect(await everything(store)).toEqual(before);
});

test('what else is there stays', async () => {
  const { store } = iamBench();
  await apply(store, shop);
  await apply(store, { id: account, users: [{ name: 'Rudy' }] });
  expect((await store.list(users, account)).map((row) => row.id)).toEqual(['admin', 'rudy']);
  expect((await store.get(accounts, account, accountKey))?.email).toBe('owner@coffee.example');
});

test('what cannot be is refused with a sentence, and nothing is written', async () => {
  const { store } = iamBench();
  const refused = async (seed: Omit<AccountSeed, 'id'>) => failure(apply(store, { id: account, ...seed }));
  expect(await refused({ users: [{ name: 'a/b' }] })).toMatch(/^SeedError: user a\/b: a name is/);
  expect(await refused({ users: [{ name: 'a', policies: ['arn:aws:iam::aws:policy/Nope'] }] })).toBe(
    'SeedError: user a: there is no policy arn:aws:iam::aws:policy/Nope',
  );
  expect(await refused({ users: [{ name: 'a', groups: ['g'] }] })).toBe('SeedError: user a: no group g');
  expect(await refused({ policies: [{ name: 'p', document: '{' }] })).toMatch(/^SeedError: policy p: /);
  const keys = [{ id: 'same_key', secret: 'x' }];
  expect(
    await refused({
      users: [
        { name: 'a', accessKeys: keys },
        { name: 'b', accessKeys: keys },
      ],
    }),
  ).toBe('SeedError: user b: access key same_key belongs to somebody else');
  expect(await refused({ users: [{ name: 'a', accessKeys: [{ id: 'ab', secret: 'x' }] }] })).toMatch(/3 to 128/);
  expect(await store.list(users, account)).toEqual([]);
});
