import { expect, test } from 'vitest';
import { account } from '../../../../test/support/call.ts';
import { failure, iamBench } from '../../../../test/support/iam.ts';
import { members, users } from '../state.ts';
import { createGroup, deleteGroup } from './create-group.ts';
import { createUser } from './create-user.ts';
import { addUserToGroup, removeUserFromGroup } from './group-members.ts';
import { getGroup, listGroups, listGroupsForUser } from './read-groups.ts';
import { updateGroup } from './update-group.ts';

async function shop(quotas = {}) {
  const setting = iamBench(quotas);
  await setting.bench.run('CreateGroup', createGroup, { GroupName: 'Cashiers', Path: '/shop/' });
  for (const UserName of ['Rudy', 'Blaine', 'Frank']) {
    await setting.bench.run('CreateUser', createUser, { UserName });
    await setting.bench.run('AddUserToGroup', addUserToGroup, { UserName, GroupName: 'Cashiers' });
  }
  return setting;
}

test('GetGroup pages through the members', async () => {
  const { bench } = await shop();
  const first = await bench.run('GetGroup', getGroup, { GroupName: 'cashiers', MaxItems: 2 });
  expect(first.Group).toMatchObject({
    Arn: `arn:aws:iam::${account}:group/shop/Cashiers`,
    GroupId: expect.stringMatching(/^AGPA[A-Z2-7]{17}$/),
  });
  expect(first.Users?.map((user) => user.UserName)).toEqual(['Blaine', 'Frank']);
  const second = await bench.run('GetGroup', getGroup, { GroupName: 'Cashiers', Marker: first.Marker as string });
  expect(second.Users?.map((user) => user.UserName)).toEqual(['Rudy']);
  expect(second.IsTruncated).toBe(false);
});

test('a transfer from one group to another shows in both, and adding twice changes nothing', async () => {
  const { bench, store } = await shop();
  await bench.run('CreateGroup', createGroup, { GroupName: 'Inventory' });
  const rudy = { UserName: 'Rudy' };
  await bench.run('RemoveUserFromGroup', removeUserFromGroup, { ...rudy, GroupName: 'Cashiers' });
  await bench.run('AddUserToGroup', addUserToGroup, { ...rudy, GroupName: 'Inventory' });
  await bench.run('AddUserToGroup', addUserToGroup, { ...rudy, GroupName: 'INVENTORY' });
  const { Groups } = await bench.run('ListGroupsForUser', listGroupsForUser, rudy);
  expect(Groups?.map((group) => group.GroupName)).toEqual(['Inventory']);
  expect((await store.list(members, account)).map((row) => row.id)).toEqual([
    'cashiers/blaine',
    'cashiers/frank',
    'inventory/rudy',
  ]);
});

test('quotas of groups and of memberships hold', async () => {
  const { bench } = await shop({ groups: 2, groupsPerUser: 1 });
  await bench.run('CreateGroup', createGroup, { GroupName: 'Inventory' });
  expect(await failure(bench.run('CreateGroup', createGroup, { GroupName: 'Third' }))).toBe(
    'LimitExceeded: Cannot exceed quota for GroupsPerAccount: 2',
  );
  expect(await failure(bench.run('AddUserToGroup', addUserToGroup, { UserName: 'Rudy', GroupName: 'Inventory' }))).toBe(
    'LimitExceeded: Cannot exceed quota for GroupsPerUser: 1',
  );
});

test('names that exist, and that do not, are told', async () => {
  const { bench } = await shop();
  expect(await failure(bench.run('CreateGroup', createGroup, { GroupName: 'CASHIERS' }))).toBe(
    'EntityAlreadyExists: Group with name CASHIERS already exists.',
  );
  expect(await failure(bench.run('GetGroup', getGroup, { GroupName: 'Bakers' }))).toBe(
    'NoSuchEntity: The group with name Bakers cannot be found.',
  );
  expect(await failure(bench.run('AddUserToGroup', addUserToGroup, { UserName: 'x', GroupName: 'Cashiers' }))).toBe(
    'NoSuchEntity: The user with name x cannot be found.',
  );
});

test('a renamed group keeps its members', async () => {
  const { bench, store } = await shop();
  await bench.run('UpdateGroup', updateGroup, { GroupName: 'Cashiers', NewGroupName: 'Tills', NewPath: '/' });
  expect((await store.get(users, account, 'rudy'))?.groups).toEqual(['tills']);
  const shown = await bench.run('GetGroup', getGroup, { GroupName: 'Tills' });
  expect(shown.Users).toHaveLength(3);
  const { Groups } = await bench.run('ListGroups', listGroups, {});
  expect(Groups?.map((group) => group.Arn)).toEqual([`arn:aws:iam::${account}:group/Tills`]);
});

test('a group with members is not deleted', async () => {
  const { bench } = await shop();
  const input = { GroupName: 'Cashiers' };
  expect(await failure(bench.run('DeleteGroup', deleteGroup, input))).toBe(
    'DeleteConflict: Cannot delete entity, must remove users from group first.',
  );
  for (const UserName of ['Rudy', 'Blaine', 'Frank']) {
    await bench.run('RemoveUserFromGroup', removeUserFromGroup, { UserName, ...input });
  }
  await bench.run('DeleteGroup', deleteGroup, input);
  expect((await bench.run('ListGroups', listGroups, {})).Groups).toEqual([]);
});
