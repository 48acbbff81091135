import { expect, test } from 'vitest';
import { account, rootCaller, userCaller } from '../../../test/support/call.ts';
import { iamBench } from '../../../test/support/iam.ts';
import { decide } from '../../engines/policy/index.ts';
import type { Layers } from '../../engines/policy/types.ts';
import type { Caller, Session } from '../service.ts';
import { createDirectory, type KnownCredential } from './directory.ts';
import { awsManaged } from './managed-policies.ts';
import { createAccessKey, deleteAccessKey, updateAccessKey } from './operations/access-keys.ts';
import { createGroup } from './operations/create-group.ts';
import { createUser } from './operations/create-user.ts';
import { deleteUser } from './operations/delete-user.ts';
import { addUserToGroup, removeUserFromGroup } from './operations/group-members.ts';
import { tagUser } from './operations/tag-user.ts';
import { updateUser } from './operations/update-user.ts';
import { groups, type RoleRow, roles, type UserRow, users } from './state.ts';

const allow = (action: string, resource = '*'): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: action, Resource: resource }] });

async function setUp(options: Parameters<typeof iamBench>[1] = {}) {
  const setting = iamBench({}, options);
  const { bench, store, directory } = setting;
  const { User } = await bench.run('CreateUser', createUser, { UserName: 'Rudy' });
  const { AccessKey } = await bench.run('CreateAccessKey', createAccessKey, { UserName: 'Rudy' });
  const keyId = AccessKey?.AccessKeyId ?? '';
  const edit = async (change: (row: UserRow) => UserRow): Promise<void> => {
    const writing = store.begin();
    const row = await writing.get(users, account, 'rudy');
    writing.put(users, account, 'rudy', change(row!));
    await store.commit(writing);
  };
  const rudy = async (): Promise<KnownCredential> => {
    const found = await directory.find(keyId, undefined, bench.now);
    if (typeof found === 'string') throw new Error(found);
    return found;
  };
  return { ...setting, userId: User?.UserId ?? '', keyId, edit, rudy };
}

/** Whether the layers let their caller do something in its own account. */
function allowed(caller: Caller, layers: Layers, action: string, arn = '*'): boolean {
  const { principal } = caller;
  return decide({
    principal,
    action,
    resource: { arn, account },
    context: { get: () => undefined },
    layers,
  }).allowed;
}

test('a key stands for its user, by the same object until something changes', async () => {
  const { bench, keyId, rudy, directory, userId } = await setUp();
  const found = await rudy();
  expect(found.caller).toEqual({
    principal: { kind: 'user', account, arn: `arn:aws:iam::${account}:user/Rudy`, id: userId, name: 'Rudy' },
    account,
    accessKeyId: keyId,
  });
  expect(await rudy()).toBe(found);
  await bench.run('UpdateUser', updateUser, { UserName: 'Rudy', NewUserName: 'Rudolph' });
  expect((await rudy()).caller.principal).toMatchObject({ name: 'Rudolph', id: userId });
  expect(await directory.find('AKIAABSENT', undefined, 0)).toBe('unknown');
  expect(await directory.find('ASIAABSENT', undefined, 0)).toBe('missing-token');
  expect(await directory.find(keyId, 'a token', 0)).toBe('invalid-token');
});

test('an inactive, deleted or orphaned key identifies nobody, from the next call on', async () => {
  const { bench, keyId, directory, rudy } = await setUp();
  await rudy();
  const input = { UserName: 'Rudy', AccessKeyId: keyId };
  await bench.run('UpdateAccessKey', updateAccessKey, { ...input, Status: 'Inactive' });
  expect(await directory.find(keyId, undefined, 0)).toBe('inactive');
  await bench.run('UpdateAccessKey', updateAccessKey, { ...input, Status: 'Active' });
  expect(await directory.find(keyId, undefined, 0)).toBeTypeOf('object');
  await bench.run('DeleteAccessKey', deleteAccessKey, input);
  expect(await directory.find(keyId, undefined, 0)).toBe('unknown');
});

test('root’s keys stand for root', async () => {
  const { bench, directory } = await setUp();
  const { AccessKey } = await bench.run('CreateAccessKey', createAccessKey, {}, { caller: rootCaller() });
  const found = await directory.find(AccessKey?.AccessKeyId ?? '', undefined, 0);
  expect(found).toMatchObject({
    caller: { principal: { kind: 'root', arn: `arn:aws:iam::${account}:root`, id: account } },
  });
});

test('policy trap 22: inline, attached and group policies are joined, and changes hold for the next call', async () => {
  const { bench, store, edit, rudy, directory } = await setUp();
  const can = async (action: string) => {
    const { caller } = await rudy();
    return allowed(caller, (await directory.bearingOn(caller, account)).layers, action);
  };
  expect(await can('s3:ListBucket')).toBe(false);
  await edit((row) => ({ ...row, inline: { One: allow('s3:ListBucket') } }));
  expect(await can('s3:ListBucket')).toBe(true);
  await edit((row) => ({ ...row, attached: ['arn:aws:iam::aws:policy/IAMReadOnlyAccess'] }));
  expect([await can('s3:ListBucket'), await can('iam:ListUsers')]).toEqual([true, true]);

  await bench.run('CreateGroup', createGroup, { GroupName: 'Cashiers' });
  const writing = store.begin();
  const group = await writing.get(groups, account, 'cashiers');
  writing.put(groups, account, 'cashiers', { ...group!, inline: { Tills: allow('ec2:RunInstances') } });
  await store.commit(writing);
  expect(await can('ec2:RunInstances')).toBe(false);
  await bench.run('AddUserToGroup', addUserToGroup, { UserName: 'Rudy', GroupName: 'Cashiers' });
  expect(await can('ec2:RunInstances')).toBe(true);
  await bench.run('RemoveUserFromGroup', removeUserFromGroup, { UserName: 'Rudy', GroupName: 'Cashiers' });
  expect(await can('ec2:RunInstances')).toBe(false);
});

test('a boundary limits', async () => {
  const { edit, rudy, directory } = await setUp();
  await edit((row) => ({
    ...row,
    inline: { All: allow('*') },
    boundary: 'arn:aws:iam::aws:policy/IAMReadOnlyAccess',
  }));
  const { caller } = await rudy();
  const layers = (await directory.bearingOn(caller, account)).layers;
  expect(allowed(caller, layers, 'iam:ListUsers')).toBe(true);
  expect(allowed(caller, layers, 'iam:CreateUser')).toBe(false);
});

test('a policy that is missing or cannot be read denies everything', async () => {
  const { edit, rudy, directory } = await setUp();
  const { caller } = await rudy();
  await edit((row) => ({ ...row, inline: { All: allow('*') } }));
  expect(allowed(caller, (await directory.bearingOn(caller, account)).layers, 's3:ListBucket')).toBe(true);
  await edit((row) => ({ ...row, attached: [`arn:aws:iam::${account}:policy/gone`] }));
  expect(allowed(caller, (await directory.bearingOn(caller, account)).layers, 's3:ListBucket')).toBe(false);
  await edit((row) => ({ ...row, attached: [], inline: { ...row.inline, Broken: '{"Statement":' } }));
  expect(allowed(caller, (await directory.bearingOn(caller, account)).layers, 's3:ListBucket')).toBe(false);
  await edit((row) => ({ ...row, inline: { All: allow('*') }, boundary: `arn:aws:iam::${account}:policy/gone` }));
  expect(allowed(caller, (await directory.bearingOn(caller, account)).layers, 's3:ListBucket')).toBe(false);
});

test('a deleted user’s live callers may do nothing', async () => {
  const { bench, edit, keyId, rudy, directory } = await setUp();
  const { caller } = await rudy();
  await bench.run('DeleteAccessKey', deleteAccessKey, { UserName: 'Rudy', AccessKeyId: keyId });
  await bench.run('DeleteUser', deleteUser, { UserName: 'Rudy' });
  await bench.run('CreateUser', createUser, { UserName: 'Rudy' });
  await edit((row) => ({ ...row, inline: { All: allow('*') } }));
  expect(allowed(caller, (await directory.bearingOn(caller, account)).layers, 's3:ListBucket')).toBe(false);
});

test('the same layers are returned until something changes, and per account', async () => {
  const { bench, rudy, directory } = await setUp();
  const { caller } = await rudy();
  const layers = (await directory.bearingOn(caller, account)).layers;
  const values = (await directory.bearingOn(caller, account)).values;
  expect((await directory.bearingOn(caller, account)).layers).toBe(layers);
  expect((await directory.bearingOn(caller, account)).values).toBe(values);
  await bench.run('CreateUser', createUser, { UserName: 'x' }, { caller: rootCaller('444455556666') });
  expect((await directory.bearingOn(caller, account)).layers).toBe(layers);
  await bench.run('CreateUser', createUser, { UserName: 'x' });
  expect((await directory.bearingOn(caller, account)).layers).not.toBe(layers);
});

test('tags of the user become principal tags', async () => {
  const { bench, rudy, directory } = await setUp();
  const { caller } = await rudy();
  expect((await directory.bearingOn(caller, account)).values).toEqual({});
  await bench.run('TagUser', tagUser, { UserName: 'Rudy', Tags: [{ Key: 'team', Value: 'till' }] });
  expect((await directory.bearingOn(caller, account)).values).toEqual({ 'aws:PrincipalTag/team': 'till' });
});

const role: RoleRow = {
  id: 'AROAEXAMPLEEXAMPLE001',
  name: 'Cashier',
  path: '/',
  createdAt: 0,
  inline: { All: allow('s3:*') },
  attached: [],
  maxSessionSeconds: 3600,
  trust: { document: '{}', principalIds: {} },
  tags: { shop: 'north' },
  instanceProfiles: [],
};

function roleSession(session: Partial<Session> = {}): KnownCredential {
  return {
    secret: 'secret',
    caller: {
      principal: {
        kind: 'assumed-role',
        account,
        arn: `arn:aws:sts::${account}:assumed-role/Cashier/morning`,
        id: `${role.id}:morning`,
        roleArn: `arn:aws:iam::${account}:role/Cashier`,
        roleId: role.id,
        roleName: 'Cashier',
        sessionName: 'morning',
        serviceLinked: false,
      },
      account,
      accessKeyId: 'ASIAEXAMPLE',
      session: { kind: 'assumed-role', issuedAt: 0, expiresAt: 1e15, ...session },
    },
  };
}

async function withRole(opened: KnownCredential) {
  const setting = await setUp({ openSession: (token) => (token === 'good' ? opened : 'invalid-token') });
  const writing = setting.store.begin();
  writing.put(roles, account, 'cashier', role);
  await setting.store.commit(writing);
  return setting;
}

test('a role session has the role’s policies, limited by those passed to it', async () => {
  const plain = roleSession();
  const { directory } = await withRole(plain);
  const found = await directory.find('ASIAEXAMPLE', 'good', 0);
  expect(found).toBe(plain);
  expect((await directory.bearingOn(plain.caller, account)).values).toEqual({ 'aws:PrincipalTag/shop': 'north' });
  expect(allowed(plain.caller, (await directory.bearingOn(plain.caller, account)).layers, 's3:PutObject')).toBe(true);

  const limited = roleSession({ policies: { inline: allow('s3:GetObject'), arns: [] } });
  const layers = (await directory.bearingOn(limited.caller, account)).layers;
  expect(allowed(limited.caller, layers, 's3:GetObject')).toBe(true);
  expect(allowed(limited.caller, layers, 's3:PutObject')).toBe(false);
  // And not the other way round: the plain session is not limited by the other's policies.
  expect(allowed(plain.caller, (await directory.bearingOn(plain.caller, account)).layers, 's3:PutObject')).toBe(true);
});

test('policy trap 17: a session does not outlive its role, even if one of the same name is made', async () => {
  const opened = roleSession();
  const { directory, store } = await withRole(opened);
  expect(await directory.find('ASIAEXAMPLE', 'good', 0)).toBe(opened);
  const writing = store.begin();
  writing.put(roles, account, 'cashier', { ...role, id: 'AROAEXAMPLEEXAMPLE002' });
  await store.commit(writing);
  expect(await directory.find('ASIAEXAMPLE', 'good', 0)).toBe('invalid-token');
  expect(allowed(opened.caller, (await directory.bearingOn(opened.caller, account)).layers, 's3:PutObject')).toBe(
    false,
  );
});

test('a session of a user follows its new name', async () => {
  const bare = await setUp();
  const opened: KnownCredential = {
    secret: 's',
    caller: {
      ...userCaller('Rudy', bare.userId),
      accessKeyId: 'ASIAEXAMPLE',
      session: { kind: 'session-token', issuedAt: 0, expiresAt: 1e15 },
    },
  };
  const directory = createDirectory(bare.store, { awsManaged, openSession: () => opened });
  expect(await directory.find('ASIAEXAMPLE', 'good', 0)).toBe(opened);
  await bare.bench.run('UpdateUser', updateUser, { UserName: 'Rudy', NewUserName: 'Rudolph' });
  const renamed = await directory.find('ASIAEXAMPLE', 'good', 0);
  expect(renamed).toMatchObject({ caller: { principal: { name: 'Rudolph' }, session: { kind: 'session-token' } } });
  expect(await directory.find('ASIAEXAMPLE', 'good', 0)).toBe(renamed);
});

function federated(issuer: 'user' | 'root', issuerId: string, policies?: Session['policies']): Caller {
  return {
    principal: {
      kind: 'federated-user',
      account,
      arn: `arn:aws:sts::${account}:federated-user/guest`,
      id: `${account}:guest`,
      name: 'guest',
      issuer: { kind: issuer, arn: `arn:aws:iam::${account}:user/Rudy`, id: issuerId },
    },
    account,
    session: { kind: 'federated-user', issuedAt: 0, expiresAt: 1e15, ...(policies && { policies }) },
  };
}

test('a federated user may do what both its issuer and its session policy allow', async () => {
  const { edit, directory, userId } = await setUp();
  await edit((row) => ({ ...row, inline: { Files: allow('s3:*') } }));
  const may = async (caller: Caller, action: string) =>
    allowed(caller, (await directory.bearingOn(caller, account)).layers, action);
  const inline = allow('s3:GetObject');
  const guest = federated('user', userId, { inline, arns: [] });
  expect([await may(guest, 's3:GetObject'), await may(guest, 's3:PutObject')]).toEqual([true, false]);
  expect(await may(federated('user', userId, { inline: allow('*'), arns: [] }), 'iam:ListUsers')).toBe(false);
  expect(await may(federated('user', userId), 's3:GetObject')).toBe(false);
  expect(await may(federated('root', account, { inline, arns: [] }), 's3:GetObject')).toBe(true);
  expect(await may(federated('root', account), 's3:GetObject')).toBe(false);
});

test('what an organization says is added, and its changes are seen', async () => {
  let scps: Layers['scps'] = [];
  const { rudy, directory } = await setUp({
    organization: {
      scpsFor: async () => scps,
      rcpsFor: async () => undefined,
      valuesFor: async () => ({ 'aws:PrincipalOrgID': 'o-example' }),
    },
  });
  const { caller } = await rudy();
  const layers = (await directory.bearingOn(caller, account)).layers;
  expect(layers.scps).toBe(scps);
  expect((await directory.bearingOn(caller, account)).layers).toBe(layers);
  scps = [];
  expect((await directory.bearingOn(caller, account)).layers.scps).toBe(scps);
  expect((await directory.bearingOn(caller, account)).values).toEqual({ 'aws:PrincipalOrgID': 'o-example' });
  expect((await directory.bearingOn(caller, account)).rcps).toBeUndefined();
});

test('principals are found by ARN and by unique id, and never the wrong ones', async () => {
  const { bench, directory, keyId, userId } = await setUp();
  const arn = `arn:aws:iam::${account}:user/Rudy`;
  expect(await directory.resolvePrincipal(arn)).toBe(userId);
  expect(await directory.describePrincipal(userId)).toBe(arn);
  for (const other of [arn.toLowerCase(), `arn:aws:iam::${account}:user/shop/Rudy`, `arn:aws:iam::${account}:root`]) {
    expect(await directory.resolvePrincipal(other)).toBeUndefined();
  }
  await bench.run('DeleteAccessKey', deleteAccessKey, { UserName: 'Rudy', AccessKeyId: keyId });
  await bench.run('DeleteUser', deleteUser, { UserName: 'Rudy' });
  expect(await directory.describePrincipal(userId)).toBeUndefined();
});
