/** Trails whose log files are encrypted under a KMS key: CloudTrail uses it as the key policy allows, readers need it too. */
import { gunzipSync } from 'node:zlib';
import {
  CloudTrailClient,
  CreateTrailCommand,
  DeleteTrailCommand,
  DescribeTrailsCommand,
  GetTrailCommand,
  GetTrailStatusCommand,
  StartLoggingCommand,
  UpdateTrailCommand,
} from '@aws-sdk/client-cloudtrail';
import { CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import {
  CreateAliasCommand,
  CreateGrantCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  GetKeyPolicyCommand,
  type KMSClient,
  PutKeyPolicyCommand,
  RevokeGrantCommand,
} from '@aws-sdk/client-kms';
import {
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { recordsOf, refused } from '../support/encrypted-objects.ts';
import { accountId, nobodyKeys, startInstance, type TestInstance } from '../support/instance.ts';
import { kmsClient, type MadeKey, makeKey } from '../support/kms.ts';

const arn = `arn:aws:cloudtrail:us-east-1:${accountId}:trail/sealed`;
const Bucket = 'sealed-logs';
let instance: TestInstance;
let cloudtrail: CloudTrailClient;
let s3: S3Client;
let iam: IAMClient;
let kms: KMSClient;
let key: MadeKey;

beforeAll(async () => {
  instance = await startInstance();
  cloudtrail = new CloudTrailClient(instance.clientOptions());
  s3 = new S3Client(instance.clientOptions());
  iam = new IAMClient(instance.clientOptions());
  kms = kmsClient(instance);
  key = await makeKey(kms);
  await kms.send(new CreateAliasCommand({ AliasName: 'alias/logs', TargetKeyId: key.KeyId }));
  await s3.send(new CreateBucketCommand({ Bucket }));
  const service = { Effect: 'Allow', Principal: { Service: 'cloudtrail.amazonaws.com' } };
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { ...service, Action: 's3:GetBucketAcl', Resource: `arn:aws:s3:::${Bucket}` },
      { ...service, Action: 's3:PutObject', Resource: `arn:aws:s3:::${Bucket}/AWSLogs/*` },
    ],
  });
  await s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
});

afterAll(() => instance.stop());

const create = (KmsKeyId: string) =>
  cloudtrail.send(
    new CreateTrailCommand({ Name: 'sealed', S3BucketName: Bucket, KmsKeyId, EnableLogFileValidation: true }),
  );

async function files(): Promise<string[]> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
  return Contents.map((object) => object.Key ?? '').filter(
    (name) => name.includes('/CloudTrail/') && name.endsWith('.gz'),
  );
}

test('needs a key that exists, and whose policy lets CloudTrail use it for this trail', async () => {
  expect(await refused(create('alias/none'))).toMatchObject({ name: 'KmsKeyNotFoundException' });
  expect(await refused(create('alias/logs'))).toMatchObject({
    name: 'InsufficientEncryptionPolicyException',
    message: `Insufficient permissions to access S3 bucket ${Bucket} or KMS key alias/logs.`,
  });
  const policy = JSON.parse((await kms.send(new GetKeyPolicyCommand({ KeyId: key.KeyId }))).Policy ?? '');
  // "Configure AWS KMS key policies for CloudTrail", CloudTrail User Guide.
  policy.Statement.push({
    Effect: 'Allow',
    Principal: { Service: 'cloudtrail.amazonaws.com' },
    Action: 'kms:GenerateDataKey*',
    Resource: '*',
    Condition: {
      StringEquals: { 'aws:SourceArn': arn },
      StringLike: { 'kms:EncryptionContext:aws:cloudtrail:arn': `arn:aws:cloudtrail:*:${accountId}:trail/*` },
    },
  });
  await kms.send(new PutKeyPolicyCommand({ KeyId: key.KeyId, Policy: JSON.stringify(policy) }));
  expect(await create('alias/logs')).toMatchObject({ KmsKeyId: key.Arn });
  expect((await cloudtrail.send(new GetTrailCommand({ Name: 'sealed' }))).Trail?.KmsKeyId).toBe(key.Arn);
  const { trailList } = await cloudtrail.send(new DescribeTrailsCommand({}));
  expect(trailList?.[0]?.KmsKeyId).toBe(key.Arn);
});

test('a grant to the service, for this trail, does as well as a policy; for another trail it does nothing', async () => {
  const granted = await makeKey(kms);
  const grant = (trail: string) =>
    kms.send(
      new CreateGrantCommand({
        KeyId: granted.KeyId,
        GranteeServicePrincipal: 'cloudtrail.amazonaws.com',
        RetiringPrincipal: `arn:aws:iam::${accountId}:user/admin`,
        Operations: ['GenerateDataKey'],
        Constraints: { SourceArn: `arn:aws:cloudtrail:us-east-1:${accountId}:trail/${trail}` },
      }),
    );
  const start = () =>
    cloudtrail.send(new CreateTrailCommand({ Name: 'granted', S3BucketName: Bucket, KmsKeyId: granted.Arn }));
  await grant('another');
  expect(await refused(start())).toMatchObject({ name: 'InsufficientEncryptionPolicyException' });
  const { GrantId } = await grant('granted');
  expect(await start()).toMatchObject({ KmsKeyId: granted.Arn });
  await cloudtrail.send(new DeleteTrailCommand({ Name: 'granted' }));
  await kms.send(new RevokeGrantCommand({ KeyId: granted.KeyId, GrantId }));
  expect(await refused(start())).toMatchObject({ name: 'InsufficientEncryptionPolicyException' });
});

test('delivers log files that only users of the key can read', async () => {
  await cloudtrail.send(new StartLoggingCommand({ Name: 'sealed' }));
  await iam.send(new CreateUserCommand({ UserName: 'seen' }));
  await instance.advance(30);
  const [name = ''] = await files();
  expect(await s3.send(new HeadObjectCommand({ Bucket, Key: name }))).toMatchObject({
    ServerSideEncryption: 'aws:kms',
    SSEKMSKeyId: key.Arn,
  });
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: name }));
  expect(gunzipSync((await Body?.transformToByteArray()) ?? Buffer.of()).toString()).toContain('CreateUser');
  const PolicyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Action: 's3:*', Resource: '*' },
  });
  await iam.send(new PutUserPolicyCommand({ UserName: 'nobody', PolicyName: 'p', PolicyDocument }));
  const nobody = new S3Client(instance.clientOptions(nobodyKeys));
  expect(await refused(nobody.send(new GetObjectCommand({ Bucket, Key: name })))).toMatchObject({
    name: 'AccessDenied',
    message: expect.stringContaining('kms:Decrypt'),
  });
  const [used] = (await recordsOf(cloudtrail, 'GenerateDataKey')).filter((record) =>
    JSON.stringify(record).includes('AWSService'),
  );
  expect(used).toMatchObject({
    userIdentity: { type: 'AWSService', invokedBy: 'cloudtrail.amazonaws.com' },
    requestParameters: { encryptionContext: { 'aws:cloudtrail:arn': arn } },
  });
});

test('takes no notice of its own use of the key: deliveries come to an end', async () => {
  await instance.advance(60);
  const before = (await files()).length;
  for (let i = 0; i < 5; i++) await instance.advance(60);
  // One file tells of the listing above.
  expect((await files()).length).toBeLessThanOrEqual(before + 1);
});

test('waits while the key is disabled, and loses nothing', async () => {
  await kms.send(new DisableKeyCommand({ KeyId: key.KeyId }));
  const before = (await files()).length;
  await iam.send(new CreateUserCommand({ UserName: 'unseen' }));
  await instance.advance(60);
  expect((await files()).length).toBe(before);
  const status = await cloudtrail.send(new GetTrailStatusCommand({ Name: 'sealed' }));
  expect(status.LatestDeliveryError).toContain('KMS.DisabledException');
  await kms.send(new EnableKeyCommand({ KeyId: key.KeyId }));
  await instance.advance(60);
  const contents: string[] = [];
  for (const name of (await files()).slice(before)) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: name }));
    contents.push(gunzipSync((await Body?.transformToByteArray()) ?? Buffer.of()).toString());
  }
  expect(contents.join()).toContain('"userName":"unseen"');
});

test('an empty key id ends encryption by this key', async () => {
  const updated = await cloudtrail.send(new UpdateTrailCommand({ Name: 'sealed', KmsKeyId: '' }));
  expect(updated.KmsKeyId).toBeUndefined();
  const again = await cloudtrail.send(new UpdateTrailCommand({ Name: 'sealed', KmsKeyId: key.KeyId }));
  expect(again.KmsKeyId).toBe(key.Arn);
  expect((await cloudtrail.send(new UpdateTrailCommand({ Name: 'sealed' }))).KmsKeyId).toBe(key.Arn);
});
