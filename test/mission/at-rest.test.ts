/** Encryption at rest, as an owner would try it: look at the disk, take the key away, ask the record who used it. */
import { constants, createPublicKey, publicEncrypt, randomBytes } from 'node:crypto';
import { cpSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildClient, CommitmentPolicy, KmsKeyringNode } from '@aws-crypto/client-node';
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import {
  DisableKeyCommand,
  EnableKeyCommand,
  EncryptCommand,
  GetParametersForImportCommand,
  ImportKeyMaterialCommand,
  KMS,
  KMSClient,
} from '@aws-sdk/client-kms';
import {
  CreateBucketCommand,
  GetObjectCommand,
  PutBucketEncryptionCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { recordsOf, refused, textOf } from '../support/encrypted-objects.ts';
import { accountId, nobodyKeys, startInstance, type TestInstance } from '../support/instance.ts';
import { bytes, type MadeKey, makeKey } from '../support/kms.ts';
import { bailey } from '../support/process.ts';

let instance: TestInstance;
let s3: S3Client;
let nobody: S3Client;
let kms: KMSClient;
let key: MadeKey;
const Bucket = 'strongroom';
const secret = 'the recipe of the house blend: Huehuetenango 60';
const large = Buffer.concat([Buffer.from(secret), randomBytes(300_000)]);

beforeAll(async () => {
  instance = await startInstance();
  s3 = new S3Client(instance.clientOptions());
  nobody = new S3Client(instance.clientOptions(nobodyKeys));
  kms = new KMSClient(instance.clientOptions());
  key = await makeKey(kms);
  await s3.send(new CreateBucketCommand({ Bucket }));
  const by = { ServerSideEncryption: 'aws:kms' as const, SSEKMSKeyId: key.Arn };
  await s3.send(new PutObjectCommand({ Bucket, Key: 'plain', Body: secret }));
  await s3.send(new PutObjectCommand({ Bucket, Key: 'large', Body: large }));
  await s3.send(new PutObjectCommand({ Bucket, Key: 'kms', Body: secret, ...by }));
  await s3.send(new PutObjectCommand({ Bucket, Key: 'kms-large', Body: large, ...by }));
  await s3.send(new PutObjectCommand({ Bucket, Key: 'tagged', Body: 'x', Metadata: { note: secret }, ...by }));
  const iam = new IAMClient(instance.clientOptions());
  const PolicyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: { Sid: 'HouseBlendReaders', Effect: 'Allow', Action: 's3:*', Resource: '*' },
  });
  await iam.send(new PutUserPolicyCommand({ UserName: 'nobody', PolicyName: 'p', PolicyDocument }));
  await iam.send(new CreateUserCommand({ UserName: 'roaster', Tags: [{ Key: 'note', Value: secret }] }));
});

afterAll(() => instance.stop());

/** Every file of the data folder, as a thief would copy it. The first credentials are the operator's own and lie open. */
function stolen(): { readonly path: string; readonly content: Buffer }[] {
  const copy = join(tmpdir(), `bailey-stolen-${randomBytes(6).toString('hex')}`);
  cpSync(instance.dataDir, copy, { recursive: true, filter: (path) => !path.endsWith('.sock') });
  try {
    return readdirSync(copy, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => ({ path: entry.name, content: readFileSync(join(entry.parentPath, entry.name)) }));
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

const forms = (bare: Buffer): (string | Buffer)[] => [
  bare,
  bare.toString('hex'),
  ...[0, 1, 2].map((shift) => bare.subarray(shift, shift + 24).toString('base64')),
];

describe('M-018 M-204 with the door left open, only unreadable content is seen', () => {
  test('no plaintext in any file: objects of every kind, metadata, policies, tags, records', () => {
    const files = stolen();
    // The search finds what does lie in the clear: the names by which rows are found.
    expect(files.some(({ content }) => content.includes(Bucket))).toBe(true);
    expect(files.reduce((sum, { content }) => sum + content.length, 0)).toBeGreaterThan(2 * large.length);
    for (const { path, content } of files) {
      for (const form of forms(Buffer.from(secret))) expect(content.includes(form), path).toBe(false);
      expect(content.includes('HouseBlendReaders'), path).toBe(false);
    }
  });

  test('M-205 and by the front door: who may read objects but not use the key gets no byte', async () => {
    expect(await textOf(nobody, { Bucket, Key: 'plain' })).toBe(secret);
    for (const Key of ['kms', 'kms-large']) {
      const answer = await refused(textOf(nobody, { Bucket, Key }));
      expect(answer).toMatchObject({ name: 'AccessDenied', status: 403 });
      expect(answer.message).toContain(`kms:Decrypt on resource: ${key.Arn}`);
    }
    expect(await textOf(s3, { Bucket, Key: 'kms' })).toBe(secret);
  });
});

describe('M-207 everything stored is encrypted by default, under keys that are shown', () => {
  test('`bailey status --encryption` names every table, stream and object store, and each is sealed', async () => {
    const { code, output } = await bailey(['status', '--encryption', '--json', '--data', instance.dataDir]);
    const layers = JSON.parse(output) as { layer: string; count: number; isSealed: boolean; key: string }[];
    expect(code).toBe(0);
    const names = layers.map(({ layer }) => layer);
    for (const name of [
      'table iam.user',
      'table iam.access-key',
      'table kms.key',
      'table s3.object',
      'table s3.bucket',
    ]) {
      expect(names).toContain(name);
    }
    expect(names).toContain('objects in the database');
    expect(names).toContain('objects in files');
    expect(names).toContain(`KMS key ${key.Arn} (Enabled)`);
    expect(names.some((name) => name.startsWith('stream '))).toBe(true);
    expect(layers.filter(({ isSealed }) => !isSealed)).toEqual([]);
    for (const { key: by } of layers) expect(by).toMatch(/root\.key|vault/);
  });

  test('the record shows who used the key on whose behalf, and a disabled key ends all reading at once', async () => {
    const trail = new CloudTrailClient(instance.clientOptions());
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
    await s3.send(new PutObjectCommand({ Bucket, Key: 'by-default', Body: secret }));
    expect(await textOf(s3, { Bucket, Key: 'by-default' })).toBe(secret);
    const [made] = await recordsOf(trail, 'GenerateDataKey');
    expect(made).toMatchObject({
      eventSource: 'kms.amazonaws.com',
      userIdentity: { arn: `arn:aws:iam::${accountId}:user/admin`, invokedBy: 's3.amazonaws.com' },
      requestParameters: { encryptionContext: { 'aws:s3:arn': `arn:aws:s3:::${Bucket}` } },
    });
    await kms.send(new DisableKeyCommand({ KeyId: key.KeyId }));
    for (const Key of ['kms', 'kms-large', 'by-default']) {
      expect(await refused(textOf(s3, { Bucket, Key }))).toMatchObject({ name: 'KMS.DisabledException' });
    }
    await kms.send(new EnableKeyCommand({ KeyId: key.KeyId }));
    expect(await textOf(s3, { Bucket, Key: 'by-default' })).toBe(secret);
  });
});

test('M-213 one key for a service and for an application: an envelope of the Encryption SDK, kept in a bucket', async () => {
  const { encrypt, decrypt } = buildClient(CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT);
  const keyring = new KmsKeyringNode({
    generatorKeyId: key.Arn,
    clientProvider: () => new KMS(instance.clientOptions()) as never,
  });
  const encryptionContext = { shop: 'coffee' };
  const { result } = await encrypt(keyring, secret, { encryptionContext });
  expect(result.includes(secret)).toBe(false);
  const by = { ServerSideEncryption: 'aws:kms' as const, SSEKMSKeyId: key.Arn };
  await s3.send(new PutObjectCommand({ Bucket, Key: 'envelope', Body: result, ...by }));
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: 'envelope' }));
  const kept = Buffer.from((await Body?.transformToByteArray()) ?? []);
  const { plaintext, messageHeader } = await decrypt(keyring, kept);
  expect(plaintext.toString()).toBe(secret);
  expect(messageHeader.encryptionContext).toMatchObject(encryptionContext);
  await kms.send(new DisableKeyCommand({ KeyId: key.KeyId }));
  await expect(decrypt(keyring, kept)).rejects.toThrow();
  expect(await refused(textOf(s3, { Bucket, Key: 'envelope' }))).toMatchObject({ name: 'KMS.DisabledException' });
  await kms.send(new EnableKeyCommand({ KeyId: key.KeyId }));
});

test('M-217 imported material is in no file, although the key works', async () => {
  const material = randomBytes(32);
  const own = await makeKey(kms, { Origin: 'EXTERNAL' });
  const parameters = await kms.send(
    new GetParametersForImportCommand({
      KeyId: own.KeyId,
      WrappingAlgorithm: 'RSAES_OAEP_SHA_256',
      WrappingKeySpec: 'RSA_2048',
    }),
  );
  const wrapped = publicEncrypt(
    {
      key: createPublicKey({ key: bytes(parameters.PublicKey), format: 'der', type: 'spki' }),
      padding: constants.RSA_PKCS1_OAEP_PADDING,
      oaepHash: 'sha256',
    },
    material,
  );
  await kms.send(
    new ImportKeyMaterialCommand({
      KeyId: own.KeyId,
      ImportToken: parameters.ImportToken,
      EncryptedKeyMaterial: wrapped,
      ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE',
    }),
  );
  await kms.send(new EncryptCommand({ KeyId: own.KeyId, Plaintext: Buffer.from('x') }));
  await s3.send(
    new PutObjectCommand({ Bucket, Key: 'imported', Body: 'x', ServerSideEncryption: 'aws:kms', SSEKMSKeyId: own.Arn }),
  );
  for (const { path, content } of stolen()) {
    for (const form of forms(material)) expect(content.includes(form), path).toBe(false);
  }
});
