import { expect, test } from 'vitest';
import { account, rootCaller, userCaller } from '../../../../test/support/call.ts';
import { failure, iamBench } from '../../../../test/support/iam.ts';
import { groups, members, uniqueIds, users } from '../state.ts';
import { createAccessKey } from './access-keys.ts';
import { createGroup } from './create-group.ts';
import { createUser } from './create-user.ts';
import { deleteUser } from './delete-user.ts';
import { addUserToGroup, removeUserFromGroup } from './group-members.ts';
import { createLoginProfile } from './login-profiles.ts';
import { getUser, listUsers } from './read-users.ts';
import { listUserTags, tagUser, untagUser } from './tag-user.ts';
import { updateUser } from './update-user.ts';

const boundary = 'arn:aws:iam::aws:policy/ReadOnlyAccess';

test('CreateUser answers what GetUser then shows', async () => {
  const { bench, store } = iamBench();
  const created = await bench.run('CreateUser', createUser, {
    UserName: 'Rudy',
    Path: '/shop/',
    Tags: [{ Key: 'team', Value: 'till' }],
    PermissionsBoundary: boundary,
  });
  expect(created.User).toMatchObject({
    Arn: `arn:aws:iam::${account}:user/shop/Rudy`,
    UserId: expect.stringMatching(/^AIDA[A-Z2-7]{17}$/),
    CreateDate: new Date(bench.now),
    PermissionsBoundary: { PermissionsBoundaryArn: boundary },
    Tags: [{ Key: 'team', Value: 'till' }],
  });
  const shown = await bench.run('GetUser', getUser, { UserName: 'rudy' });
  expect(shown).toEqual(created);
  expect(await store.get(uniqueIds, '', created.User?.UserId ?? '')).toEqual({ account, kind: 'user', name: 'Rudy' });
});

test('names are unique without regard to case', async () => {
  const { bench } = iamBench();
  await bench.run('CreateUser', createUser, { UserName: 'Rudy' });
  expect(await failure(bench.run('CreateUser', createUser, { UserName: 'RUDY' }))).toBe(
    'EntityAlreadyExists: User with name RUDY already exists.',
  );
});

test('a user that is made again has another unique id', async () => {
  const { bench } = iamBench();
  const first = await bench.run('CreateUser', createUser, { UserName: 'Rudy' });
  await bench.run('DeleteUser', deleteUser, { UserName: 'Rudy' });
  const second = await bench.run('CreateUser', createUser, { UserName: 'Rudy' });
  expect(second.User?.UserId).not.toBe(first.User?.UserId);
});

test('quotas hold, and deleted users no longer count', async () => {
  const { bench } = iamBench({ users: 2 });
  await bench.run('CreateUser', createUser, { UserName: 'a' });
  await bench.run('CreateUser', createUser, { UserName: 'b' });
  const third = () => bench.run('CreateUser', createUser, { UserName: 'c' });
  expect(await failure(third())).toBe('LimitExceeded: Cannot exceed quota for UsersPerAccount: 2');
  await bench.run('DeleteUser', deleteUser, { UserName: 'a' });
  expect((await third()).User?.UserName).toBe('c');
});

test('a boundary must be a policy that there is', async () => {
  const { bench } = iamBench();
  const missing = `arn:aws:iam::${account}:policy/missing`;
  expect(await failure(bench.run('CreateUser', createUser, { UserName: 'a', PermissionsBoundary: missing }))).toBe(
    `NoSuchEntity: Scope ARN: ${missing} does not exist or is not attachable.`,
  );
});

test('creating with tags needs iam:TagUser too, and tells policies tags and boundary', async () => {
  const { bench } = iamBench();
  const checks = await bench.checks('CreateUser', createUser, {
    UserName: 'Rudy',
    Path: '/shop/',
    Tags: [{ Key: 'team', Value: 'till' }],
    PermissionsBoundary: boundary,
  });
  expect(checks.map((check) => [check.action, check.resource.arn])).toEqual([
    ['iam:CreateUser', `arn:aws:iam::${account}:user/shop/Rudy`],
    ['iam:TagUser', `arn:aws:iam::${account}:user/shop/Rudy`],
  ]);
  expect(checks[0]?.context).toEqual({
    'aws:TagKeys': ['team'],
    'aws:RequestTag/team': 'till',
    'iam:PermissionsBoundary': boundary,
  });
});

test('root is shown to itself, and is no user', async () => {
  const { bench } = iamBench();
  const { User } = await bench.run('GetUser', getUser, {}, { caller: rootCaller() });
  expect(User).toMatchObject({ UserId: account, Arn: `arn:aws:iam::${account}:root` });
  expect(User).not.toHaveProperty('UserName');
  expect((await bench.run('ListUsers', listUsers, {})).Users).toEqual([]);
  expect(await failure(bench.run('GetUser', getUser, { UserName: 'root' }))).toBe(
    'NoSuchEntity: The user with name root cannot be found.',
  );
});

test('without a name, GetUser shows the caller, and refuses roles', async () => {
  const { bench } = iamBench();
  await bench.run('CreateUser', createUser, { UserName: 'Rudy' });
  const shown = await bench.run('GetUser', getUser, {}, { caller: userCaller('Rudy') });
  expect(shown.User?.UserName).toBe('Rudy');
  const role = {
    principal: {
      kind: 'assumed-role' as const,
      account,
      arn: `arn:aws:sts::${account}:assumed-role/Cashier/x`,
      id: 'AROAX:x',
      roleArn: `arn:aws:iam::${account}:role/Cashier`,
      roleId: 'AROAX',
      roleName: 'Cashier',
      sessionName: 'x',
      serviceLinked: false,
    },
    account,
  };
  expect(await failure(bench.run('GetUser', getUser, {}, { caller: role }))).toBe(
    'ValidationError: Must specify userName when calling with non-User credentials',
  );
});

test('ListUsers pages in order, under a path, and takes no forged or foreign marker', async () => {
  const { bench } = iamBench();
  for (const name of ['e', 'D', 'c', 'b', 'A']) {
    await bench.run('CreateUser', createUser, { UserName: name, Path: name === 'c' ? '/' : '/shop/' });
  }
  const seen: (string | undefined)[] = [];
  let Marker: string | undefined;
  do {
    const page = await bench.run('ListUsers', listUsers, {
      MaxItems: 2,
      PathPrefix: '/shop/',
      ...(Marker !== undefined && { Marker }),
    });
    seen.push(...(page.Users ?? []).map((user) => user.UserName));
    expect(page.IsTruncated).toBe(page.Marker !== undefined);
    Marker = page.Marker;
  } while (Marker !== undefined);
  expect(seen).toEqual(['A', 'b', 'D', 'e']);

  const first = await bench.run('ListUsers', listUsers, { MaxItems: 1 });
  expect(await failure(bench.run('ListUsers', listUsers, { Marker: 'forged' }))).toBe(
    'ValidationError: Invalid Marker.',
  );
  const foreign = rootCaller('444455556666');
  expect(
    await failure(bench.run('ListUsers', listUsers, { Marker: first.Marker as string }, { caller: foreign })),
  ).toBe('ValidationError: Invalid Marker.');
  expect((await bench.run('ListUsers', listUsers, {}, { caller: foreign })).Users).toEqual([]);
});

test('a renamed user keeps its id, groups and keys', async () => {
  const { bench, store } = iamBench();
  await bench.run('CreateUser', createUser, { UserName: 'Rudy', PermissionsBoundary: boundary });
  await bench.run('CreateGroup', createGroup, { GroupName: 'Cashiers' });
  await bench.run('AddUserToGroup', addUserToGroup, { UserName: 'Rudy', GroupName: 'Cashiers' });
  const before = await store.get(users, account, 'rudy');
  await bench.run('UpdateUser', updateUser, { UserName: 'Rudy', NewUserName: 'Rudolph', NewPath: '/shop/' });
  expect(await store.get(users, account, 'rudy')).toBeUndefined();
  expect(await store.get(users, account, 'rudolph')).toEqual({ ...before, name: 'Rudolph', path: '/shop/' });
  expect((await store.list(members, account)).map((row) => row.id)).toEqual(['cashiers/rudolph']);
  expect((await store.get(uniqueIds, '', before?.id ?? ''))?.name).toBe('Rudolph');

  await bench.run('CreateUser', createUser, { UserName: 'Blaine' });
  expect(await failure(bench.run('UpdateUser', updateUser, { UserName: 'Rudolph', NewUserName: 'BLAINE' }))).toBe(
    'EntityAlreadyExists: User with name BLAINE already exists.',
  );
});

test('renaming needs permission on both names', async () => {
  const { bench } = iamBench();
  await bench.run('CreateUser', createUser, { UserName: 'Rudy', Path: '/shop/' });
  const checks = await bench.checks('UpdateUser', updateUser, { UserName: 'rudy', NewUserName: 'Max' });
  expect(checks.map((check) => check.resource.arn)).toEqual([
    `arn:aws:iam::${account}:user/shop/Rudy`,
    `arn:aws:iam::${account}:user/shop/Max`,
  ]);
});

test('DeleteUser is refused while something hangs on the user', async () => {
  const { bench, store } = iamBench();
  await bench.run('CreateUser', createUser, { UserName: 'Rudy', PermissionsBoundary: boundary });
  await bench.run('CreateGroup', createGroup, { GroupName: 'Cashiers' });
  const input = { UserName: 'Rudy' };
  const attempt = () => failure(bench.run('DeleteUser', deleteUser, input));
  await bench.run('AddUserToGroup', addUserToGroup, { ...input, GroupName: 'Cashiers' });
  expect(await attempt()).toBe('DeleteConflict: Cannot delete entity, must remove users from group first.');
  await bench.run('RemoveUserFromGroup', removeUserFromGroup, { ...input, GroupName: 'Cashiers' });
  await bench.run('CreateLoginProfile', createLoginProfile, { ...input, Password: 'Correct-horse1' });
  expect(await attempt()).toBe('DeleteConflict: Cannot delete entity, must delete login profile first.');
  await bench.run('CreateAccessKey', createAccessKey, input);
  expect(await attempt()).toBe('DeleteConflict: Cannot delete entity, must delete access keys first.');
  expect(await failure(bench.run('DeleteUser', deleteUser, { UserName: 'nobody' }))).toBe(
    'NoSuchEntity: The user with name nobody cannot be found.',
  );
  expect(await store.get(groups, account, 'cashiers')).toBeDefined();
});

test('tags are set, replaced, listed and removed', async () => {
  const { bench } = iamBench();
  const input = { UserName: 'Rudy' };
  await bench.run('CreateUser', createUser, input);
  const tags = [
    { Key: 'team', Value: 'till' },
    { Key: 'shop', Value: 'north' },
  ];
  await bench.run('TagUser', tagUser, { ...input, Tags: tags });
  await bench.run('TagUser', tagUser, { ...input, Tags: [{ Key: 'TEAM', Value: 'stock' }] });
  await bench.run('UntagUser', untagUser, { ...input, TagKeys: ['shop'] });
  expect(await bench.run('ListUserTags', listUserTags, input)).toEqual({
    Tags: [{ Key: 'TEAM', Value: 'stock' }],
    IsTruncated: false,
  });
  const [check] = await bench.checks('TagUser', tagUser, { ...input, Tags: tags });
  expect(check?.resource.tags).toEqual({ TEAM: 'stock' });
  expect(check?.context).toMatchObject({ 'iam:ResourceTag/TEAM': 'stock', 'aws:RequestTag/team': 'till' });
});
