import { expect, test } from 'vitest';
import { failure, iamBench } from '../../../../test/support/iam.ts';
import { createGroup } from './create-group.ts';
import { createUser } from './create-user.ts';
import {
  deleteUserPolicy,
  getUserPolicy,
  listGroupPolicies,
  listUserPolicies,
  putGroupPolicy,
  putUserPolicy,
} from './inline-policies.ts';
import { deleteUserPermissionsBoundary, putUserPermissionsBoundary } from './permissions-boundaries.ts';
import { getUser } from './read-users.ts';

const administrator = 'arn:aws:iam::aws:policy/AdministratorAccess';
const user = { UserName: 'rudy' };

async function withUser() {
  const setting = iamBench();
  await setting.bench.run('CreateUser', createUser, user);
  return setting;
}

/** The cashier policy with its single-object Statement, and a document of a size. */
const cashier = `{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": "s3:ListObject",
    "Resource": "arn:aws:s3:::AWSDOC-EXAMPLE-BUCKET"
  }
}`;
const ofSize = (size: number) => {
  const empty = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":""}}'.length;
  const resource = `arn:aws:s3:::${'b'.repeat(size - empty - 13)}`;
  return JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', Action: '*', Resource: resource } });
};

test('M-061: the cashier example is accepted as printed, and refused with a line feed inside a string', async () => {
  const { bench } = await withUser();
  await bench.run('PutUserPolicy', putUserPolicy, { ...user, PolicyName: 'Till', PolicyDocument: cashier });
  const found = await bench.run('GetUserPolicy', getUserPolicy, { ...user, PolicyName: 'Till' });
  expect(found).toMatchObject({ UserName: 'rudy', PolicyName: 'Till' });
  expect(decodeURIComponent(found.PolicyDocument ?? '')).toBe(cashier);
  const broken = cashier.replace('arn:aws:s3:::', 'arn:aws:s3:::\n');
  expect(
    await failure(bench.run('PutUserPolicy', putUserPolicy, { ...user, PolicyName: 'T2', PolicyDocument: broken })),
  ).toMatch(/^MalformedPolicyDocument: /);
});

test('all inline policies of a user together have 2,048 characters, whitespace not counted', async () => {
  const { bench } = await withUser();
  const put = (PolicyName: string, PolicyDocument: string) =>
    bench.run('PutUserPolicy', putUserPolicy, { ...user, PolicyName, PolicyDocument });
  await put('a', ofSize(1024));
  await put('b', ofSize(1024));
  expect(await failure(put('c', ofSize(200)))).toBe(
    'LimitExceeded: Maximum policy size of 2048 bytes exceeded for user rudy',
  );
  // Replacing does not count the old one, and blanks are free.
  await put('b', ofSize(1024).replace('{', `{${' '.repeat(3000)}`));
});

test('a policy put twice is replaced, listed once, and gone when deleted', async () => {
  const { bench } = await withUser();
  await bench.run('PutUserPolicy', putUserPolicy, { ...user, PolicyName: 'Till', PolicyDocument: cashier });
  await bench.run('PutUserPolicy', putUserPolicy, { ...user, PolicyName: 'Till', PolicyDocument: ofSize(300) });
  expect((await bench.run('ListUserPolicies', listUserPolicies, user)).PolicyNames).toEqual(['Till']);
  await bench.run('DeleteUserPolicy', deleteUserPolicy, { ...user, PolicyName: 'Till' });
  expect(await failure(bench.run('GetUserPolicy', getUserPolicy, { ...user, PolicyName: 'Till' }))).toBe(
    'NoSuchEntity: The user policy with name Till cannot be found.',
  );
  expect(await failure(bench.run('DeleteUserPolicy', deleteUserPolicy, { ...user, PolicyName: 'Till' }))).toMatch(
    /^NoSuchEntity/,
  );
});

test('groups take 5,120 characters and pages of names', async () => {
  const { bench } = await withUser();
  await bench.run('CreateGroup', createGroup, { GroupName: 'g' });
  for (const PolicyName of ['c', 'a', 'b']) {
    await bench.run('PutGroupPolicy', putGroupPolicy, { GroupName: 'g', PolicyName, PolicyDocument: ofSize(1600) });
  }
  const page = await bench.run('ListGroupPolicies', listGroupPolicies, { GroupName: 'g', MaxItems: 2 });
  expect(page).toMatchObject({ PolicyNames: ['a', 'b'], IsTruncated: true });
  const rest = await bench.run('ListGroupPolicies', listGroupPolicies, {
    GroupName: 'g',
    MaxItems: 2,
    Marker: page.Marker as string,
  });
  expect(rest).toMatchObject({ PolicyNames: ['c'], IsTruncated: false });
});

test('a boundary is put, shown and taken away; delegation by boundary sees the new and the present one', async () => {
  const { bench } = await withUser();
  const input = { ...user, PermissionsBoundary: administrator };
  const [check] = await bench.checks('PutUserPermissionsBoundary', putUserPermissionsBoundary, input);
  expect(check?.context).toMatchObject({ 'iam:PermissionsBoundary': administrator });
  await bench.run('PutUserPermissionsBoundary', putUserPermissionsBoundary, input);
  const { User } = await bench.run('GetUser', getUser, user);
  expect(User?.PermissionsBoundary?.PermissionsBoundaryArn).toBe(administrator);
  const put = { ...user, PolicyName: 'p', PolicyDocument: cashier };
  const [later] = await bench.checks('PutUserPolicy', putUserPolicy, put);
  expect(later?.context).toMatchObject({ 'iam:PermissionsBoundary': administrator });
  await bench.run('DeleteUserPermissionsBoundary', deleteUserPermissionsBoundary, user);
  expect(await failure(bench.run('DeleteUserPermissionsBoundary', deleteUserPermissionsBoundary, user))).toMatch(
    /^NoSuchEntity/,
  );
  const missing = { ...user, PermissionsBoundary: 'arn:aws:iam::aws:policy/Missing' };
  expect(await failure(bench.run('PutUserPermissionsBoundary', putUserPermissionsBoundary, missing))).toMatch(
    /^NoSuchEntity/,
  );
});
