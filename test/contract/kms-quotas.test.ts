/** Quotas: token buckets that throttle, and how much there may be of keys and grants. */
import {
  CreateAliasCommand,
  CreateGrantCommand,
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GenerateRandomCommand,
  KMSClient,
  ReplicateKeyCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, describe, expect, test } from 'vitest';
import { documentedQuotas, quotaOf } from '../../src/services/kms/request-quotas.ts';
import { kmsSettings } from '../../src/services/kms/settings.ts';
import {
  accountId,
  nobodyKeys,
  otherAdminKeys,
  startInstance,
  type TestInstance,
  testConfig,
} from '../support/instance.ts';
import { kmsClient, makeKey, refusal } from '../support/kms.ts';

const running: TestInstance[] = [];
afterAll(() => Promise.all(running.map((instance) => instance.stop())));
async function withKms(kms: NonNullable<(typeof testConfig)['kms']>): Promise<TestInstance> {
  const instance = await startInstance({ ...testConfig, kms });
  running.push(instance);
  return instance;
}

const throttled =
  'ThrottlingException: You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.';
const Plaintext = Buffer.from('x');
const symmetric = 'Cryptographic operations (symmetric)';

describe('request quotas', () => {
  test('a bucket runs empty for its account and region, for shared operations together, and fills again', async () => {
    const instance = await withKms({ requestQuotas: [{ quota: symmetric, perSecond: 4 }] });
    const kms = kmsClient(instance);
    const { KeyId, Arn } = await makeKey(kms);
    const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext }));
    await kms.send(new DecryptCommand({ CiphertextBlob }));
    await kms.send(new GenerateRandomCommand({ NumberOfBytes: 1 }));
    // A dry run counts as well.
    expect(await refusal(kms.send(new EncryptCommand({ KeyId, Plaintext, DryRun: true })))).toContain('DryRun');
    const outcomes = await Promise.allSettled(
      Array.from({ length: 40 }, () => kms.send(new EncryptCommand({ KeyId, Plaintext }))),
    );
    const refused = outcomes
      .filter((one) => one.status === 'rejected')
      .map(({ reason }) => `${reason.name}: ${reason.message}`);
    // As many as a slow machine's seconds do not refill.
    expect(refused.length).toBeGreaterThan(5);
    expect(new Set(refused)).toEqual(new Set([throttled]));
    // Others have buckets of their own.
    await kmsClient(instance, otherAdminKeys).send(new GenerateRandomCommand({ NumberOfBytes: 1 }));
    await kmsClient(instance, undefined, 'eu-west-1').send(new GenerateRandomCommand({ NumberOfBytes: 1 }));
    await kms.send(new DescribeKeyCommand({ KeyId: Arn }));
    await instance.advance(1);
    await kms.send(new EncryptCommand({ KeyId, Plaintext }));
  });

  test('who has no permission takes nothing from those who have', async () => {
    const instance = await withKms({ requestQuotas: [{ quota: symmetric, perSecond: 2 }] });
    const kms = kmsClient(instance);
    const { KeyId } = await makeKey(kms);
    const nobody = kmsClient(instance, nobodyKeys);
    for (let round = 0; round < 10; round += 1) {
      expect(await refusal(nobody.send(new EncryptCommand({ KeyId, Plaintext })))).toContain('AccessDenied');
    }
    await kms.send(new EncryptCommand({ KeyId, Plaintext }));
  });

  test('the SDK waits and tries again', async () => {
    const instance = await withKms({ requestQuotas: [{ quota: 'CreateAlias', perSecond: 2 }] });
    const patient = new KMSClient({ ...instance.clientOptions(), maxAttempts: 8 });
    const { KeyId } = await makeKey(patient);
    const made = await Promise.all(
      [1, 2, 3, 4].map((n) => patient.send(new CreateAliasCommand({ AliasName: `alias/${n}`, TargetKeyId: KeyId }))),
    );
    expect(Math.max(...made.map(({ $metadata }) => $metadata.attempts ?? 1))).toBeGreaterThan(1);
  });

  test('S3 says 503 while its caller is throttled', async () => {
    const instance = await withKms({ requestQuotas: [{ quota: symmetric, perSecond: 1 }] });
    const { KeyId } = await makeKey(kmsClient(instance));
    const s3 = new S3Client(instance.clientOptions());
    await s3.send(new CreateBucketCommand({ Bucket: 'busy' }));
    const put = () =>
      s3.send(
        new PutObjectCommand({
          Bucket: 'busy',
          Key: 'k',
          Body: 'x',
          ServerSideEncryption: 'aws:kms',
          SSEKMSKeyId: KeyId,
        }),
      );
    const outcomes = await Promise.allSettled(Array.from({ length: 12 }, put));
    const failures = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    expect(failures.length).toBeGreaterThan(0);
    for (const { $metadata, name } of failures)
      expect([$metadata.httpStatusCode, name]).toEqual([503, 'ServiceUnavailable']);
  });

  test('AWS’s own, when asked for; every operation has one, and each is asked by what it does', async () => {
    const instance = await withKms({ documentedQuotas: true });
    const kms = kmsClient(instance);
    const outcomes = await Promise.allSettled(Array.from({ length: 40 }, () => kms.send(new CreateKeyCommand({}))));
    expect(outcomes.filter((one) => one.status === 'rejected').length).toBeGreaterThan(5);
    expect(quotaOf('Encrypt', {})).toBe(symmetric);
    expect(quotaOf('Encrypt', { EncryptionAlgorithm: 'RSAES_OAEP_SHA_1' })).toBe('Cryptographic operations (RSA)');
    expect(quotaOf('Sign', { SigningAlgorithm: 'ED25519_SHA_512' })).toBe('Cryptographic operations (ECC)');
    expect(quotaOf('Sign', { SigningAlgorithm: 'ML_DSA_SHAKE_256' })).toBe('Cryptographic operations (ML-DSA)');
    expect(quotaOf('VerifyMac', {})).toBe(symmetric);
    for (const KeyPairSpec of ['RSA_4096', 'SM2', 'ECC_NIST_P521']) {
      expect(documentedQuotas).toHaveProperty([quotaOf('GenerateDataKeyPairWithoutPlaintext', { KeyPairSpec })]);
    }
  });

  test('a quota that there is not stops the start', () => {
    expect(() => kmsSettings({ requestQuotas: [{ quota: 'Encript', perSecond: 1 }] })).toThrow(
      'there is no quota "Encript"',
    );
  });
});

describe('resource quotas', () => {
  test('customer managed keys in a region', async () => {
    const instance = await withKms({ keysPerRegion: 3 });
    const kms = kmsClient(instance);
    const first = await makeKey(kms, { MultiRegion: true });
    await makeKey(kms);
    await makeKey(kms);
    expect(await refusal(makeKey(kms))).toContain('LimitExceededException');
    const there = kmsClient(instance, undefined, 'eu-west-1');
    for (let round = 0; round < 3; round += 1) await makeKey(there);
    const replicate = new ReplicateKeyCommand({ KeyId: first.KeyId, ReplicaRegion: 'eu-west-1' });
    expect(await refusal(kms.send(replicate))).toContain('LimitExceededException');
    // A deleted key makes room.
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId: first.KeyId, PendingWindowInDays: 7 }));
    await instance.advance(8 * 86_400);
    await expect
      .poll(
        () =>
          makeKey(kms).then(
            () => 'made',
            () => 'full',
          ),
        { timeout: 10_000 },
      )
      .toBe('made');
  });

  test('grants on a key', async () => {
    const instance = await withKms({ grantsPerKey: 2 });
    const kms = kmsClient(instance);
    const { KeyId } = await makeKey(kms);
    const grant = (Name: string) =>
      kms.send(
        new CreateGrantCommand({
          KeyId,
          Name,
          GranteePrincipal: `arn:aws:iam::${accountId}:user/nobody`,
          Operations: ['Encrypt'],
        }),
      );
    await grant('a');
    await grant('b');
    expect(await refusal(grant('c'))).toContain('LimitExceededException');
    // A retry of one that is there is no new one.
    await grant('a');
  });
});
