/** Mistakes of other policy engines, made against a running instance: external ids, root sessions, principals that come again, policies that are none. */
import {
  CreatePolicyVersionCommand,
  DeleteAccessKeyCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DeleteUserCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListBucketsCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { AssumeRootCommand, GetSessionTokenCommand } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  accountId,
  adminKeys,
  type Keys,
  otherAdminKeys,
  rootKeys,
  startInstance,
  type TestInstance,
} from '../support/instance.ts';
import { allow, keysOf, outcome, Principals, policy } from '../support/principals.ts';

let instance: TestInstance;
let principals: Principals;
beforeAll(async () => {
  instance = await startInstance();
  principals = new Principals(instance);
});
afterAll(() => instance.stop());

const listBuckets = (keys: Keys) =>
  outcome(new S3Client(instance.clientOptions(keys)).send(new ListBucketsCommand({})));
const assume = (RoleArn: string, keys: Keys, more = {}) => outcome(principals.session(RoleArn, more, keys));

describe('policy trap 4', () => {
  it('a role that demands an external id is not assumed without it, with another, or with more of it', async () => {
    const trust = { Principal: { AWS: '444455556666' }, Condition: { StringEquals: { 'sts:ExternalId': 'coffee-4' } } };
    const role = await principals.role('external', { trust });
    for (const more of [
      {},
      { ExternalId: 'coffee-5' },
      { ExternalId: 'COFFEE-4' },
      { ExternalId: 'coffee-4x' },
      { ExternalId: 'coffee-40' },
    ]) {
      expect(await assume(role, otherAdminKeys, more)).toBe('AccessDenied');
    }
    expect(await assume(role, otherAdminKeys, { ExternalId: 'coffee-4' })).toBe('allowed');
  });

  it('AssumeRoot is refused to everybody, whatever the policies', async () => {
    const TargetPrincipal = `arn:aws:iam::444455556666:root`;
    const TaskPolicyArn = { arn: 'arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials' };
    const rudy = await principals.user('assumes-root', { may: [allow('sts:AssumeRoot'), allow('*')] });
    const session = await principals.session(await principals.role('assumes-root', { may: [allow('*')] }));
    for (const keys of [adminKeys, rootKeys, otherAdminKeys, rudy, session]) {
      for (const target of [TargetPrincipal, `arn:aws:iam::${accountId}:root`]) {
        const command = new AssumeRootCommand({ TargetPrincipal: target, TaskPolicyArn });
        expect(await outcome(principals.sts(keys).send(command))).toBe('AccessDenied');
      }
    }
  });
});

describe('policy trap 16: who comes again by the same name is somebody else', () => {
  async function remove(UserName: string, AccessKeyId: string): Promise<void> {
    await principals.iam.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId }));
    await principals.iam.send(new DeleteUserCommand({ UserName }));
  }

  it('to a bucket policy and to a trust policy, and the sessions of before are nobody’s', async () => {
    const owner = new S3Client(instance.clientOptions());
    await owner.send(new CreateBucketCommand({ Bucket: 'reborn' }));
    await owner.send(new PutObjectCommand({ Bucket: 'reborn', Key: 'k', Body: 'x' }));
    const first = await principals.user('reborn');
    const read = (keys: Keys) =>
      outcome(new S3Client(instance.clientOptions(keys)).send(new GetObjectCommand({ Bucket: 'reborn', Key: 'k' })));
    const trusting = await principals.role('trusts-reborn', { trust: { Principal: { AWS: first.arn } } });
    const Resource = 'arn:aws:s3:::reborn/*';
    const Policy = policy({ Effect: 'Allow', Principal: { AWS: first.arn }, Action: 's3:GetObject', Resource });
    await owner.send(new PutBucketPolicyCommand({ Bucket: 'reborn', Policy }));
    expect(await read(first)).toBe('allowed');
    expect(await assume(trusting, first)).toBe('allowed');
    const session = keysOf(await principals.sts(first).send(new GetSessionTokenCommand({})));
    expect(await read(session)).toBe('allowed');
    await remove('reborn', first.accessKeyId);
    const second = await principals.user('reborn');
    expect(await read(second)).toBe('AccessDenied');
    expect(await assume(trusting, second)).toBe('AccessDenied');
    // Sessions of the first are not the second's.
    expect(await read(session)).toMatch(/^Invalid/);
    await owner.send(new PutBucketPolicyCommand({ Bucket: 'reborn', Policy }));
    expect(await read(second)).toBe('allowed');
  });

  it('a role, and the sessions of its predecessor', async () => {
    const RoleName = 'reborn-role';
    const wishes = { may: [allow('s3:ListAllMyBuckets')] };
    const first = await principals.session(await principals.role(RoleName, wishes));
    expect(await listBuckets(first)).toBe('allowed');
    await principals.iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: 'own' }));
    await principals.iam.send(new DeleteRoleCommand({ RoleName }));
    const second = await principals.session(await principals.role(RoleName, wishes));
    expect(await listBuckets(second)).toBe('allowed');
    expect(await listBuckets(first)).not.toBe('allowed');
  });
});

describe('policy trap 20: what is no policy is not stored', () => {
  const put = (PolicyDocument: string, PolicyName = 'p') =>
    outcome(principals.iam.send(new PutUserPolicyCommand({ UserName: 'validated', PolicyName, PolicyDocument })));
  const statement = (more: string) =>
    `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"${more}}]}`;
  beforeAll(() => principals.user('validated'));

  it.each([
    ['a key twice', statement(',"Effect":"Allow"'), 'MalformedPolicyDocumentException'],
    ['a key twice, one of them escaped', statement(',"\\u0045ffect":"Deny"'), 'MalformedPolicyDocumentException'],
    ['a Sid with other than letters and digits', statement(',"Sid":"read-it"'), 'MalformedPolicyDocumentException'],
    ['a key in another case', statement(',"sid":"Read"'), 'MalformedPolicyDocumentException'],
    ['an unknown element', statement(',"Until":"tomorrow"'), 'MalformedPolicyDocumentException'],
    ['a principal', statement(',"Principal":"*"'), 'MalformedPolicyDocumentException'],
    ['another version', statement('').replace('2012-10-17', '2013-10-17'), 'MalformedPolicyDocumentException'],
    ['text after the end', `${statement('')}x`, 'MalformedPolicyDocumentException'],
    ['no JSON', '{', 'MalformedPolicyDocumentException'],
    ['a character beyond U+00FF', statement('').replace('s3:*', 's3:\u0100*'), 'ValidationError'],
    ['a control character', statement('').replace('s3:*', 's3:\u0001*'), 'ValidationError'],
    ['a line feed inside a string', statement('').replace('s3:*', 's3:\n*'), 'MalformedPolicyDocumentException'],
  ])('%s', async (_, document, refused) => {
    expect(await put(document)).toBe(refused);
  });

  it('sizes count without white space: 2,048 for a user’s inline policies, 6,144 and five versions for a managed one', async () => {
    const document = (size: number, between = '') => {
      const bucket = statement('').replace('"*"', '"arn:aws:s3:::"');
      const name = 'b'.repeat(size - bucket.length);
      return bucket.replace(':::', `:::${name}`).replaceAll(',', `,${between}`);
    };
    expect(document(2_048)).toHaveLength(2_048);
    expect(await put(document(2_048, ' \n\t\r'))).toBe('allowed');
    expect(await put(document(2_049))).toBe('LimitExceededException');
    expect(await put(statement(''), 'second')).toBe('LimitExceededException');
    await expect(principals.managed('too-large', JSON.parse(document(6_145)).Statement[0])).rejects.toMatchObject({
      name: 'LimitExceededException',
    });
    const PolicyArn = await principals.managed('sized', JSON.parse(document(6_144)).Statement[0]);
    const version = () =>
      outcome(
        principals.iam.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: policy(allow('s3:*')) })),
      );
    for (let number = 2; number <= 5; number += 1) expect(await version()).toBe('allowed');
    expect(await version()).toBe('LimitExceededException');
  });
});
