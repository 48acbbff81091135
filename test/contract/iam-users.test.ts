/** IAM users, groups and keys over the real SDK: for each operation a success and a modelled error. */
import {
  AddUserToGroupCommand,
  ChangePasswordCommand,
  CreateAccessKeyCommand,
  CreateGroupCommand,
  CreateLoginProfileCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DeleteConflictException,
  DeleteGroupCommand,
  DeleteLoginProfileCommand,
  DeleteUserCommand,
  EntityAlreadyExistsException,
  GetAccessKeyLastUsedCommand,
  GetGroupCommand,
  GetLoginProfileCommand,
  GetUserCommand,
  IAMClient,
  InvalidInputException,
  InvalidUserTypeException,
  LimitExceededException,
  ListAccessKeysCommand,
  ListGroupsCommand,
  ListGroupsForUserCommand,
  ListMFADevicesCommand,
  ListServiceSpecificCredentialsCommand,
  ListSigningCertificatesCommand,
  ListSSHPublicKeysCommand,
  ListUsersCommand,
  ListUserTagsCommand,
  NoSuchEntityException,
  PasswordPolicyViolationException,
  paginateListUsers,
  RemoveUserFromGroupCommand,
  TagUserCommand,
  UntagUserCommand,
  UpdateAccessKeyCommand,
  UpdateGroupCommand,
  UpdateLoginProfileCommand,
  UpdateUserCommand,
} from '@aws-sdk/client-iam';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { accountId, type Keys, nobodyKeys, rootKeys, startInstance, type TestInstance } from '../support/instance.ts';

let instance: TestInstance;
let iam: IAMClient;

beforeAll(async () => {
  instance = await startInstance();
  iam = new IAMClient(instance.clientOptions());
});
afterAll(async () => {
  iam?.destroy();
  await instance?.stop();
});

const as = (keys: Keys): IAMClient => new IAMClient(instance.clientOptions(keys));

async function newUser(UserName: string): Promise<Keys> {
  await iam.send(new CreateUserCommand({ UserName }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  return { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' };
}

test('users are made, shown, listed, renamed and deleted', async () => {
  const { User } = await iam.send(
    new CreateUserCommand({ UserName: 'Anna', Path: '/shop/', Tags: [{ Key: 'team', Value: 'till + stock' }] }),
  );
  expect(User).toMatchObject({
    Arn: `arn:aws:iam::${accountId}:user/shop/Anna`,
    UserId: expect.stringMatching(/^AIDA[A-Z0-9]{17}$/),
    CreateDate: expect.any(Date),
  });
  expect((await iam.send(new GetUserCommand({ UserName: 'anna' }))).User).toEqual(User);
  const listed = await iam.send(new ListUsersCommand({ PathPrefix: '/shop/' }));
  expect(listed.Users?.map((user) => user.UserName)).toEqual(['Anna']);
  await iam.send(new UpdateUserCommand({ UserName: 'Anna', NewUserName: 'Annabel', NewPath: '/' }));
  const renamed = await iam.send(new GetUserCommand({ UserName: 'Annabel' }));
  expect(renamed.User).toMatchObject({ UserId: User?.UserId, Arn: `arn:aws:iam::${accountId}:user/Annabel` });
  await expect(iam.send(new GetUserCommand({ UserName: 'Anna' }))).rejects.toThrow(NoSuchEntityException);
  await iam.send(new DeleteUserCommand({ UserName: 'Annabel' }));
  await expect(iam.send(new DeleteUserCommand({ UserName: 'Annabel' }))).rejects.toThrow(NoSuchEntityException);
  await expect(iam.send(new UpdateUserCommand({ UserName: 'Annabel', NewPath: '/x/' }))).rejects.toThrow(
    'The user with name Annabel cannot be found.',
  );
});

test('what the API model forbids is a ValidationError', async () => {
  await expect(iam.send(new CreateUserCommand({ UserName: 'no spaces' }))).rejects.toMatchObject({
    name: 'ValidationError',
    $metadata: { httpStatusCode: 400 },
  });
  await expect(iam.send(new ListUsersCommand({ Marker: 'forged' }))).rejects.toMatchObject({ name: 'ValidationError' });
});

test('a name is taken once, whatever its case', async () => {
  await newUser('Bea');
  const again = iam.send(new CreateUserCommand({ UserName: 'BEA' }));
  await expect(again).rejects.toThrow(EntityAlreadyExistsException);
  await expect(again).rejects.toMatchObject({ $metadata: { httpStatusCode: 409 } });
});

test('a user with keys is not deleted', async () => {
  await newUser('Carl');
  const attempt = iam.send(new DeleteUserCommand({ UserName: 'Carl' }));
  await expect(attempt).rejects.toThrow(DeleteConflictException);
  await expect(attempt).rejects.toThrow('Cannot delete entity, must delete access keys first.');
});

test('lists page with the SDK’s paginator', async () => {
  for (let i = 0; i < 7; i++) await iam.send(new CreateUserCommand({ UserName: `paged${i}`, Path: '/paged/' }));
  const names: (string | undefined)[] = [];
  let pages = 0;
  for await (const page of paginateListUsers({ client: iam, pageSize: 3 }, { PathPrefix: '/paged/' })) {
    pages++;
    names.push(...(page.Users ?? []).map((user) => user.UserName));
  }
  expect(pages).toBe(3);
  expect(names).toEqual(Array.from({ length: 7 }, (_, i) => `paged${i}`));
});

test('tags', async () => {
  const UserName = 'Dora';
  await iam.send(new CreateUserCommand({ UserName }));
  await iam.send(
    new TagUserCommand({
      UserName,
      Tags: [
        { Key: 'a', Value: '1' },
        { Key: 'b', Value: '' },
      ],
    }),
  );
  await iam.send(new UntagUserCommand({ UserName, TagKeys: ['a'] }));
  const { Tags } = await iam.send(new ListUserTagsCommand({ UserName }));
  expect(Tags).toEqual([{ Key: 'b', Value: '' }]);
  const twice = [
    { Key: 'x', Value: '1' },
    { Key: 'X', Value: '2' },
  ];
  await expect(iam.send(new TagUserCommand({ UserName, Tags: twice }))).rejects.toThrow(InvalidInputException);
  await expect(iam.send(new UntagUserCommand({ UserName: 'absent', TagKeys: ['a'] }))).rejects.toThrow(
    NoSuchEntityException,
  );
  await expect(iam.send(new ListUserTagsCommand({ UserName: 'absent' }))).rejects.toThrow(NoSuchEntityException);
});

test('groups and their members', async () => {
  const UserName = 'Emil';
  const GroupName = 'Cashiers';
  await iam.send(new CreateUserCommand({ UserName }));
  const { Group } = await iam.send(new CreateGroupCommand({ GroupName }));
  expect(Group?.GroupId).toMatch(/^AGPA[A-Z0-9]{17}$/);
  await expect(iam.send(new CreateGroupCommand({ GroupName: 'cashiers' }))).rejects.toThrow(
    EntityAlreadyExistsException,
  );
  await iam.send(new AddUserToGroupCommand({ UserName, GroupName }));
  expect((await iam.send(new GetGroupCommand({ GroupName }))).Users?.map((user) => user.UserName)).toEqual([UserName]);
  expect((await iam.send(new ListGroupsForUserCommand({ UserName }))).Groups).toMatchObject([{ GroupName }]);
  await expect(iam.send(new DeleteGroupCommand({ GroupName }))).rejects.toThrow(DeleteConflictException);
  await iam.send(new UpdateGroupCommand({ GroupName, NewGroupName: 'Tills' }));
  await expect(iam.send(new UpdateGroupCommand({ GroupName, NewPath: '/x/' }))).rejects.toThrow(NoSuchEntityException);
  await iam.send(new RemoveUserFromGroupCommand({ UserName, GroupName: 'Tills' }));
  expect((await iam.send(new ListGroupsForUserCommand({ UserName }))).Groups).toEqual([]);
  await expect(iam.send(new ListGroupsForUserCommand({ UserName: 'absent' }))).rejects.toThrow(NoSuchEntityException);
  for (const Command of [AddUserToGroupCommand, RemoveUserFromGroupCommand]) {
    await expect(iam.send(new Command({ UserName, GroupName: 'absent' }))).rejects.toThrow(NoSuchEntityException);
  }
  await expect(iam.send(new GetGroupCommand({ GroupName: 'absent' }))).rejects.toThrow(NoSuchEntityException);
  expect((await iam.send(new ListGroupsCommand({}))).Groups?.map((group) => group.GroupName)).toEqual(['Tills']);
  await iam.send(new DeleteGroupCommand({ GroupName: 'Tills' }));
  await expect(iam.send(new DeleteGroupCommand({ GroupName: 'Tills' }))).rejects.toThrow(NoSuchEntityException);
});

test('a key works at once, stops at once, and its use is remembered', async () => {
  const UserName = 'Fred';
  const keys = await newUser(UserName);
  const sts = new STSClient(instance.clientOptions(keys, 'eu-central-1'));
  expect((await sts.send(new GetCallerIdentityCommand({}))).Arn).toBe(`arn:aws:iam::${accountId}:user/Fred`);
  const used = await iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId: keys.accessKeyId }));
  expect(used).toMatchObject({ UserName, AccessKeyLastUsed: { ServiceName: 'sts', Region: 'eu-central-1' } });
  const AccessKeyId = keys.accessKeyId;
  await iam.send(new UpdateAccessKeyCommand({ UserName, AccessKeyId, Status: 'Inactive' }));
  await expect(sts.send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({
    $metadata: { httpStatusCode: 403 },
  });
  const listed = await iam.send(new ListAccessKeysCommand({ UserName }));
  expect(listed.AccessKeyMetadata).toMatchObject([{ AccessKeyId, Status: 'Inactive', UserName }]);
  await iam.send(new CreateAccessKeyCommand({ UserName }));
  await expect(iam.send(new CreateAccessKeyCommand({ UserName }))).rejects.toThrow(LimitExceededException);
  await iam.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId }));
  await expect(iam.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId }))).rejects.toThrow(NoSuchEntityException);
  await expect(iam.send(new UpdateAccessKeyCommand({ UserName, AccessKeyId, Status: 'Active' }))).rejects.toThrow(
    NoSuchEntityException,
  );
  await expect(iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId }))).rejects.toMatchObject({
    name: 'AccessDenied',
  });
  await expect(iam.send(new ListAccessKeysCommand({ UserName: 'absent' }))).rejects.toThrow(NoSuchEntityException);
});

test('passwords', async () => {
  const UserName = 'Gina';
  const own = as(await newUser(UserName));
  const weak = iam.send(new CreateLoginProfileCommand({ UserName, Password: 'weak' }));
  await expect(weak).rejects.toThrow(PasswordPolicyViolationException);
  const made = await iam.send(new CreateLoginProfileCommand({ UserName, Password: 'Espresso-2026' }));
  expect(made.LoginProfile).toMatchObject({ UserName, PasswordResetRequired: false });
  await iam.send(new UpdateLoginProfileCommand({ UserName, PasswordResetRequired: true }));
  expect((await iam.send(new GetLoginProfileCommand({ UserName }))).LoginProfile?.PasswordResetRequired).toBe(true);
  const change = new ChangePasswordCommand({ OldPassword: 'Espresso-2026', NewPassword: 'Lungo-2027' });
  await expect(own.send(change)).rejects.toMatchObject({ name: 'AccessDenied' });
  await expect(as(rootKeys).send(change)).rejects.toThrow(InvalidUserTypeException);
  await iam.send(new DeleteLoginProfileCommand({ UserName }));
  await expect(iam.send(new GetLoginProfileCommand({ UserName }))).rejects.toThrow(NoSuchEntityException);
  await expect(iam.send(new DeleteLoginProfileCommand({ UserName }))).rejects.toThrow(NoSuchEntityException);
  await expect(iam.send(new UpdateLoginProfileCommand({ UserName }))).rejects.toThrow(NoSuchEntityException);
});

test('M-028, M-047: root is no user, and a new user may do nothing', async () => {
  const roots = as(rootKeys);
  const { User } = await roots.send(new GetUserCommand({}));
  expect(User).toMatchObject({ Arn: `arn:aws:iam::${accountId}:root`, UserId: accountId });
  const { Users } = await roots.send(new ListUsersCommand({}));
  expect(Users?.some((user) => user.UserName === 'root')).toBe(false);
  await expect(as(nobodyKeys).send(new GetUserCommand({}))).rejects.toThrow(
    `User: arn:aws:iam::${accountId}:user/nobody is not authorized to perform: iam:GetUser on resource: ` +
      `arn:aws:iam::${accountId}:user/nobody because no identity-based policy allows the iam:GetUser action`,
  );
});

test('kinds of credentials that nobody can hold are listed as none, for users who exist', async () => {
  const UserName = 'plain-user';
  await iam.send(new CreateUserCommand({ UserName }));
  expect((await iam.send(new ListSSHPublicKeysCommand({ UserName }))).SSHPublicKeys).toEqual([]);
  expect((await iam.send(new ListSigningCertificatesCommand({ UserName }))).Certificates).toEqual([]);
  expect((await iam.send(new ListMFADevicesCommand({ UserName }))).MFADevices).toEqual([]);
  const specific = await iam.send(new ListServiceSpecificCredentialsCommand({ UserName }));
  expect(specific.ServiceSpecificCredentials).toEqual([]);
  const ghost = { UserName: 'ghost' };
  await expect(iam.send(new ListSSHPublicKeysCommand(ghost))).rejects.toThrow(NoSuchEntityException);
  await expect(iam.send(new ListSigningCertificatesCommand(ghost))).rejects.toThrow(NoSuchEntityException);
  await expect(iam.send(new ListMFADevicesCommand(ghost))).rejects.toThrow(NoSuchEntityException);
  await expect(iam.send(new ListServiceSpecificCredentialsCommand(ghost))).rejects.toThrow(NoSuchEntityException);
});
