/** SSE-KMS and DSSE-KMS over HTTP: keys are used in the caller's name, so their state and policy decide each read and write. */
import { createHmac, randomBytes } from 'node:crypto';
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import {
  CreateAliasCommand,
  CreateGrantCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EncryptCommand,
  GetKeyPolicyCommand,
  GetKeyRotationStatusCommand,
  type KMSClient,
  ListAliasesCommand,
  PutKeyPolicyCommand,
  RevokeGrantCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketEncryptionCommand,
  GetBucketEncryptionCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListPartsCommand,
  PutBucketEncryptionCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  S3Client,
  type ServerSideEncryptionByDefault,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { recordsOf, refused, textOf } from '../support/encrypted-objects.ts';
import {
  accountId,
  adminKeys,
  nobodyKeys,
  otherAccountId,
  otherAdminKeys,
  startInstance,
  type TestInstance,
} from '../support/instance.ts';
import { kmsClient, type MadeKey, makeKey } from '../support/kms.ts';

let instance: TestInstance;
let s3: S3Client;
let nobody: S3Client;
let other: S3Client;
let kms: KMSClient;
let iam: IAMClient;
let trail: CloudTrailClient;
let key: MadeKey;
const Bucket = 'sealed';

beforeAll(async () => {
  instance = await startInstance();
  s3 = new S3Client(instance.clientOptions());
  nobody = new S3Client(instance.clientOptions(nobodyKeys));
  other = new S3Client(instance.clientOptions(otherAdminKeys));
  kms = kmsClient(instance);
  iam = new IAMClient(instance.clientOptions());
  trail = new CloudTrailClient(instance.clientOptions());
  key = await makeKey(kms);
  await s3.send(new CreateBucketCommand({ Bucket }));
});

afterAll(() => instance.stop());

const put = (Key: string, more: Partial<PutObjectCommandInput> = {}, client = s3) =>
  client.send(
    new PutObjectCommand({
      Bucket,
      Key,
      Body: `body of ${Key}`,
      ServerSideEncryption: 'aws:kms',
      SSEKMSKeyId: key.Arn,
      ...more,
    }),
  );
const get = (Key: string, client = s3) => textOf(client, { Bucket, Key });
const allowNobody = (statements: readonly object[]) =>
  iam.send(
    new PutUserPolicyCommand({
      UserName: 'nobody',
      PolicyName: 'p',
      PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: statements }),
    }),
  );
const allow = (Action: string | string[], more: object = {}) => ({ Effect: 'Allow', Action, Resource: '*', ...more });
const sealedBy = { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: expect.stringContaining('arn:aws:kms:') };

describe('SSE-KMS', () => {
  test('answers name the method and the key by its ARN, and the entity tag is no MD5', async () => {
    await kms.send(new CreateAliasCommand({ AliasName: 'alias/objects', TargetKeyId: key.KeyId }));
    for (const SSEKMSKeyId of [key.Arn, key.KeyId, 'alias/objects', key.Arn.replace(/key\/.*/, 'alias/objects')]) {
      const answer = await put('named', { SSEKMSKeyId });
      expect(answer).toMatchObject({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: key.Arn });
      expect(answer.BucketKeyEnabled).toBeUndefined();
    }
    const plain = await put('plain', { ServerSideEncryption: 'AES256', SSEKMSKeyId: undefined, Body: 'body of named' });
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key: 'named' }));
    expect(head).toMatchObject({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: key.Arn, ContentLength: 13 });
    expect(head.ETag).toMatch(/^"[0-9a-f]{32}"$/);
    expect(head.ETag).not.toBe(plain.ETag);
    const read = await s3.send(new GetObjectCommand({ Bucket, Key: 'named' }));
    expect(read).toMatchObject({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: key.Arn });
    expect(await read.Body?.transformToString()).toBe('body of named');
  });

  test.each([0, 1, 65_535, 65_536, 65_537, 131_072, 300_000])('%i bytes, whole and in ranges', async (size) => {
    const body = randomBytes(size);
    for (const ServerSideEncryption of ['aws:kms', 'aws:kms:dsse'] as const) {
      await put('sized', { Body: body, ServerSideEncryption });
      const bytes = async (Range?: string) => {
        const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: 'sized', Range }));
        return Buffer.from((await Body?.transformToByteArray()) ?? []);
      };
      expect((await bytes()).equals(body)).toBe(true);
      if (size === 0) continue;
      for (const [first, last] of [
        [0, 0],
        [size - 1, size - 1],
        [Math.max(0, size - 70_000), size - 1],
        [Math.min(65_535, size - 1), Math.min(65_537, size - 1)],
      ] as const) {
        expect((await bytes(`bytes=${first}-${last}`)).equals(body.subarray(first, last + 1))).toBe(true);
      }
    }
  });

  test('the encryption context is the object, and what the writer adds; the calls are on record', async () => {
    const added = { team: 'bar', é: 'ü' };
    const SSEKMSEncryptionContext = Buffer.from(JSON.stringify(added)).toString('base64');
    expect(await put('context', { SSEKMSEncryptionContext })).toMatchObject({ SSEKMSEncryptionContext });
    expect(await get('context')).toBe('body of context');
    const arn = `arn:aws:s3:::${Bucket}/context`;
    for (const name of ['GenerateDataKey', 'Decrypt']) {
      const [record] = await recordsOf(trail, name);
      expect(record).toMatchObject({
        eventSource: 'kms.amazonaws.com',
        sourceIPAddress: 's3.amazonaws.com',
        userIdentity: { userName: 'admin', invokedBy: 's3.amazonaws.com' },
        requestParameters: { encryptionContext: { 'aws:s3:arn': arn, ...added } },
        resources: [{ ARN: key.Arn, type: 'AWS::KMS::Key', accountId }],
      });
      expect(JSON.stringify(record)).not.toContain('laintext');
    }
    for (const broken of [
      'e',
      ...['[1]', '{"a":1}', '{"a":"\\ud800"}', '{"\\udc00":"a"}'].map((json) => Buffer.from(json).toString('base64')),
    ]) {
      expect(await refused(put('x', { SSEKMSEncryptionContext: broken }))).toMatchObject({
        name: 'InvalidArgument',
        message: expect.stringContaining('string-string map'),
      });
    }
  });

  test('nobody uses a key that is kept for another bucket by naming that bucket in the context', async () => {
    const theirs = 'arn:aws:s3:::payroll/salaries';
    const only = { Condition: { StringEquals: { 'kms:EncryptionContext:aws:s3:arn': theirs } } };
    await allowNobody([allow('s3:*'), { ...allow('kms:*'), ...only }]);
    const SSEKMSEncryptionContext = Buffer.from(JSON.stringify({ 'aws:s3:arn': theirs })).toString('base64');
    const forged = { Bucket, Key: 'forged', Body: 'x', ServerSideEncryption: 'aws:kms' as const, SSEKMSKeyId: key.Arn };
    const call = nobody.send(new PutObjectCommand({ ...forged, SSEKMSEncryptionContext }));
    expect(await refused(call)).toMatchObject({ name: 'AccessDenied', message: expect.stringContaining('kms:') });
    // Who may use the key writes what they want, bound to where it is.
    await put('forged', { SSEKMSEncryptionContext });
    expect(await get('forged')).toBe('body of forged');
    const [record] = await recordsOf(trail, 'Decrypt');
    expect(record).toMatchObject({
      requestParameters: { encryptionContext: { 'aws:s3:arn': `arn:aws:s3:::${Bucket}/forged` } },
    });
  });

  test('each caller needs the key: kms:GenerateDataKey to write, kms:Decrypt to read, through S3 or not at all', async () => {
    await put('guarded');
    await allowNobody([allow('s3:*')]);
    const arn = key.Arn;
    const user = `arn:aws:iam::${accountId}:user/nobody`;
    expect(await refused(get('guarded', nobody))).toEqual({
      name: 'AccessDenied',
      status: 403,
      message: `User: ${user} is not authorized to perform: kms:Decrypt on resource: ${arn} because no identity-based policy allows the kms:Decrypt action`,
    });
    expect(await refused(put('mine', {}, nobody))).toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining(`perform: kms:GenerateDataKey on resource: ${arn}`),
    });
    // A HEAD tells nothing of the bytes, unless it is asked for their checksum.
    const head = (more: object = {}) => nobody.send(new HeadObjectCommand({ Bucket, Key: 'guarded', ...more }));
    expect(await head()).toMatchObject(sealedBy);
    expect(await refused(head({ ChecksumMode: 'ENABLED' }))).toMatchObject({ status: 403 });
    const attributes = (ObjectAttributes: ('ObjectSize' | 'ObjectParts' | 'Checksum')[]) =>
      nobody.send(new GetObjectAttributesCommand({ Bucket, Key: 'guarded', ObjectAttributes }));
    expect((await attributes(['ObjectSize'])).ObjectSize).toBe(15);
    expect(await refused(attributes(['Checksum']))).toMatchObject({ name: 'AccessDenied' });
    expect(await refused(attributes(['ObjectParts']))).toMatchObject({ name: 'AccessDenied' });

    const viaS3 = { Condition: { StringEquals: { 'kms:ViaService': 's3.us-east-1.amazonaws.com' } } };
    await allowNobody([allow('s3:*'), allow('kms:Decrypt', viaS3)]);
    expect(await get('guarded', nobody)).toBe('body of guarded');
    expect(await refused(put('mine', {}, nobody))).toMatchObject({ name: 'AccessDenied' });
    const only = { Condition: { StringEquals: { 'kms:EncryptionContext:aws:s3:arn': `arn:aws:s3:::${Bucket}/mine` } } };
    await allowNobody([allow('s3:*'), allow(['kms:GenerateDataKey', 'kms:Decrypt'], only)]);
    await put('mine', {}, nobody);
    expect(await get('mine', nobody)).toBe('body of mine');
    expect(await refused(get('guarded', nobody))).toMatchObject({ name: 'AccessDenied' });
    const direct = kmsClient(instance, nobodyKeys);
    await allowNobody([allow('s3:*'), allow('kms:*', viaS3)]);
    expect(
      await refused(direct.send(new EncryptCommand({ KeyId: key.KeyId, Plaintext: Buffer.from('x') }))),
    ).toMatchObject({ name: 'AccessDeniedException' });
  });

  test('a key policy that denies wins; a grant allows without any policy', async () => {
    const own = await makeKey(kms);
    const kept = (await kms.send(new GetKeyPolicyCommand({ KeyId: own.KeyId }))).Policy ?? '';
    await put('denied', { SSEKMSKeyId: own.Arn });
    const policy = JSON.parse(kept);
    policy.Statement.push({ Effect: 'Deny', Principal: '*', Action: 'kms:Decrypt', Resource: '*' });
    await kms.send(new PutKeyPolicyCommand({ KeyId: own.KeyId, Policy: JSON.stringify(policy) }));
    expect(await refused(get('denied'))).toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining('with an explicit deny in a resource-based policy'),
    });
    await kms.send(new PutKeyPolicyCommand({ KeyId: own.KeyId, Policy: kept }));
    expect(await get('denied')).toBe('body of denied');

    await allowNobody([allow('s3:*')]);
    expect(await refused(get('denied', nobody))).toMatchObject({ name: 'AccessDenied' });
    const { GrantId } = await kms.send(
      new CreateGrantCommand({
        KeyId: own.KeyId,
        GranteePrincipal: `arn:aws:iam::${accountId}:user/nobody`,
        Operations: ['Decrypt'],
        Constraints: { EncryptionContextSubset: { 'aws:s3:arn': `arn:aws:s3:::${Bucket}/denied` } },
      }),
    );
    expect(await get('denied', nobody)).toBe('body of denied');
    await kms.send(new RevokeGrantCommand({ KeyId: own.KeyId, GrantId }));
    expect(await refused(get('denied', nobody))).toMatchObject({ name: 'AccessDenied' });
  });

  test('the state of the key is the state of what it protects', async () => {
    const own = await makeKey(kms);
    await put('switched', { SSEKMSKeyId: own.Arn });
    await kms.send(new DisableKeyCommand({ KeyId: own.KeyId }));
    const disabled = { name: 'KMS.DisabledException', status: 400, message: `${own.Arn} is disabled.` };
    expect(await refused(get('switched'))).toEqual(disabled);
    expect(await refused(put('another', { SSEKMSKeyId: own.Arn }))).toEqual(disabled);
    await kms.send(new EnableKeyCommand({ KeyId: own.KeyId }));
    expect(await get('switched')).toBe('body of switched');
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId: own.KeyId, PendingWindowInDays: 7 }));
    expect(await refused(get('switched'))).toEqual({
      name: 'KMS.KMSInvalidStateException',
      status: 400,
      message: `${own.Arn} is pending deletion.`,
    });
    await instance.advance(8 * 86_400);
    expect(await refused(get('switched'))).toMatchObject({ name: 'KMS.NotFoundException', status: 400 });
  });

  test('keys that are not there, or for something else', async () => {
    expect(await refused(put('x', { SSEKMSKeyId: 'alias/none' }))).toMatchObject({
      name: 'KMS.NotFoundException',
      status: 400,
      message: `Alias arn:aws:kms:us-east-1:${accountId}:alias/none is not found.`,
    });
    const elsewhere = key.Arn.replace('us-east-1', 'eu-west-1');
    expect(await refused(put('x', { SSEKMSKeyId: elsewhere }))).toMatchObject({ name: 'KMS.NotFoundException' });
    const signing = await makeKey(kms, { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' });
    expect(await refused(put('x', { SSEKMSKeyId: signing.Arn }))).toMatchObject({
      name: 'KMS.InvalidKeyUsageException',
      status: 400,
    });
    expect(await refused(put('x', { ServerSideEncryption: undefined }))).toMatchObject({
      name: 'InvalidArgument',
      message:
        'Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms',
    });
    expect(await refused(get('x'))).toMatchObject({ name: 'NoSuchKey' });
  });
});

describe('DSSE-KMS', () => {
  test('two layers, told in answers and asked for in policies', async () => {
    await put('dual', { ServerSideEncryption: 'aws:kms:dsse' });
    const read = await s3.send(new GetObjectCommand({ Bucket, Key: 'dual' }));
    expect(read).toMatchObject({ ServerSideEncryption: 'aws:kms:dsse', SSEKMSKeyId: key.Arn });
    expect(await read.Body?.transformToString()).toBe('body of dual');
    const [record] = await recordsOf(trail, 'GenerateDataKey');
    expect(record).toMatchObject({ requestParameters: { numberOfBytes: 64 } });
  });
});

describe('the AWS managed key', () => {
  const mine = (more: Partial<PutObjectCommandInput> = {}) => put('managed', { SSEKMSKeyId: undefined, ...more });

  test('is made on first use, for everybody in the account who may use S3', async () => {
    const arn = (await mine()).SSEKMSKeyId ?? '';
    expect((await mine()).SSEKMSKeyId).toBe(arn);
    expect(await get('managed')).toBe('body of managed');
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: 'alias/aws/s3' }));
    expect(KeyMetadata).toMatchObject({ Arn: arn, KeyManager: 'AWS', KeyState: 'Enabled', Origin: 'AWS_KMS' });
    const { Aliases } = await kms.send(new ListAliasesCommand({}));
    expect(Aliases).toContainEqual(
      expect.objectContaining({ AliasName: 'alias/aws/s3', TargetKeyId: KeyMetadata?.KeyId }),
    );
    expect(await kms.send(new GetKeyRotationStatusCommand({ KeyId: arn }))).toMatchObject({
      KeyRotationEnabled: true,
      RotationPeriodInDays: 365,
    });
    await allowNobody([allow('s3:*')]);
    await put('managed', { SSEKMSKeyId: undefined }, nobody);
    expect(await get('managed', nobody)).toBe('body of managed');
  });

  test('is made as well when somebody asks for its alias, by whoever may', async () => {
    const there = kmsClient(instance, adminKeys, 'ap-northeast-1');
    const [one, two] = await Promise.all(
      [1, 2].map(() => there.send(new DescribeKeyCommand({ KeyId: 'alias/aws/s3' }))),
    );
    expect(one?.KeyMetadata).toMatchObject({ KeyManager: 'AWS', KeyState: 'Enabled', AWSAccountId: accountId });
    expect(two?.KeyMetadata?.KeyId).toBe(one?.KeyMetadata?.KeyId);
    const Arn = `arn:aws:kms:ap-northeast-1:${accountId}:alias/aws/s3`;
    expect((await there.send(new DescribeKeyCommand({ KeyId: Arn }))).KeyMetadata?.Arn).toBe(one?.KeyMetadata?.Arn);
    expect((await there.send(new ListAliasesCommand({}))).Aliases?.map(({ AliasName }) => AliasName)).toEqual([
      'alias/aws/s3',
    ]);
    const unknown = there.send(new DescribeKeyCommand({ KeyId: 'alias/aws/coffee' }));
    expect(await refused(unknown)).toMatchObject({ name: 'NotFoundException' });
    const elsewhere = kmsClient(instance, nobodyKeys, 'sa-east-1');
    await allowNobody([allow('s3:*')]);
    expect(await refused(elsewhere.send(new DescribeKeyCommand({ KeyId: 'alias/aws/s3' })))).toMatchObject({
      name: 'AccessDeniedException',
    });
    expect((await kmsClient(instance, adminKeys, 'sa-east-1').send(new ListAliasesCommand({}))).Aliases).toEqual([]);
  });

  test('first uses that come together make one key', async () => {
    const west = new S3Client(instance.clientOptions(undefined, 'eu-west-1'));
    await west.send(
      new CreateBucketCommand({ Bucket: 'west', CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } }),
    );
    const answers = await Promise.all(
      Array.from({ length: 5 }, (_, i) =>
        west.send(new PutObjectCommand({ Bucket: 'west', Key: `${i}`, Body: 'x', ServerSideEncryption: 'aws:kms' })),
      ),
    );
    expect(new Set(answers.map((answer) => answer.SSEKMSKeyId)).size).toBe(1);
    // Copying over regions asks each region's key.
    await s3.send(new CopyObjectCommand({ Bucket, Key: 'from-west', CopySource: 'west/0' }));
    expect(await get('from-west')).toBe('x');
  });

  test('nobody uses it past S3, changes it or deletes it', async () => {
    const KeyId = (await mine()).SSEKMSKeyId ?? '';
    const admin = [
      new EncryptCommand({ KeyId, Plaintext: Buffer.from('x') }),
      new DisableKeyCommand({ KeyId }),
      new ScheduleKeyDeletionCommand({ KeyId }),
      new PutKeyPolicyCommand({ KeyId, Policy: '{}' }),
      new CreateGrantCommand({ KeyId, GranteePrincipal: `arn:aws:iam::${accountId}:root`, Operations: ['Decrypt'] }),
    ];
    for (const command of admin) {
      expect(await refused(kms.send(command as DisableKeyCommand))).toMatchObject({
        name: 'AccessDeniedException',
        message: expect.stringContaining('because no resource-based policy allows'),
      });
    }
    expect(
      await refused(kms.send(new CreateAliasCommand({ AliasName: 'alias/aws/mine', TargetKeyId: key.KeyId }))),
    ).toMatchObject({ status: 400 });
  });
});

describe('over accounts', () => {
  test('needs the bucket policy, the key policy and the caller’s own permission', async () => {
    const own = await makeKey(kms);
    await put('shared', { SSEKMSKeyId: own.Arn });
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { AWS: `arn:aws:iam::${otherAccountId}:root` },
          Action: ['s3:GetObject', 's3:PutObject'],
          Resource: `arn:aws:s3:::${Bucket}/*`,
        },
      ],
    });
    await s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
    expect(await refused(get('shared', other))).toMatchObject({ name: 'AccessDenied', status: 403 });
    const policy = JSON.parse((await kms.send(new GetKeyPolicyCommand({ KeyId: own.KeyId }))).Policy ?? '');
    policy.Statement.push({
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${otherAccountId}:root` },
      Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
      Resource: '*',
    });
    await kms.send(new PutKeyPolicyCommand({ KeyId: own.KeyId, Policy: JSON.stringify(policy) }));
    expect(await get('shared', other)).toBe('body of shared');
    expect(await put('theirs', { SSEKMSKeyId: own.Arn }, other)).toMatchObject({ SSEKMSKeyId: own.Arn });
    expect(await get('theirs')).toBe('body of theirs');
    // Without a key of its own choice a writer uses the managed key of its own account, which others never use.
    const managed = await put('managed-elsewhere', { SSEKMSKeyId: undefined }, other);
    expect(managed.SSEKMSKeyId).toContain(`:${otherAccountId}:key/`);
    expect(await refused(get('managed-elsewhere'))).toMatchObject({ name: 'AccessDenied' });
  });
});

describe('strangers', () => {
  test('have no signature that KMS could know them by', async () => {
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: 'arn:aws:s3:::open/*' }],
    });
    await s3.send(new CreateBucketCommand({ Bucket: 'open' }));
    const { DeletePublicAccessBlockCommand } = await import('@aws-sdk/client-s3');
    await s3.send(new DeletePublicAccessBlockCommand({ Bucket: 'open' }));
    await s3.send(new PutBucketPolicyCommand({ Bucket: 'open', Policy }));
    await put('a', { Bucket: 'open' });
    const response = await fetch(`${instance.endpoint}/open/a`);
    expect(response.status).toBe(400);
    const wanted =
      'Requests specifying Server Side Encryption with AWS KMS managed keys require AWS Signature Version 4.';
    expect(await response.text()).toContain(wanted);
    // The old form of signatures is as good as none.
    const Expires = String(Math.floor(Date.now() / 1000) + 30 * 86_400);
    const Signature = createHmac('sha1', adminKeys.secretAccessKey)
      .update(`GET\n\n\n${Expires}\n/open/a`)
      .digest('base64');
    const query = new URLSearchParams({ AWSAccessKeyId: adminKeys.accessKeyId, Expires, Signature });
    const old = await fetch(`${instance.endpoint}/open/a?${query}`);
    expect(old.status).toBe(400);
    expect(await old.text()).toContain(wanted);
  });
});

describe('copies', () => {
  test('are read with one key and written with another; a copy onto itself may change the encryption', async () => {
    const second = await makeKey(kms);
    await put('source');
    const copied = await s3.send(
      new CopyObjectCommand({
        Bucket,
        Key: 'copy',
        CopySource: `${Bucket}/source`,
        ServerSideEncryption: 'aws:kms',
        SSEKMSKeyId: second.Arn,
      }),
    );
    expect(copied).toMatchObject({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: second.Arn });
    expect(await get('copy')).toBe('body of source');
    await kms.send(new DisableKeyCommand({ KeyId: second.KeyId }));
    expect(await refused(get('copy'))).toMatchObject({ name: 'KMS.DisabledException' });
    expect(
      await refused(s3.send(new CopyObjectCommand({ Bucket, Key: 'again', CopySource: `${Bucket}/copy` }))),
    ).toMatchObject({ name: 'KMS.DisabledException' });
    expect(await get('source')).toBe('body of source');
    await s3.send(
      new CopyObjectCommand({
        Bucket,
        Key: 'source',
        CopySource: `${Bucket}/source`,
        ServerSideEncryption: 'AES256',
      }),
    );
    expect(await s3.send(new HeadObjectCommand({ Bucket, Key: 'source' }))).toMatchObject({
      ServerSideEncryption: 'AES256',
    });
    expect(await get('source')).toBe('body of source');
  });
});

describe('uploads in parts', () => {
  test('have one data key; every part and the end need kms:Decrypt', async () => {
    const part = randomBytes(5 * 1024 * 1024 + 17);
    const own = await makeKey(kms);
    const begun = await s3.send(
      new CreateMultipartUploadCommand({ Bucket, Key: 'big', ServerSideEncryption: 'aws:kms', SSEKMSKeyId: own.Arn }),
    );
    expect(begun).toMatchObject({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: own.Arn });
    const upload = { Bucket, Key: 'big', UploadId: begun.UploadId };
    const first = await s3.send(new UploadPartCommand({ ...upload, PartNumber: 1, Body: part }));
    expect(first).toMatchObject({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: own.Arn });
    await kms.send(new DisableKeyCommand({ KeyId: own.KeyId }));
    expect(await refused(s3.send(new UploadPartCommand({ ...upload, PartNumber: 2, Body: 'x' })))).toMatchObject({
      name: 'KMS.DisabledException',
    });
    expect(await refused(s3.send(new ListPartsCommand(upload)))).toMatchObject({ name: 'KMS.DisabledException' });
    await kms.send(new EnableKeyCommand({ KeyId: own.KeyId }));
    expect((await s3.send(new ListPartsCommand(upload))).Parts?.[0]?.Size).toBe(part.length);
    await put('middle', { Body: 'tail of another' });
    const second = await s3.send(
      new UploadPartCopyCommand({
        ...upload,
        PartNumber: 2,
        CopySource: `${Bucket}/middle`,
        CopySourceRange: 'bytes=0-3',
      }),
    );
    const MultipartUpload = {
      Parts: [
        { PartNumber: 1, ETag: first.ETag },
        { PartNumber: 2, ETag: second.CopyPartResult?.ETag },
      ],
    };
    const done = await s3.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload }));
    expect(done).toMatchObject({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: own.Arn });
    const read = async (Range?: string, PartNumber?: number) => {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: 'big', Range, PartNumber }));
      return Buffer.from((await Body?.transformToByteArray()) ?? []);
    };
    const whole = Buffer.concat([part, Buffer.from('tail')]);
    expect((await read()).equals(whole)).toBe(true);
    expect((await read(`bytes=${part.length - 3}-${part.length + 1}`)).equals(whole.subarray(-7, -2))).toBe(true);
    expect((await read(undefined, 2)).toString()).toBe('tail');
    expect((await s3.send(new HeadObjectCommand({ Bucket, Key: 'big' }))).ContentLength).toBe(whole.length);
  });

  test('given up', async () => {
    const begun = await s3.send(
      new CreateMultipartUploadCommand({ Bucket, Key: 'gone', ServerSideEncryption: 'aws:kms', SSEKMSKeyId: key.Arn }),
    );
    const upload = { Bucket, Key: 'gone', UploadId: begun.UploadId };
    await s3.send(new UploadPartCommand({ ...upload, PartNumber: 1, Body: 'x' }));
    await s3.send(new AbortMultipartUploadCommand(upload));
    expect(await refused(get('gone'))).toMatchObject({ name: 'NoSuchKey' });
  });
});

describe('links and forms', () => {
  test('a presigned PUT and GET', async () => {
    const target = { Bucket, Key: 'link', ServerSideEncryption: 'aws:kms' as const, SSEKMSKeyId: key.Arn };
    const unhoistableHeaders = new Set(['x-amz-server-side-encryption', 'x-amz-server-side-encryption-aws-kms-key-id']);
    const url = await getSignedUrl(s3, new PutObjectCommand(target), { unhoistableHeaders });
    const headers = {
      'x-amz-server-side-encryption': 'aws:kms',
      'x-amz-server-side-encryption-aws-kms-key-id': key.Arn,
    };
    const response = await fetch(url, { method: 'PUT', body: 'by link', headers });
    expect([response.status, response.headers.get('x-amz-server-side-encryption')]).toEqual([200, 'aws:kms']);
    const read = await fetch(await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key: 'link' })));
    expect(await read.text()).toBe('by link');
    expect(read.headers.get('x-amz-server-side-encryption-aws-kms-key-id')).toBe(key.Arn);
  });

  test('a form', async () => {
    const Fields = {
      'x-amz-server-side-encryption': 'aws:kms',
      'x-amz-server-side-encryption-aws-kms-key-id': key.Arn,
    };
    const Conditions = Object.entries(Fields).map(([name, value]) => ({ [name]: value }));
    // An earlier test has moved the clock, which rules the expiry of policies.
    const form = await createPresignedPost(s3, { Bucket, Key: 'form', Fields, Conditions, Expires: 30 * 86_400 });
    const body = new FormData();
    for (const [name, value] of Object.entries(form.fields)) body.append(name, value);
    body.append('file', new Blob(['by form']));
    const response = await fetch(form.url, { method: 'POST', body });
    expect([await response.text(), response.status]).toEqual(['', 204]);
    expect(response.headers.get('x-amz-server-side-encryption')).toBe('aws:kms');
    expect(response.headers.get('x-amz-server-side-encryption-aws-kms-key-id')).toBe(key.Arn);
    expect(await s3.send(new HeadObjectCommand({ Bucket, Key: 'form' }))).toMatchObject({ SSEKMSKeyId: key.Arn });
    expect(await get('form')).toBe('by form');
  });
});

describe('the bucket’s default', () => {
  const setDefault = (by: ServerSideEncryptionByDefault, BucketKeyEnabled?: boolean) =>
    s3.send(
      new PutBucketEncryptionCommand({
        Bucket: 'defaults',
        ServerSideEncryptionConfiguration: {
          Rules: [{ ApplyServerSideEncryptionByDefault: by, ...(BucketKeyEnabled && { BucketKeyEnabled }) }],
        },
      }),
    );
  const write = (more: object = {}) =>
    s3.send(new PutObjectCommand({ Bucket: 'defaults', Key: 'a', Body: 'x', ...more }));

  test('is what writes get that ask for nothing', async () => {
    await s3.send(new CreateBucketCommand({ Bucket: 'defaults' }));
    expect(await write()).toMatchObject({ ServerSideEncryption: 'AES256' });
    await setDefault({ SSEAlgorithm: 'aws:kms', KMSMasterKeyID: key.Arn }, true);
    const { ServerSideEncryptionConfiguration: shown } = await s3.send(
      new GetBucketEncryptionCommand({ Bucket: 'defaults' }),
    );
    expect(shown?.Rules?.[0]).toMatchObject({
      ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: key.Arn },
      BucketKeyEnabled: true,
      BlockedEncryptionTypes: { EncryptionType: ['SSE-C'] },
    });
    expect(await write()).toMatchObject({ SSEKMSKeyId: key.Arn, BucketKeyEnabled: true });
    expect((await write({ BucketKeyEnabled: false })).BucketKeyEnabled).toBeUndefined();
    expect(await write({ ServerSideEncryption: 'AES256' })).toMatchObject({ ServerSideEncryption: 'AES256' });
    // A request that names KMS without a key means the managed key.
    const managed = (await kms.send(new DescribeKeyCommand({ KeyId: 'alias/aws/s3' }))).KeyMetadata?.Arn;
    expect(await write({ ServerSideEncryption: 'aws:kms' })).toMatchObject({ SSEKMSKeyId: managed });
    await setDefault({ SSEAlgorithm: 'aws:kms:dsse', KMSMasterKeyID: key.KeyId });
    expect(await write()).toMatchObject({ ServerSideEncryption: 'aws:kms:dsse', SSEKMSKeyId: key.Arn });
    await s3.send(new DeleteBucketEncryptionCommand({ Bucket: 'defaults' }));
    expect(await write()).toMatchObject({ ServerSideEncryption: 'AES256' });
    expect(await refused(setDefault({ SSEAlgorithm: 'AES256', KMSMasterKeyID: key.Arn }))).toMatchObject({
      name: 'InvalidArgument',
    });
  });

  test('is not seen by policies, which see what the request says', async () => {
    await setDefault({ SSEAlgorithm: 'aws:kms', KMSMasterKeyID: key.Arn });
    const deny = (operator: string, name: string, value: string) =>
      s3.send(
        new PutBucketPolicyCommand({
          Bucket: 'defaults',
          Policy: JSON.stringify({
            Version: '2012-10-17',
            Statement: [
              {
                Effect: 'Deny',
                Principal: '*',
                Action: 's3:PutObject',
                Resource: 'arn:aws:s3:::defaults/*',
                Condition: { [operator]: { [name]: value } },
              },
            ],
          }),
        }),
      );
    await deny('StringNotEquals', 's3:x-amz-server-side-encryption', 'aws:kms');
    expect(await refused(write())).toMatchObject({ name: 'AccessDenied' });
    await write({ ServerSideEncryption: 'aws:kms' });
    // However the request names the key, policies see its ARN.
    await deny('ArnNotEquals', 's3:x-amz-server-side-encryption-aws-kms-key-id', key.Arn);
    for (const SSEKMSKeyId of [key.KeyId, 'alias/objects', key.Arn]) {
      await write({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId });
    }
    const another = await makeKey(kms);
    expect(await refused(write({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: another.KeyId }))).toMatchObject({
      name: 'AccessDenied',
    });
    await deny('Null', 's3:x-amz-server-side-encryption-customer-algorithm', 'true');
    expect(await refused(write())).toMatchObject({ name: 'AccessDenied' });
  });
});
