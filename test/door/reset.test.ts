/** `POST /_bailey/reset` leads back to the configuration's state: rows, records, bytes, counts, caches and clock. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  CloudTrailClient,
  CreateTrailCommand,
  LookupEventsCommand,
  StartLoggingCommand,
} from '@aws-sdk/client-cloudtrail';
import {
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreateAccountAliasCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteUserPolicyCommand,
  GetAccountAuthorizationDetailsCommand,
  GetAccountSummaryCommand,
  IAMClient,
  ListAccountAliasesCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { AssumeRoleCommand, GetCallerIdentityCommand, GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { accountId, type Keys, nobodyKeys, rootKeys, startInstance, type TestInstance } from '../support/instance.ts';

let instance: TestInstance;
beforeAll(async () => {
  instance = await startInstance();
});
afterAll(() => instance.stop());

const iam = (keys?: Keys) => new IAMClient(instance.clientOptions(keys));
const s3 = (keys?: Keys) => new S3Client(instance.clientOptions(keys));
const sts = (keys?: Keys) => new STSClient(instance.clientOptions(keys));
const cloudtrail = () => new CloudTrailClient(instance.clientOptions());
const admins = 'arn:aws:iam::aws:policy/AdministratorAccess';

async function reset(): Promise<void> {
  const response = await fetch(`${instance.endpoint}/_bailey/reset`, { method: 'POST' });
  expect(response.status).toBe(200);
}

/** Everything that IAM shows of the account, without what is new in every account: unique ids and times. */
async function fingerprint(): Promise<string> {
  const { $metadata: _one, ...details } = await iam().send(
    new GetAccountAuthorizationDetailsCommand({ MaxItems: 1000 }),
  );
  const { SummaryMap } = await iam().send(new GetAccountSummaryCommand({}));
  const { AccountAliases } = await iam().send(new ListAccountAliasesCommand({}));
  const { Buckets } = await s3().send(new ListBucketsCommand({}));
  return JSON.stringify({ details, SummaryMap, AccountAliases, Buckets: Buckets ?? [] }, (key, value) =>
    /Id$|Date$/.test(key) ? undefined : value,
  );
}

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? [entry.name] : [],
  );
}

const allowAll = JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', Action: '*', Resource: '*' } });

test('nothing of before is left', async () => {
  const before = await fingerprint();
  await iam().send(new CreateUserCommand({ UserName: 'rudy' }));
  const { AccessKey } = await iam().send(new CreateAccessKeyCommand({ UserName: 'rudy' }));
  const rudy: Keys = { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' };
  await iam().send(new AttachUserPolicyCommand({ UserName: 'rudy', PolicyArn: admins }));
  await iam().send(new AttachUserPolicyCommand({ UserName: 'nobody', PolicyArn: admins }));
  await iam().send(new PutUserPolicyCommand({ UserName: 'nobody', PolicyName: 'all', PolicyDocument: allowAll }));
  await iam().send(new CreateAccountAliasCommand({ AccountAlias: 'coffee-shop-alias' }));
  const Principal = { AWS: accountId };
  const AssumeRolePolicyDocument = allowAll.replace(
    '"Action":"*","Resource":"*"',
    `"Action":"sts:AssumeRole","Principal":${JSON.stringify(Principal)}`,
  );
  const { Role } = await iam().send(new CreateRoleCommand({ RoleName: 'barista', AssumeRolePolicyDocument }));
  const assumed = await sts().send(new AssumeRoleCommand({ RoleArn: Role?.Arn, RoleSessionName: 'shift' }));
  const session: Keys = {
    accessKeyId: assumed.Credentials?.AccessKeyId ?? '',
    secretAccessKey: assumed.Credentials?.SecretAccessKey ?? '',
    sessionToken: assumed.Credentials?.SessionToken ?? '',
  };
  const owner = await sts(rootKeys).send(new GetSessionTokenCommand({}));
  const ownersSession: Keys = {
    accessKeyId: owner.Credentials?.AccessKeyId ?? '',
    secretAccessKey: owner.Credentials?.SecretAccessKey ?? '',
    sessionToken: owner.Credentials?.SessionToken ?? '',
  };
  await sts(ownersSession).send(new GetCallerIdentityCommand({}));
  await s3(rudy).send(new CreateBucketCommand({ Bucket: 'before' }));
  await s3(rudy).send(new PutObjectCommand({ Bucket: 'before', Key: 'large', Body: new Uint8Array(300_000) }));
  await s3(nobodyKeys).send(new ListBucketsCommand({}));
  await sts(session).send(new GetCallerIdentityCommand({}));
  expect(filesUnder(join(instance.dataDir, 'blobs')).length).toBeGreaterThan(0);
  expect(await fingerprint()).not.toBe(before);

  await reset();
  expect(await fingerprint()).toBe(before);
  await expect(sts(rudy).send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({
    name: 'InvalidClientTokenId',
  });
  // The owner is who they were, but nobody has opened this session since.
  await expect(sts(ownersSession).send(new GetCallerIdentityCommand({}))).rejects.toThrow();
  await expect(sts(session).send(new GetCallerIdentityCommand({}))).rejects.toThrow();
  await expect(s3(nobodyKeys).send(new ListBucketsCommand({}))).rejects.toMatchObject({ name: 'AccessDenied' });
  await expect(
    iam().send(new DeleteUserPolicyCommand({ UserName: 'nobody', PolicyName: 'all' })),
  ).rejects.toMatchObject({ name: 'NoSuchEntityException' });
  const { Events = [] } = await cloudtrail().send(new LookupEventsCommand({}));
  expect(Events.map((event) => event.EventName)).not.toContain('CreateUser');
  await s3().send(new CreateBucketCommand({ Bucket: 'before' }));
  expect((await s3().send(new ListObjectsV2Command({ Bucket: 'before' }))).KeyCount).toBe(0);
  expect(filesUnder(join(instance.dataDir, 'blobs'))).toEqual([]);
  await reset();
});

test('the clock is the machine’s again, and jobs go on by it', async () => {
  await instance.advance(400 * 86_400);
  await reset();
  const { Credentials } = await sts().send(new GetSessionTokenCommand({ DurationSeconds: 900 }));
  expect(Math.abs((Credentials?.Expiration?.getTime() ?? 0) - Date.now() - 900_000)).toBeLessThan(60_000);

  await s3().send(new CreateBucketCommand({ Bucket: 'audit-logs' }));
  const statement = (Action: string, Resource: string) => ({
    Effect: 'Allow',
    Principal: { Service: 'cloudtrail.amazonaws.com' },
    Action,
    Resource,
  });
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      statement('s3:GetBucketAcl', 'arn:aws:s3:::audit-logs'),
      statement('s3:PutObject', 'arn:aws:s3:::audit-logs/*'),
    ],
  });
  await s3().send(new PutBucketPolicyCommand({ Bucket: 'audit-logs', Policy }));
  await cloudtrail().send(new CreateTrailCommand({ Name: 'audit', S3BucketName: 'audit-logs' }));
  await cloudtrail().send(new StartLoggingCommand({ Name: 'audit' }));
  await sts().send(new GetCallerIdentityCommand({}));
  await instance.advance(30);
  const { Contents = [] } = await s3().send(new ListObjectsV2Command({ Bucket: 'audit-logs' }));
  expect(Contents.filter(({ Key }) => Key?.endsWith('.json.gz'))).not.toEqual([]);
});

test('calls under way end one way or the other, and leave nothing behind', async () => {
  await reset();
  const before = await fingerprint();
  const names = Array.from({ length: 40 }, (_, index) => `user-${index}`);
  const making = names.map((UserName) =>
    iam()
      .send(new CreateUserCommand({ UserName }))
      .then(
        () => true,
        () => false,
      ),
  );
  await reset();
  await Promise.all(making);
  await reset();
  expect(await fingerprint()).toBe(before);
});
