/** GetKeyLastUsage: the last successful work of a key, whoever did it, and policies on how long ago that was. */
import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import {
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GetKeyLastUsageCommand,
  type KMSClient,
  PutKeyPolicyCommand,
  ReEncryptCommand,
  ReplicateKeyCommand,
  ScheduleKeyDeletionCommand,
  SignCommand,
  TagResourceCommand,
  VerifyCommand,
} from '@aws-sdk/client-kms';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { accountId, otherAccountId, otherAdminKeys, startInstance, type TestInstance } from '../support/instance.ts';
import { kmsClient, makeKey, refusal } from '../support/kms.ts';

let instance: TestInstance;
let kms: KMSClient;
beforeAll(async () => {
  instance = await startInstance();
  kms = kmsClient(instance);
});
afterAll(() => instance.stop());

const Plaintext = Buffer.from('x');
const usage = async (KeyId: string, client = kms) => client.send(new GetKeyLastUsageCommand({ KeyId }));
const operation = async (KeyId: string) => (await usage(KeyId)).KeyLastUsage?.Operation;

test('is empty before the first use, and then tells which, when and which record', async () => {
  const { KeyId, Arn, CreationDate } = await makeKey(kms);
  const before = await usage(KeyId);
  expect(before).toMatchObject({
    KeyId: Arn,
    KeyLastUsage: {},
    TrackingStartDate: CreationDate,
    KeyCreationDate: CreationDate,
  });
  const made = await kms.send(new EncryptCommand({ KeyId, Plaintext }));
  const { KeyLastUsage } = await usage(Arn);
  expect(KeyLastUsage).toMatchObject({ Operation: 'Encrypt', KmsRequestId: made.$metadata.requestId });
  expect(Math.abs((KeyLastUsage?.Timestamp?.getTime() ?? 0) - Date.now())).toBeLessThan(60_000);
  const trail = new CloudTrailClient(instance.clientOptions());
  const { Events } = await trail.send(
    new LookupEventsCommand({
      LookupAttributes: [{ AttributeKey: 'EventId', AttributeValue: KeyLastUsage?.CloudTrailEventId }],
    }),
  );
  expect(Events?.[0]).toMatchObject({ EventName: 'Encrypt' });
});

test('counts what succeeded and is cryptography, and nothing else', async () => {
  const { KeyId } = await makeKey(kms);
  await kms.send(new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256' }));
  await kms.send(new DescribeKeyCommand({ KeyId }));
  await kms.send(new TagResourceCommand({ KeyId, Tags: [{ TagKey: 'a', TagValue: 'b' }] }));
  await refusal(kms.send(new EncryptCommand({ KeyId, Plaintext, DryRun: true })));
  await refusal(kms.send(new EncryptCommand({ KeyId, Plaintext, EncryptionAlgorithm: 'RSAES_OAEP_SHA_1' })));
  await refusal(kms.send(new DecryptCommand({ KeyId, CiphertextBlob: Buffer.from('nothing of ours') })));
  await usage(KeyId);
  expect(await operation(KeyId)).toBe('GenerateDataKey');
  const signing = await makeKey(kms, { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' });
  const ask = { KeyId: signing.KeyId, Message: Plaintext, SigningAlgorithm: 'ECDSA_SHA_256' as const };
  const { Signature } = await kms.send(new SignCommand(ask));
  await refusal(kms.send(new VerifyCommand({ ...ask, Signature: Buffer.alloc(70) })));
  expect(await operation(signing.KeyId)).toBe('Sign');
  await kms.send(new VerifyCommand({ ...ask, Signature }));
  expect(await operation(signing.KeyId)).toBe('Verify');
});

test('of both keys of a ReEncrypt, also those of two accounts, each by a record of its own', async () => {
  const source = await makeKey(kms);
  const other = kmsClient(instance, otherAdminKeys);
  const Statement = [
    { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${otherAccountId}:root` }, Action: 'kms:*', Resource: '*' },
    { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${accountId}:root` }, Action: 'kms:ReEncryptTo', Resource: '*' },
  ];
  const destination = await makeKey(other, { Policy: JSON.stringify({ Version: '2012-10-17', Statement }) });
  const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId: source.KeyId, Plaintext }));
  await kms.send(new ReEncryptCommand({ CiphertextBlob, DestinationKeyId: destination.Arn }));
  const [mine, theirs] = [await usage(source.KeyId), await usage(destination.KeyId, other)];
  expect(mine.KeyLastUsage?.Operation).toBe('ReEncrypt');
  expect(theirs.KeyLastUsage?.Operation).toBe('ReEncrypt');
  expect(mine.KeyLastUsage?.KmsRequestId).toBe(theirs.KeyLastUsage?.KmsRequestId);
  expect(mine.KeyLastUsage?.CloudTrailEventId).not.toBe(theirs.KeyLastUsage?.CloudTrailEventId);
});

test('by services in somebody’s name', async () => {
  const { KeyId, Arn } = await makeKey(kms);
  const s3 = new S3Client(instance.clientOptions());
  await s3.send(new CreateBucketCommand({ Bucket: 'usage' }));
  await s3.send(
    new PutObjectCommand({ Bucket: 'usage', Key: 'k', Body: 'x', ServerSideEncryption: 'aws:kms', SSEKMSKeyId: Arn }),
  );
  expect(await operation(KeyId)).toBe('GenerateDataKey');
});

test('of each key of many regions by itself', async () => {
  const { KeyId } = await makeKey(kms, { MultiRegion: true });
  await kms.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: 'eu-west-1' }));
  await kms.send(new EncryptCommand({ KeyId, Plaintext }));
  const there = kmsClient(instance, undefined, 'eu-west-1');
  expect((await usage(KeyId, there)).KeyLastUsage).toEqual({});
  expect(await operation(KeyId)).toBe('Encrypt');
});

test('refused: no such key, an alias, another account, nobody', async () => {
  const missing = '1234abcd-12ab-34cd-56ef-1234567890ab';
  expect(await refusal(usage(missing))).toBe(
    `NotFoundException: Key 'arn:aws:kms:us-east-1:${accountId}:key/${missing}' does not exist`,
  );
  expect(await refusal(usage('alias/x'))).toContain('NotFoundException');
  const { Arn } = await makeKey(kms);
  expect(await refusal(usage(Arn, kmsClient(instance, otherAdminKeys)))).toContain('AccessDeniedException');
});

test('kms:TrailingDaysWithoutKeyUsage: a key in use is neither disabled nor deleted', async () => {
  const { KeyId } = await makeKey(kms);
  const Statement = [
    { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${accountId}:root` }, Action: 'kms:*', Resource: '*' },
    {
      Effect: 'Deny',
      Principal: '*',
      Action: ['kms:DisableKey', 'kms:ScheduleKeyDeletion'],
      Resource: '*',
      Condition: { NumericLessThan: { 'kms:TrailingDaysWithoutKeyUsage': '90' } },
    },
  ];
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
  await kms.send(new PutKeyPolicyCommand({ KeyId, Policy }));
  await kms.send(new EncryptCommand({ KeyId, Plaintext }));
  await instance.advance(89 * 86_400);
  expect(await refusal(kms.send(new DisableKeyCommand({ KeyId })))).toContain('AccessDeniedException');
  expect(await refusal(kms.send(new ScheduleKeyDeletionCommand({ KeyId })))).toContain('AccessDeniedException');
  await instance.advance(86_400);
  await kms.send(new DisableKeyCommand({ KeyId }));
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId }));
});
