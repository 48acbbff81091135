/** Copies from every way to encrypt to every other, whole and as parts: what is read needs its key, what is written needs its own. */
import { IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { DisableKeyCommand, EnableKeyCommand, type KMSClient, ScheduleKeyDeletionCommand } from '@aws-sdk/client-kms';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  type CopyObjectCommandInput,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  PutBucketEncryptionCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { customerKey, refused, textOf } from '../support/encrypted-objects.ts';
import { nobodyKeys, startInstance, type TestInstance } from '../support/instance.ts';
import { kmsClient, type MadeKey, makeKey } from '../support/kms.ts';

let instance: TestInstance;
let s3: S3Client;
let nobody: S3Client;
let kms: KMSClient;
let iam: IAMClient;
let from: MadeKey;
let to: MadeKey;
const Bucket = 'copies';
const body = 'the ledger of the house blend, '.repeat(5_000);

beforeAll(async () => {
  instance = await startInstance();
  s3 = new S3Client(instance.clientOptions());
  nobody = new S3Client(instance.clientOptions(nobodyKeys));
  kms = kmsClient(instance);
  iam = new IAMClient(instance.clientOptions());
  [from, to] = [await makeKey(kms), await makeKey(kms)];
  await s3.send(new CreateBucketCommand({ Bucket }));
  const ServerSideEncryptionConfiguration = {
    Rules: [
      {
        ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' as const },
        BlockedEncryptionTypes: { EncryptionType: ['NONE' as const] },
      },
    ],
  };
  await s3.send(new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration }));
});
afterAll(() => instance.stop());

type Way = Partial<CopyObjectCommandInput>;
const byKms = (key: MadeKey, more: Way = {}): Way => ({
  ServerSideEncryption: 'aws:kms',
  SSEKMSKeyId: key.Arn,
  ...more,
});
/** How an object is written, under which of two keys. */
const ways: Readonly<Record<string, (key: MadeKey, fill: number) => Way>> = {
  'SSE-S3': () => ({ ServerSideEncryption: 'AES256' }),
  'SSE-KMS': (key) => byKms(key),
  'SSE-KMS with a context': (key) =>
    byKms(key, { SSEKMSEncryptionContext: Buffer.from('{"shop":"one"}').toString('base64') }),
  'SSE-KMS with a bucket key': (key) => byKms(key, { BucketKeyEnabled: true }),
  'DSSE-KMS': (key) => ({ ServerSideEncryption: 'aws:kms:dsse', SSEKMSKeyId: key.Arn }),
  'SSE-C': (_key, fill) => customerKey(fill),
};
const ofCustomer = (way: Way): Way =>
  way.SSECustomerAlgorithm === undefined
    ? {}
    : {
        SSECustomerAlgorithm: way.SSECustomerAlgorithm,
        SSECustomerKey: way.SSECustomerKey,
        SSECustomerKeyMD5: way.SSECustomerKeyMD5,
      };
const asSource = (way: Way): Way =>
  way.SSECustomerAlgorithm === undefined
    ? {}
    : {
        CopySourceSSECustomerAlgorithm: way.SSECustomerAlgorithm,
        CopySourceSSECustomerKey: way.SSECustomerKey,
        CopySourceSSECustomerKeyMD5: way.SSECustomerKeyMD5,
      };

const pairs = Object.keys(ways).flatMap((one) => Object.keys(ways).map((two) => [one, two] as const));
const made = (name: string, key: MadeKey, fill: number): Way =>
  (ways[name] as (key: MadeKey, fill: number) => Way)(key, fill);

test.each(pairs)('%s → %s', async (one, two) => {
  const [source, target] = [made(one, from, 1), made(two, to, 2)];
  const [Key, copy] = [`${one} to ${two}`, `copy of ${one} to ${two}`];
  await s3.send(new PutObjectCommand({ Bucket, Key, Body: body, ...(source as object) }));
  const CopySource = encodeURIComponent(`${Bucket}/${Key}`);
  const answer = await s3.send(
    new CopyObjectCommand({ Bucket, Key: copy, CopySource, ...target, ...asSource(source) }),
  );
  expect(answer.ServerSideEncryption).toBe(target.ServerSideEncryption);
  if (target.SSEKMSKeyId) expect(answer.SSEKMSKeyId).toBe(to.Arn);
  expect(await textOf(s3, { Bucket, Key: copy, ...(ofCustomer(target) as object) })).toBe(body);
  const read = await s3.send(new GetObjectCommand({ Bucket, Key: copy, ...(ofCustomer(target) as object) }));
  expect([read.ServerSideEncryption, read.SSEKMSKeyId]).toEqual([target.ServerSideEncryption, target.SSEKMSKeyId]);
  // As a part of an upload, the middle of it.
  const upload = { Bucket, Key: `${copy} in parts` };
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ ...upload, ...(target as object) }));
  const { CopyPartResult } = await s3.send(
    new UploadPartCopyCommand({
      ...upload,
      UploadId,
      PartNumber: 1,
      CopySource,
      CopySourceRange: 'bytes=65530-131080',
      ...(ofCustomer(target) as object),
      ...(asSource(source) as object),
    }),
  );
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag: CopyPartResult?.ETag }] };
  await s3.send(
    new CompleteMultipartUploadCommand({ ...upload, UploadId, MultipartUpload, ...(ofCustomer(target) as object) }),
  );
  expect(await textOf(s3, { ...upload, ...(ofCustomer(target) as object) })).toBe(body.slice(65530, 131081));
});

describe('a copy between keys', () => {
  const CopySource = `${Bucket}/locked`;
  const copy = (client: S3Client, way: Way = byKms(to)) =>
    refused(client.send(new CopyObjectCommand({ Bucket, Key: 'moved', CopySource, ...way })));
  beforeAll(async () => {
    await s3.send(new PutObjectCommand({ Bucket, Key: 'locked', Body: body, ...(byKms(from) as object) }));
  });

  test('needs kms:Decrypt with the one and kms:GenerateDataKey with the other', async () => {
    const may = (...statements: object[]) =>
      iam.send(
        new PutUserPolicyCommand({
          UserName: 'nobody',
          PolicyName: 'p',
          PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: statements }),
        }),
      );
    const allow = (Action: string, Resource = '*') => ({ Effect: 'Allow', Action, Resource });
    const outcomes: Record<string, string> = {};
    for (const [name, statements] of Object.entries({
      nothing: [],
      'decrypt only': [allow('kms:Decrypt', from.Arn)],
      'generate only': [allow('kms:GenerateDataKey', to.Arn)],
      'with the keys exchanged': [allow('kms:Decrypt', to.Arn), allow('kms:GenerateDataKey', from.Arn)],
      both: [allow('kms:Decrypt', from.Arn), allow('kms:GenerateDataKey', to.Arn)],
    })) {
      await may(allow('s3:*'), ...statements);
      outcomes[name] = (await copy(nobody)).name;
    }
    expect(outcomes).toEqual({
      nothing: 'AccessDenied',
      'decrypt only': 'AccessDenied',
      'generate only': 'AccessDenied',
      'with the keys exchanged': 'AccessDenied',
      both: 'succeeded',
    });
    // Without a key of its own the copy must be read all the same.
    await may(allow('s3:*'));
    expect((await copy(nobody, {})).name).toBe('AccessDenied');
  });

  test('with either key disabled, or on its way out, does nothing', async () => {
    await s3.send(new PutObjectCommand({ Bucket, Key: 'moved', Body: 'before' }));
    for (const key of [from, to]) {
      await kms.send(new DisableKeyCommand({ KeyId: key.KeyId }));
      expect(await copy(s3)).toMatchObject({ name: 'KMS.DisabledException', status: 400 });
      await kms.send(new EnableKeyCommand({ KeyId: key.KeyId }));
      expect(await textOf(s3, { Bucket, Key: 'moved' })).toBe('before');
    }
    const leaving = await makeKey(kms);
    await s3.send(
      new PutObjectCommand({
        Bucket,
        Key: 'leaving',
        Body: body,
        ...(byKms(leaving, { BucketKeyEnabled: true }) as object),
      }),
    );
    expect(await textOf(s3, { Bucket, Key: 'leaving' })).toBe(body);
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId: leaving.KeyId }));
    for (const work of [
      () => textOf(s3, { Bucket, Key: 'leaving' }),
      () =>
        s3.send(
          new CopyObjectCommand({ Bucket, Key: 'x', CopySource: `${Bucket}/leaving`, ServerSideEncryption: 'AES256' }),
        ),
      () =>
        s3.send(
          new PutObjectCommand({
            Bucket,
            Key: 'y',
            Body: 'y',
            ...(byKms(leaving, { BucketKeyEnabled: true }) as object),
          }),
        ),
    ]) {
      expect((await refused(work())).name).toBe('KMS.KMSInvalidStateException');
    }
  });
});
