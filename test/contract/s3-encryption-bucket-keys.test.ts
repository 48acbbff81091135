/** S3 Bucket Keys over HTTP: fewer calls of KMS, and not one decision less. */
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import {
  DisableKeyCommand,
  EnableKeyCommand,
  GetKeyPolicyCommand,
  type KMSClient,
  PutKeyPolicyCommand,
} from '@aws-sdk/client-kms';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  HeadObjectCommand,
  PutBucketEncryptionCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { recordsOf, refused, textOf } from '../support/encrypted-objects.ts';
import { nobodyKeys, startInstance, type TestInstance } from '../support/instance.ts';
import { kmsClient, type MadeKey, makeKey } from '../support/kms.ts';

let instance: TestInstance;
let s3: S3Client;
let nobody: S3Client;
let kms: KMSClient;
let trail: CloudTrailClient;
let key: MadeKey;
let Bucket: string;
let count = 0;

beforeAll(async () => {
  instance = await startInstance();
  s3 = new S3Client(instance.clientOptions());
  nobody = new S3Client(instance.clientOptions(nobodyKeys));
  kms = kmsClient(instance);
  trail = new CloudTrailClient(instance.clientOptions());
});

afterAll(() => instance.stop());

beforeEach(async () => {
  key = await makeKey(kms);
  Bucket = `bucket-keys-${++count}`;
  await s3.send(new CreateBucketCommand({ Bucket }));
  await s3.send(
    new PutBucketEncryptionCommand({
      Bucket,
      ServerSideEncryptionConfiguration: {
        Rules: [
          {
            ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: key.Arn },
            BucketKeyEnabled: true,
          },
        ],
      },
    }),
  );
});

const put = (Key: string, client = s3) => client.send(new PutObjectCommand({ Bucket, Key, Body: `body of ${Key}` }));
const get = (Key: string, client = s3) => textOf(client, { Bucket, Key });
const uses = async (operation: string) =>
  (await recordsOf(trail, operation)).filter((record) => JSON.stringify(record).includes(key.Arn)).length;
const setPolicy = (...more: readonly object[]) =>
  kms.send(new GetKeyPolicyCommand({ KeyId: key.KeyId })).then(({ Policy = '' }) => {
    const policy = JSON.parse(Policy);
    policy.Statement = [policy.Statement[0], ...more];
    return kms.send(new PutKeyPolicyCommand({ KeyId: key.KeyId, Policy: JSON.stringify(policy) }));
  });

test('many objects, one data key, bound to the bucket', async () => {
  for (let i = 0; i < 10; i++) expect(await put(`${i}`)).toMatchObject({ BucketKeyEnabled: true });
  for (let i = 0; i < 10; i++) expect(await get(`${i}`)).toBe(`body of ${i}`);
  expect(await s3.send(new HeadObjectCommand({ Bucket, Key: '0' }))).toMatchObject({ BucketKeyEnabled: true });
  expect(await uses('GenerateDataKey')).toBe(1);
  expect(await uses('Decrypt')).toBe(1);
  const [record] = await recordsOf(trail, 'GenerateDataKey');
  expect(record).toMatchObject({
    requestParameters: { encryptionContext: { 'aws:s3:arn': `arn:aws:s3:::${Bucket}` } },
  });
  await s3.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/3` }));
  expect(await get('copy')).toBe('body of 3');
});

test('lasts a bounded time, and for one requester', async () => {
  await put('a');
  await instance.advance(301);
  await put('b');
  expect(await uses('GenerateDataKey')).toBe(2);
  const statement = { Effect: 'Allow', Action: ['s3:*', 'kms:*'], Resource: '*' };
  await new IAMClient(instance.clientOptions()).send(
    new PutUserPolicyCommand({
      UserName: 'nobody',
      PolicyName: 'p',
      PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: statement }),
    }),
  );
  await put('c', nobody);
  expect(await uses('GenerateDataKey')).toBe(3);
  expect(await get('a', nobody)).toBe('body of a');
  expect(await get('b')).toBe('body of b');
});

test('a disabled key stops it at once, and an enabled one lets it go on', async () => {
  await put('a');
  expect(await get('a')).toBe('body of a');
  await kms.send(new DisableKeyCommand({ KeyId: key.KeyId }));
  expect(await refused(get('a'))).toMatchObject({ name: 'KMS.DisabledException', status: 400 });
  expect(await refused(put('b'))).toMatchObject({ name: 'KMS.DisabledException', status: 400 });
  await kms.send(new EnableKeyCommand({ KeyId: key.KeyId }));
  expect(await get('a')).toBe('body of a');
});

test('a changed key policy is asked on each use', async () => {
  await put('a');
  expect(await get('a')).toBe('body of a');
  await setPolicy({ Effect: 'Deny', Principal: '*', Action: 'kms:Decrypt', Resource: '*' });
  expect(await refused(get('a'))).toMatchObject({ name: 'AccessDenied', status: 403 });
  await put('b');
  const context = { StringEquals: { 'kms:EncryptionContext:aws:s3:arn': `arn:aws:s3:::${Bucket}` } };
  await setPolicy({
    Effect: 'Deny',
    Principal: '*',
    Action: ['kms:GenerateDataKey', 'kms:Decrypt'],
    Resource: '*',
    Condition: context,
  });
  expect(await refused(put('c'))).toMatchObject({ name: 'AccessDenied' });
  await setPolicy();
  expect(await get('b')).toBe('body of b');
});
