/** Keys, as their owner would try them: what they do, who may use and manage them, and that nobody goes around them. */
import { execFileSync } from 'node:child_process';
import { randomBytes, webcrypto } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import * as K from '@aws-sdk/client-kms';
import {
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { recordsOf, refused, textOf } from '../support/encrypted-objects.ts';
import {
  accountId,
  adminKeys,
  type Keys,
  otherAdminKeys,
  rootKeys,
  startInstance,
  type TestInstance,
} from '../support/instance.ts';
import { bytes, kmsClient, makeKey, refusal } from '../support/kms.ts';
import { bailey, up } from '../support/process.ts';

let instance: TestInstance;
let kms: K.KMSClient;
let root: K.KMSClient;
let s3: S3Client;
const folder = mkdtempSync(join(tmpdir(), 'bailey-keys-'));
const Bucket = 'safe-deposit';
const secret = Buffer.from('the combination is 12-34-56');

beforeAll(async () => {
  instance = await startInstance();
  kms = kmsClient(instance);
  root = kmsClient(instance, rootKeys);
  s3 = new S3Client(instance.clientOptions());
  await s3.send(new CreateBucketCommand({ Bucket }));
});
afterAll(async () => {
  await instance.stop();
  rmSync(folder, { recursive: true });
});

const encrypt = async (KeyId: string, by = kms, more: Partial<K.EncryptCommandInput> = {}) =>
  (await by.send(new K.EncryptCommand({ KeyId, Plaintext: secret, ...more }))).CiphertextBlob;
const decrypt = async (CiphertextBlob: Uint8Array | undefined, by = kms, more: Partial<K.DecryptCommandInput> = {}) =>
  bytes((await by.send(new K.DecryptCommand({ CiphertextBlob, ...more }))).Plaintext);
const put = (Key: string, SSEKMSKeyId: string) =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body: secret, ServerSideEncryption: 'aws:kms', SSEKMSKeyId }));

/** A user with a policy of their own, and a client that signs as them. */
async function user(UserName: string, statements: object[]): Promise<{ arn: string; keys: Keys }> {
  const iam = new IAMClient(instance.clientOptions());
  const { User } = await iam.send(new CreateUserCommand({ UserName }));
  if (statements.length > 0) {
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: statements });
    await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'own', PolicyDocument }));
  }
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  const keys = { accessKeyId: AccessKey?.AccessKeyId as string, secretAccessKey: AccessKey?.SecretAccessKey as string };
  return { arn: User?.Arn as string, keys };
}
const allow = (Action: string | string[], more: object = {}) => ({ Effect: 'Allow', Action, Resource: '*', ...more });

describe('M-205 only who may use the key gets the plaintext', () => {
  test('with kms:Encrypt alone there is a way in and no way out', async () => {
    const key = await makeKey(kms);
    const { keys } = await user('teller', [allow(['kms:Encrypt', 'kms:DescribeKey'])]);
    const teller = kmsClient(instance, keys);
    const blob = await encrypt(key.KeyId, teller);
    expect(await refusal(decrypt(blob, teller))).toContain('AccessDeniedException');
    expect(await decrypt(blob)).toEqual(secret);
  });
});

describe('M-206 with the key the door opens, without it not', () => {
  test('a disabled key opens nothing; enabled again, all of it', async () => {
    const key = await makeKey(kms);
    const blob = await encrypt(key.KeyId);
    await put('M-206', key.Arn);
    await kms.send(new K.DisableKeyCommand({ KeyId: key.KeyId }));
    expect(await refusal(decrypt(blob))).toBe(`DisabledException: ${key.Arn} is disabled.`);
    expect(await refused(textOf(s3, { Bucket, Key: 'M-206' }))).toMatchObject({ name: 'KMS.DisabledException' });
    await kms.send(new K.EnableKeyCommand({ KeyId: key.KeyId }));
    expect(await decrypt(blob)).toEqual(secret);
    expect(await textOf(s3, { Bucket, Key: 'M-206' })).toBe(secret.toString());
  });

  test('a deleted key never opens anything again, also what S3 keeps', async () => {
    const key = await makeKey(kms);
    const blob = await encrypt(key.KeyId);
    await put('M-206 gone', key.Arn);
    await kms.send(new K.ScheduleKeyDeletionCommand({ KeyId: key.KeyId, PendingWindowInDays: 7 }));
    expect(await refusal(decrypt(blob))).toBe(`KMSInvalidStateException: ${key.Arn} is pending deletion.`);
    await instance.advance(8 * 86_400);
    await expect
      .poll(() => refusal(kms.send(new K.DescribeKeyCommand({ KeyId: key.KeyId }))), { timeout: 20_000 })
      .toContain('NotFoundException');
    expect(await refusal(decrypt(blob))).toMatch(/InvalidCiphertextException|NotFoundException/);
    expect((await refused(textOf(s3, { Bucket, Key: 'M-206 gone' }))).name).toMatch(/^KMS\./);
  });
});

describe('M-210 KMS does what keys do', () => {
  test('Encrypt, Decrypt and GenerateDataKey', async () => {
    const { KeyId } = await makeKey(kms);
    expect(await decrypt(await encrypt(KeyId))).toEqual(secret);
    const made = await kms.send(new K.GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256' }));
    expect(await decrypt(made.CiphertextBlob)).toEqual(bytes(made.Plaintext));
  });

  test('Sign, and OpenSSL and WebCrypto verify', async () => {
    const { KeyId } = await makeKey(kms, { KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' });
    const SigningAlgorithm = 'RSASSA_PKCS1_V1_5_SHA_256' as const;
    const { Signature } = await kms.send(new K.SignCommand({ KeyId, Message: secret, SigningAlgorithm }));
    const { PublicKey } = await kms.send(new K.GetPublicKeyCommand({ KeyId }));
    for (const [name, content] of [
      ['public.der', PublicKey],
      ['signature', Signature],
      ['message', secret],
    ] as const) {
      writeFileSync(join(folder, name), bytes(content));
    }
    const said = execFileSync(
      'openssl',
      ['dgst', '-sha256', '-verify', 'public.der', '-keyform', 'DER', '-signature', 'signature', 'message'],
      { cwd: folder },
    );
    expect(said.toString()).toContain('Verified OK');
    const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
    const key = await webcrypto.subtle.importKey('spki', bytes(PublicKey), algorithm, false, ['verify']);
    expect(await webcrypto.subtle.verify(algorithm, key, bytes(Signature), secret)).toBe(true);
    expect(await webcrypto.subtle.verify(algorithm, key, bytes(Signature), Buffer.from('other'))).toBe(false);
    const verified = await kms.send(new K.VerifyCommand({ KeyId, Message: secret, SigningAlgorithm, Signature }));
    expect(verified.SignatureValid).toBe(true);
  });

  test('GenerateMac and VerifyMac', async () => {
    const { KeyId } = await makeKey(kms, { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' });
    const MacAlgorithm = 'HMAC_SHA_256' as const;
    const { Mac } = await kms.send(new K.GenerateMacCommand({ KeyId, Message: secret, MacAlgorithm }));
    expect((await kms.send(new K.VerifyMacCommand({ KeyId, Message: secret, MacAlgorithm, Mac }))).MacValid).toBe(true);
    const other = kms.send(new K.VerifyMacCommand({ KeyId, Message: Buffer.from('x'), MacAlgorithm, Mac }));
    expect(await refusal(other)).toBe('KMSInvalidMacException');
  });
});

describe('M-211 keys are random', () => {
  test('a hundred kilobytes of GenerateRandom look like chance: ones, runs, bytes (as NIST SP 800-22 counts them)', async () => {
    const parts = await Promise.all(
      Array.from({ length: 100 }, () => kms.send(new K.GenerateRandomCommand({ NumberOfBytes: 1024 }))),
    );
    const all = Buffer.concat(parts.map(({ Plaintext }) => bytes(Plaintext)));
    const bits = Array.from(all).flatMap((byte) => [7, 6, 5, 4, 3, 2, 1, 0].map((at) => (byte >> at) & 1));
    const ones = bits.reduce((sum, bit) => sum + bit, 0);
    // Five standard deviations: chance alone fails once in a million runs.
    expect(Math.abs(2 * ones - bits.length) / Math.sqrt(bits.length)).toBeLessThan(5);
    const share = ones / bits.length;
    const runs = bits.reduce((count, bit, at) => count + (at > 0 && bit !== bits[at - 1] ? 1 : 0), 1);
    const expected = 2 * bits.length * share * (1 - share);
    expect(Math.abs(runs - expected) / (2 * Math.sqrt(2 * bits.length) * share * (1 - share))).toBeLessThan(5);
    const counts = new Array<number>(256).fill(0);
    for (const byte of all) counts[byte] = (counts[byte] as number) + 1;
    const mean = all.length / 256;
    const chiSquare = counts.reduce((sum, count) => sum + (count - mean) ** 2 / mean, 0);
    expect(Math.abs(chiSquare - 255) / Math.sqrt(2 * 255)).toBeLessThan(5);
    expect(new Set(parts.map(({ Plaintext }) => bytes(Plaintext).toString('hex'))).size).toBe(100);
  });

  test('no two keys, data keys, ciphertexts or identifiers are the same', async () => {
    const keys = await Promise.all(Array.from({ length: 40 }, () => makeKey(kms)));
    expect(new Set(keys.map(({ KeyId }) => KeyId)).size).toBe(40);
    const [{ KeyId }] = keys as [(typeof keys)[0]];
    const made = await Promise.all(
      Array.from({ length: 200 }, () => kms.send(new K.GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256' }))),
    );
    expect(new Set(made.map(({ Plaintext }) => bytes(Plaintext).toString('hex'))).size).toBe(200);
    const blobs = await Promise.all(Array.from({ length: 200 }, () => encrypt(KeyId)));
    // The nonce and the initialization vector stand before the ciphertext and its tag.
    const nonces = blobs.map((blob) => bytes(blob).subarray(-(16 + secret.length + 28), -(16 + secret.length)));
    expect(new Set(nonces.map((nonce) => nonce.toString('hex'))).size).toBe(200);
  });
});

test('M-212 a key is made, named, tagged, rotated, described, scheduled for deletion and saved from it', async () => {
  const key = await makeKey(kms, { Description: 'till', Tags: [{ TagKey: 'team', TagValue: 'till' }] });
  const { KeyId } = key;
  await kms.send(new K.CreateAliasCommand({ AliasName: 'alias/till', TargetKeyId: KeyId }));
  const blob = await encrypt('alias/till');
  await kms.send(new K.EnableKeyRotationCommand({ KeyId, RotationPeriodInDays: 90 }));
  await instance.advance(91 * 86_400);
  await expect
    .poll(async () => (await kms.send(new K.ListKeyRotationsCommand({ KeyId }))).Rotations?.length, { timeout: 20_000 })
    .toBe(1);
  await kms.send(new K.RotateKeyOnDemandCommand({ KeyId }));
  const { Rotations } = await kms.send(new K.ListKeyRotationsCommand({ KeyId }));
  expect(Rotations?.map(({ RotationType }) => RotationType)).toEqual(['AUTOMATIC', 'ON_DEMAND']);
  expect(await decrypt(blob)).toEqual(secret);
  await kms.send(new K.TagResourceCommand({ KeyId, Tags: [{ TagKey: 'team', TagValue: 'bar' }] }));
  expect((await kms.send(new K.ListResourceTagsCommand({ KeyId }))).Tags).toEqual([
    { TagKey: 'team', TagValue: 'bar' },
  ]);
  const schedule = (PendingWindowInDays: number) =>
    kms.send(new K.ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays }));
  for (const days of [0, 6, 31, 365]) expect(await refusal(schedule(days))).toContain('ValidationException');
  for (const days of [7, 30]) {
    expect(await schedule(days)).toMatchObject({ KeyState: 'PendingDeletion', PendingWindowInDays: days });
    await kms.send(new K.CancelKeyDeletionCommand({ KeyId }));
  }
  const { KeyMetadata } = await kms.send(new K.DescribeKeyCommand({ KeyId: 'alias/till' }));
  expect(KeyMetadata).toMatchObject({ KeyId, KeyState: 'Disabled', Description: 'till' });
  await kms.send(new K.EnableKeyCommand({ KeyId }));
  expect(await decrypt(blob)).toEqual(secret);
});

describe('M-214 access to each key by itself', () => {
  test('by its policy, by a grant, by IAM where the policy says so', async () => {
    const { arn, keys } = await user('clerk', []);
    const clerk = kmsClient(instance, keys);
    const owner = {
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${accountId}:root` },
      Action: 'kms:*',
      Resource: '*',
    };
    const own = { Effect: 'Allow', Principal: { AWS: arn }, Action: 'kms:Encrypt', Resource: '*' };
    const byPolicy = await makeKey(kms, { Policy: JSON.stringify({ Version: '2012-10-17', Statement: [owner, own] }) });
    const byGrant = await makeKey(kms);
    const closed = await makeKey(kms);
    await encrypt(byPolicy.KeyId, clerk);
    const granted = await kms.send(
      new K.CreateGrantCommand({ KeyId: byGrant.KeyId, GranteePrincipal: arn, Operations: ['Encrypt'] }),
    );
    await encrypt(byGrant.KeyId, clerk);
    expect(await refusal(encrypt(closed.KeyId, clerk))).toContain('AccessDeniedException');
    await kms.send(new K.RevokeGrantCommand({ KeyId: byGrant.KeyId, GrantId: granted.GrantId }));
    expect(await refusal(encrypt(byGrant.KeyId, clerk))).toContain('AccessDeniedException');
    // IAM counts only where the key policy hands the account the key.
    const { keys: others } = await user('auditor', [allow('kms:*')]);
    const auditor = kmsClient(instance, others);
    await encrypt(closed.KeyId, auditor);
    const strict = JSON.stringify({ Version: '2012-10-17', Statement: [{ ...owner, Principal: { AWS: arn } }] });
    await kms.send(
      new K.PutKeyPolicyCommand({ KeyId: closed.KeyId, Policy: strict, BypassPolicyLockoutSafetyCheck: true }),
    );
    expect(await refusal(encrypt(closed.KeyId, auditor))).toContain('AccessDeniedException');
    expect(await refusal(encrypt(closed.KeyId, root))).toContain('AccessDeniedException');
  });

  test('through S3 only (kms:ViaService), and nobody claims to be S3', async () => {
    const key = await makeKey(kms);
    const via = { StringEquals: { 'kms:ViaService': 's3.us-east-1.amazonaws.com' } };
    const { keys } = await user('uploader', [allow('s3:*'), allow('kms:*', { Condition: via })]);
    const uploads = new S3Client(instance.clientOptions(keys));
    const direct = kmsClient(instance, keys);
    await uploads.send(
      new PutObjectCommand({ Bucket, Key: 'via', Body: secret, ServerSideEncryption: 'aws:kms', SSEKMSKeyId: key.Arn }),
    );
    expect(await textOf(uploads, { Bucket, Key: 'via' })).toBe(secret.toString());
    expect(await refusal(encrypt(key.KeyId, direct))).toContain('AccessDeniedException');
    for (const [name, value] of [
      ['x-amz-via', 's3.us-east-1.amazonaws.com'],
      ['user-agent', 's3.amazonaws.com'],
      ['x-amz-source-account', accountId],
      ['x-amzn-invoked-by', 's3.amazonaws.com'],
      ['referer', 's3.us-east-1.amazonaws.com'],
    ] as const) {
      const disguised = kmsClient(instance, keys);
      disguised.middlewareStack.add(
        (next) => (args) => {
          (args.request as { headers: Record<string, string> }).headers[name] = value;
          return next(args);
        },
        { step: 'build', name: 'disguise' },
      );
      expect(await refusal(encrypt(key.KeyId, disguised)), name).toContain('AccessDeniedException');
    }
  });

  test('by the encryption context', async () => {
    const key = await makeKey(kms);
    const department = { StringEquals: { 'kms:EncryptionContext:department': 'roastery' } };
    const { keys } = await user('roaster', [allow('kms:Decrypt', { Condition: department })]);
    const roaster = kmsClient(instance, keys);
    const of = (EncryptionContext: Record<string, string>) => encrypt(key.KeyId, kms, { EncryptionContext });
    const own = { department: 'roastery' };
    const payroll = { department: 'payroll' };
    expect(await decrypt(await of(own), roaster, { EncryptionContext: own })).toEqual(secret);
    expect(await refusal(decrypt(await of(payroll), roaster, { EncryptionContext: payroll }))).toContain(
      'AccessDenied',
    );
    // What the policy would allow is not what the ciphertext was made with.
    expect(await refusal(decrypt(await of(payroll), roaster, { EncryptionContext: own }))).toBe(
      'InvalidCiphertextException',
    );
  });
});

test('M-215 who manages a key does not use it, who uses it does not manage it', async () => {
  const manager = await user('key-manager', []);
  const worker = await user('key-worker', []);
  const Statement = [
    {
      Sid: 'Manage',
      Effect: 'Allow',
      Principal: { AWS: manager.arn },
      Action: [
        'kms:Create*',
        'kms:Describe*',
        'kms:Enable*',
        'kms:List*',
        'kms:Put*',
        'kms:Update*',
        'kms:Disable*',
        'kms:Get*',
        'kms:ScheduleKeyDeletion',
        'kms:CancelKeyDeletion',
      ],
      Resource: '*',
    },
    {
      Sid: 'Use',
      Effect: 'Allow',
      Principal: { AWS: worker.arn },
      Action: ['kms:Encrypt', 'kms:Decrypt'],
      Resource: '*',
    },
  ];
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
  const { KeyId } = await makeKey(kms, { Policy, BypassPolicyLockoutSafetyCheck: true });
  const [manages, uses] = [kmsClient(instance, manager.keys), kmsClient(instance, worker.keys)];
  const blob = await encrypt(KeyId, uses);
  expect(await decrypt(blob, uses)).toEqual(secret);
  await manages.send(new K.UpdateKeyDescriptionCommand({ KeyId, Description: 'managed' }));
  await manages.send(new K.PutKeyPolicyCommand({ KeyId, Policy }));
  for (const said of await Promise.all([encrypt(KeyId, manages), decrypt(blob, manages)].map(refusal))) {
    expect(said).toContain('AccessDeniedException');
  }
  for (const said of await Promise.all(
    [
      uses.send(new K.PutKeyPolicyCommand({ KeyId, Policy })),
      uses.send(new K.DisableKeyCommand({ KeyId })),
      uses.send(new K.ScheduleKeyDeletionCommand({ KeyId })),
      uses.send(new K.CreateGrantCommand({ KeyId, GranteePrincipal: worker.arn, Operations: ['Decrypt'] })),
      uses.send(new K.GetKeyPolicyCommand({ KeyId })),
    ].map(refusal),
  )) {
    expect(said).toContain('AccessDeniedException');
  }
});

test('M-216 a key that is disabled is used by nobody, the root user included, until it is enabled', async () => {
  const key = await makeKey(kms);
  const { KeyId, Arn } = key;
  const blob = await encrypt(KeyId);
  const { arn, keys } = await user('holder-of-a-grant', []);
  await kms.send(new K.CreateGrantCommand({ KeyId, GranteePrincipal: arn, Operations: ['Encrypt', 'Decrypt'] }));
  await kms.send(new K.DisableKeyCommand({ KeyId }));
  const other = await makeKey(kms);
  const off = `DisabledException: ${Arn} is disabled.`;
  for (const by of [kms, root, kmsClient(instance, keys)]) {
    expect(await refusal(encrypt(Arn, by))).toBe(off);
    expect(await refusal(decrypt(blob, by))).toBe(off);
  }
  for (const said of await Promise.all(
    [
      root.send(new K.GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256' })),
      root.send(new K.ReEncryptCommand({ CiphertextBlob: blob, DestinationKeyId: other.KeyId })),
      root.send(new K.CreateGrantCommand({ KeyId, GranteePrincipal: arn, Operations: ['Encrypt'] })),
    ].map(refusal),
  )) {
    expect(said).toBe(off);
  }
  await kms.send(new K.EnableKeyCommand({ KeyId }));
  expect(await decrypt(blob, root)).toEqual(secret);
});

describe('M-218 whose key it is decides, and sees every use', () => {
  test('whoever runs the machine has no door around the key policy', async () => {
    const { arn, keys } = await user('customer', []);
    const mine = { Effect: 'Allow', Principal: { AWS: arn }, Action: 'kms:*', Resource: '*' };
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [mine] });
    const { Arn } = await makeKey(kms, { Policy, BypassPolicyLockoutSafetyCheck: true });
    const customer = kmsClient(instance, keys);
    const blob = await encrypt(Arn, customer);
    expect(await decrypt(blob, customer)).toEqual(secret);
    for (const others of [adminKeys, rootKeys, otherAdminKeys]) {
      const by = kmsClient(instance, others);
      expect(await refusal(decrypt(blob, by))).toContain('AccessDeniedException');
      expect(await refusal(by.send(new K.PutKeyPolicyCommand({ KeyId: Arn, Policy })))).toContain('AccessDenied');
    }
    // The operator's socket knows commands, and none of them uses a key.
    const commands = ['/status', '/encryption', '/ca', '/accounts', '/decrypt', '/keys', '/kms', '/vault', '/'];
    const answers = await Promise.all(
      commands.map((path) => operator(path, { KeyId: Arn, CiphertextBlob: bytes(blob).toString('base64') })),
    );
    const told = answers.join('\n');
    for (const form of [secret.toString(), secret.toString('base64'), secret.toString('hex')]) {
      expect(told).not.toContain(form);
    }
    expect(told).toContain(Arn);
  });

  test('every use is on the owner’s record: by whom, of which key, with which context, and the refused ones too', async () => {
    const trail = new CloudTrailClient(instance.clientOptions());
    const { Arn } = await makeKey(kms);
    const EncryptionContext = { purpose: 'record' };
    const blob = await encrypt(Arn, kms, { EncryptionContext });
    await decrypt(blob, kms, { EncryptionContext });
    await refusal(decrypt(blob, kms, { EncryptionContext: { purpose: 'guess' } }));
    await put('M-218', Arn);
    const { keys } = await user('snoop', []);
    await refusal(decrypt(blob, kmsClient(instance, keys), { EncryptionContext }));
    const uses = (await recordsOf(trail, 'Decrypt')) as readonly Record<string, unknown>[];
    const [snoop, guess, use] = uses as readonly Record<string, never>[];
    expect(use).toMatchObject({
      eventSource: 'kms.amazonaws.com',
      userIdentity: { arn: `arn:aws:iam::${accountId}:user/admin` },
      requestParameters: { encryptionContext: EncryptionContext },
      resources: [{ ARN: Arn, type: 'AWS::KMS::Key', accountId }],
    });
    expect(guess).toMatchObject({ errorCode: 'InvalidCiphertextException' });
    expect(snoop).toMatchObject({
      errorCode: expect.stringMatching(/^AccessDenied/),
      userIdentity: { userName: 'snoop' },
    });
    const [byS3] = await recordsOf(trail, 'GenerateDataKey');
    expect(byS3).toMatchObject({ userIdentity: { invokedBy: 's3.amazonaws.com' }, resources: [{ ARN: Arn }] });
    expect(JSON.stringify(uses)).not.toContain(secret.toString('base64'));
  });
});

/** A question to the operator's socket; what it answers, as text. */
function operator(path: string, body: object): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        socketPath: join(instance.dataDir, 'operator.sock'),
        path,
        method: 'POST',
        headers: { 'content-type': 'application/json' },
      },
      (answer) => {
        let text = '';
        answer.on('data', (part) => {
          text += part;
        });
        answer.on('end', () => resolve(text));
      },
    );
    asked.on('error', reject);
    asked.end(JSON.stringify(body));
  });
}

test('M-219 every layer of an installation as it comes is encrypted', async () => {
  const dataDir = join(folder, 'default');
  const running = await up(['--data', dataDir]);
  try {
    const ini = readFileSync(running.credentialsFile, 'utf8');
    const of = (name: string) => new RegExp(`${name}\\s*=\\s*(\\S+)`).exec(ini)?.[1] as string;
    const options = {
      endpoint: running.endpoint,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: { accessKeyId: of('aws_access_key_id'), secretAccessKey: of('aws_secret_access_key') },
    };
    const own = new S3Client(options);
    await own.send(new CreateBucketCommand({ Bucket: 'first' }));
    await own.send(new PutObjectCommand({ Bucket: 'first', Key: 'small', Body: secret }));
    await own.send(new PutObjectCommand({ Bucket: 'first', Key: 'large', Body: randomBytes(300_000) }));
    expect((await own.send(new HeadObjectCommand({ Bucket: 'first', Key: 'small' }))).ServerSideEncryption).toBe(
      'AES256',
    );
    expect((await own.send(new GetObjectCommand({ Bucket: 'first', Key: 'small' }))).ServerSideEncryption).toBe(
      'AES256',
    );
    await makeKey(new K.KMSClient(options));
    const { code, output } = await bailey(['status', '--encryption', '--json', '--data', dataDir]);
    expect(code).toBe(0);
    const layers = JSON.parse(output) as { layer: string; isSealed: boolean }[];
    const names = layers.map(({ layer }) => layer);
    for (const name of [
      'table iam.user',
      'table s3.object',
      'table kms.key',
      'objects in the database',
      'objects in files',
    ]) {
      expect(names).toContain(name);
    }
    expect(names.some((name) => name.startsWith('stream '))).toBe(true);
    expect(layers.filter(({ isSealed }) => !isSealed)).toEqual([]);
  } finally {
    await running.end('SIGTERM');
  }
}, 60_000);
