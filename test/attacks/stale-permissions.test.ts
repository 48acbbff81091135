/**
 * What is taken away is gone with the very next call, whatever was remembered. One process answers the API of a data
 * folder (a second one is refused: test/door/command-line.test.ts), so there is no other node that could lag behind.
 */
import {
  AddUserToGroupCommand,
  AttachUserPolicyCommand,
  CreateGroupCommand,
  CreatePolicyVersionCommand,
  DeleteAccessKeyCommand,
  DeleteGroupPolicyCommand,
  DeleteRolePolicyCommand,
  DeleteUserCommand,
  DeleteUserPolicyCommand,
  DetachUserPolicyCommand,
  PutGroupPolicyCommand,
  PutRolePermissionsBoundaryCommand,
  PutUserPermissionsBoundaryCommand,
  RemoveUserFromGroupCommand,
  TagUserCommand,
  UntagUserCommand,
  UpdateAccessKeyCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateUserCommand,
} from '@aws-sdk/client-iam';
import { CreateGrantCommand, EncryptCommand, PutKeyPolicyCommand, RevokeGrantCommand } from '@aws-sdk/client-kms';
import {
  CreateBucketCommand,
  DeleteBucketPolicyCommand,
  DeletePublicAccessBlockCommand,
  GetObjectCommand,
  ListBucketsCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  PutPublicAccessBlockCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { GetSessionTokenCommand } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accountId, type Keys, startInstance, type TestInstance } from '../support/instance.ts';
import { kmsClient, makeKey } from '../support/kms.ts';
import { allow, keysOf, outcome, Principals, policy } from '../support/principals.ts';

let instance: TestInstance;
let principals: Principals;
let owner: S3Client;
beforeAll(async () => {
  instance = await startInstance();
  principals = new Principals(instance);
  owner = new S3Client(instance.clientOptions());
  await owner.send(new CreateBucketCommand({ Bucket: 'stale' }));
  await owner.send(new PutObjectCommand({ Bucket: 'stale', Key: 'menu', Body: 'tea' }));
});
afterAll(() => instance.stop());

const s3 = (keys: Keys) => new S3Client(instance.clientOptions(keys));
const list = (keys: Keys) => () => outcome(s3(keys).send(new ListBucketsCommand({})));
const read = (keys: Keys) => () => outcome(s3(keys).send(new GetObjectCommand({ Bucket: 'stale', Key: 'menu' })));
const listing = allow('s3:ListAllMyBuckets');
const other = allow('s3:GetBucketTagging');
const bucketPolicy = (statement: object) =>
  owner.send(
    new PutBucketPolicyCommand({ Bucket: 'stale', Policy: policy({ Resource: 'arn:aws:s3:::stale/*', ...statement }) }),
  );

/** A call that is allowed, and what takes the permission away. */
interface Loss {
  readonly call: () => Promise<string>;
  readonly take: () => Promise<unknown>;
  /** How the next call is refused; `AccessDenied` by default. */
  readonly refused?: string;
}

const send = <C>(command: C): Promise<unknown> => principals.iam.send(command as never);

const losses: Readonly<Record<string, (name: string) => Promise<Loss>>> = {
  async 'an inline policy is deleted'(UserName) {
    const call = list(await principals.user(UserName, { may: [listing] }));
    return { call, take: () => send(new DeleteUserPolicyCommand({ UserName, PolicyName: 'own' })) };
  },
  async 'an inline policy is replaced'(UserName) {
    const call = list(await principals.user(UserName, { may: [listing] }));
    return { call, take: () => principals.userMay(UserName, other) };
  },
  async 'a managed policy is detached'(UserName) {
    const user = await principals.user(UserName);
    const PolicyArn = await principals.managed(UserName, listing);
    await send(new AttachUserPolicyCommand({ UserName, PolicyArn }));
    return { call: list(user), take: () => send(new DetachUserPolicyCommand({ UserName, PolicyArn })) };
  },
  async 'another version of a managed policy becomes the default'(UserName) {
    const user = await principals.user(UserName);
    const PolicyArn = await principals.managed(UserName, listing);
    await send(new AttachUserPolicyCommand({ UserName, PolicyArn }));
    const version = { PolicyArn, PolicyDocument: policy(other), SetAsDefault: true };
    return { call: list(user), take: () => send(new CreatePolicyVersionCommand(version)) };
  },
  async 'a user leaves a group'(UserName) {
    const user = await principals.user(UserName);
    await send(new CreateGroupCommand({ GroupName: UserName }));
    const given = { GroupName: UserName, PolicyName: 'p', PolicyDocument: policy(listing) };
    await send(new PutGroupPolicyCommand(given));
    await send(new AddUserToGroupCommand({ GroupName: UserName, UserName }));
    return { call: list(user), take: () => send(new RemoveUserFromGroupCommand({ GroupName: UserName, UserName })) };
  },
  async 'a group loses its policy'(UserName) {
    const user = await principals.user(UserName);
    const group = { GroupName: UserName, PolicyName: 'p' };
    await send(new CreateGroupCommand(group));
    await send(new PutGroupPolicyCommand({ ...group, PolicyDocument: policy(listing) }));
    await send(new AddUserToGroupCommand({ ...group, UserName }));
    return { call: list(user), take: () => send(new DeleteGroupPolicyCommand(group)) };
  },
  async 'a user gets a boundary'(UserName) {
    const call = list(await principals.user(UserName, { may: [listing] }));
    const PermissionsBoundary = await principals.managed(UserName, other);
    return { call, take: () => send(new PutUserPermissionsBoundaryCommand({ UserName, PermissionsBoundary })) };
  },
  async 'another version of a boundary becomes the default'(UserName) {
    const call = list(await principals.user(UserName, { may: [listing], within: [listing] }));
    const PolicyArn = `arn:aws:iam::${accountId}:policy/${UserName}-boundary`;
    const version = { PolicyArn, PolicyDocument: policy(other), SetAsDefault: true };
    return { call, take: () => send(new CreatePolicyVersionCommand(version)) };
  },
  async 'a tag of the caller changes'(UserName) {
    const Condition = { StringEquals: { 'aws:PrincipalTag/team': 'beans' } };
    const may = [allow('s3:ListAllMyBuckets', { Condition })];
    const call = list(await principals.user(UserName, { may, tags: [{ Key: 'team', Value: 'beans' }] }));
    return { call, take: () => send(new TagUserCommand({ UserName, Tags: [{ Key: 'team', Value: 'milk' }] })) };
  },
  async 'a tag of the caller goes'(UserName) {
    const Condition = { Null: { 'aws:PrincipalTag/team': 'false' } };
    const may = [allow('s3:ListAllMyBuckets', { Condition })];
    const call = list(await principals.user(UserName, { may, tags: [{ Key: 'team', Value: 'beans' }] }));
    return { call, take: () => send(new UntagUserCommand({ UserName, TagKeys: ['team'] })) };
  },
  async 'a caller gets another name'(UserName) {
    const Condition = { StringEquals: { 'aws:username': UserName } };
    const call = list(await principals.user(UserName, { may: [allow('s3:ListAllMyBuckets', { Condition })] }));
    return { call, take: () => send(new UpdateUserCommand({ UserName, NewUserName: `${UserName}-new` })) };
  },
  async 'a key is deactivated'(UserName) {
    const user = await principals.user(UserName, { may: [listing] });
    const key = { UserName, AccessKeyId: user.accessKeyId, Status: 'Inactive' as const };
    return { call: list(user), take: () => send(new UpdateAccessKeyCommand(key)), refused: 'InvalidAccessKeyId' };
  },
  async 'a key is deleted'(UserName) {
    const user = await principals.user(UserName, { may: [listing] });
    const key = { UserName, AccessKeyId: user.accessKeyId };
    return { call: list(user), take: () => send(new DeleteAccessKeyCommand(key)), refused: 'InvalidAccessKeyId' };
  },
  async 'the user of a session is deleted'(UserName) {
    const user = await principals.user(UserName, { may: [listing] });
    const session = keysOf(await principals.sts(user).send(new GetSessionTokenCommand({})));
    const take = async () => {
      await send(new DeleteAccessKeyCommand({ UserName, AccessKeyId: user.accessKeyId }));
      await send(new DeleteUserPolicyCommand({ UserName, PolicyName: 'own' }));
      await send(new DeleteUserCommand({ UserName }));
    };
    return { call: list(session), take, refused: 'InvalidToken' };
  },
  async 'a role loses its policy, in a live session'(RoleName) {
    const call = list(await principals.session(await principals.role(RoleName, { may: [listing] })));
    return { call, take: () => send(new DeleteRolePolicyCommand({ RoleName, PolicyName: 'own' })) };
  },
  async 'a role gets a boundary, in a live session'(RoleName) {
    const call = list(await principals.session(await principals.role(RoleName, { may: [listing] })));
    const PermissionsBoundary = await principals.managed(RoleName, other);
    return { call, take: () => send(new PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary })) };
  },
  async 'sessions of before are revoked'(RoleName) {
    const call = list(await principals.session(await principals.role(RoleName, { may: [listing] })));
    // What the console's "Revoke active sessions" writes.
    const Condition = { DateLessThan: { 'aws:TokenIssueTime': new Date(Date.now() + 60_000).toISOString() } };
    const take = () => principals.roleMay(RoleName, listing, { ...allow('*', { Condition }), Effect: 'Deny' });
    return { call, take };
  },
  async 'a role trusts somebody else'(RoleName) {
    const RoleArn = await principals.role(RoleName);
    const trust = policy({
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${accountId}:user/nobody` },
      Action: 'sts:AssumeRole',
    });
    const take = () => send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: trust }));
    return { call: () => outcome(principals.session(RoleArn)), take };
  },
  async 'a bucket policy is deleted'(UserName) {
    const user = await principals.user(UserName);
    await bucketPolicy({ Effect: 'Allow', Principal: { AWS: user.arn }, Action: 's3:GetObject' });
    return { call: read(user), take: () => owner.send(new DeleteBucketPolicyCommand({ Bucket: 'stale' })) };
  },
  async 'a bucket policy denies'(UserName) {
    const user = await principals.user(UserName, { may: [allow('s3:GetObject')] });
    const take = () => bucketPolicy({ Effect: 'Deny', Principal: { AWS: user.arn }, Action: 's3:GetObject' });
    return { call: read(user), take };
  },
  async 'public access is blocked'() {
    await owner.send(new DeletePublicAccessBlockCommand({ Bucket: 'stale' }));
    await bucketPolicy({ Effect: 'Allow', Principal: '*', Action: 's3:GetObject' });
    const call = async () => {
      const { status } = await fetch(`${instance.endpoint}/stale/menu`);
      return status === 200 ? 'allowed' : String(status);
    };
    const PublicAccessBlockConfiguration = { RestrictPublicBuckets: true };
    const take = () => owner.send(new PutPublicAccessBlockCommand({ Bucket: 'stale', PublicAccessBlockConfiguration }));
    return { call, take, refused: '403' };
  },
  async 'a tag of the object changes'(UserName) {
    await owner.send(new DeleteBucketPolicyCommand({ Bucket: 'stale' }));
    const tagged = (Value: string) =>
      owner.send(
        new PutObjectTaggingCommand({ Bucket: 'stale', Key: 'menu', Tagging: { TagSet: [{ Key: 'team', Value }] } }),
      );
    await tagged('beans');
    const Condition = { StringEquals: { 's3:ExistingObjectTag/team': 'beans' } };
    const call = read(await principals.user(UserName, { may: [allow('s3:GetObject', { Condition })] }));
    return { call, take: () => tagged('milk') };
  },
  async 'a key policy names somebody else'(UserName) {
    const user = await principals.user(UserName);
    const kms = kmsClient(instance);
    const { KeyId } = await makeKey(kms);
    const named = (AWS: string, Action: string) => ({ Effect: 'Allow', Principal: { AWS }, Action, Resource: '*' });
    const put = (...statements: object[]) =>
      kms.send(
        new PutKeyPolicyCommand({
          KeyId,
          Policy: policy(named(`arn:aws:iam::${accountId}:user/admin`, 'kms:*'), ...statements),
        }),
      );
    await put(named(user.arn, 'kms:Encrypt'));
    const call = () =>
      outcome(kmsClient(instance, user).send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('tea') })));
    return { call, take: () => put(), refused: 'AccessDeniedException' };
  },
  async 'a grant is revoked'(UserName) {
    const user = await principals.user(UserName);
    const kms = kmsClient(instance);
    const { KeyId } = await makeKey(kms);
    const { GrantId } = await kms.send(
      new CreateGrantCommand({ KeyId, GranteePrincipal: user.arn, Operations: ['Encrypt'] }),
    );
    const call = () =>
      outcome(kmsClient(instance, user).send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('tea') })));
    const take = () => kms.send(new RevokeGrantCommand({ KeyId, GrantId }));
    return { call, take, refused: 'AccessDeniedException' };
  },
};

describe('policy trap 22: the next call is denied when', () => {
  it.each(Object.keys(losses).map((title, index) => [title, `stale-${index}`] as const))('%s', async (title, name) => {
    const { call, take, refused = 'AccessDenied' } = await (losses[title] as (name: string) => Promise<Loss>)(name);
    // More than once, so that whatever remembers anything does.
    for (let round = 0; round < 3; round += 1) expect(await call()).toBe('allowed');
    await take();
    expect(await call()).toBe(refused);
    expect(await call()).toBe(refused);
  });

  it('calls are under way that were allowed: none of them brings the old answer back', async () => {
    const busy = await principals.user('busy', { may: [listing] });
    const call = list(busy);
    for (let round = 0; round < 15; round += 1) {
      await principals.userMay('busy', listing);
      let going = true;
      const before: string[] = [];
      const callers = Array.from({ length: 8 }, async () => {
        while (going) before.push(await call());
      });
      await expect.poll(() => before.length).toBeGreaterThan(4);
      await principals.userMay('busy', other);
      // Of those that began after the answer, none may pass.
      const after = await Promise.all([call(), call(), call()]);
      going = false;
      await Promise.all(callers);
      expect(before).toContain('allowed');
      expect(after).toEqual(['AccessDenied', 'AccessDenied', 'AccessDenied']);
      expect(await call()).toBe('AccessDenied');
    }
  });
});
