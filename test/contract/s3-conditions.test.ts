/** Every condition key that S3 requests carry, read back through a policy on a live call: right value passes, wrong value does not. */
import { IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  ListObjectsV2Command,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accountId, nobodyKeys, startInstance, type TestInstance } from '../support/instance.ts';

let instance: TestInstance;
let iam: IAMClient;
let admin: S3Client;
let user: S3Client;
let versionId: string;
const Bucket = 'conditions';

beforeAll(async () => {
  instance = await startInstance();
  iam = new IAMClient(instance.clientOptions());
  admin = new S3Client(instance.clientOptions());
  user = new S3Client(instance.clientOptions(nobodyKeys));
  await admin.send(new CreateBucketCommand({ Bucket }));
  await admin.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
  const put = await admin.send(new PutObjectCommand({ Bucket, Key: 'tagged', Body: 'x', Tagging: 'team=bar' }));
  versionId = put.VersionId!;
  await admin.send(new PutObjectCommand({ Bucket, Key: 'source', Body: 'x' }));
  // Copies read their source.
  const readsSource = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: `arn:aws:s3:::${Bucket}/source` }],
  };
  await iam.send(
    new PutUserPolicyCommand({ UserName: 'nobody', PolicyName: 'reads', PolicyDocument: JSON.stringify(readsSource) }),
  );
});

afterAll(async () => {
  await instance.stop();
});

/** What the user may do: the actions, under one condition. */
async function allow(Action: string[], Condition: object): Promise<void> {
  const PolicyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action, Resource: '*', Condition }],
  });
  await iam.send(new PutUserPolicyCommand({ UserName: 'nobody', PolicyName: 'one', PolicyDocument }));
}

const outcome = (sent: Promise<unknown>) =>
  sent.then(
    () => 'allowed',
    (error) => error.name as string,
  );

interface Row {
  readonly key: string;
  /** By default StringEquals. */
  readonly operator?: string;
  readonly right: string | (() => string);
  readonly wrong?: string;
  readonly actions: string[];
  readonly call: () => Promise<unknown>;
}

const put = (more: object) => () => user.send(new PutObjectCommand({ Bucket, Key: 'new', Body: 'x', ...more }));
const list = (more: object) => () => user.send(new ListObjectsV2Command({ Bucket, ...more }));
const get =
  (more: object = {}) =>
  () =>
    user.send(new GetObjectCommand({ Bucket, Key: 'tagged', ...more }));
const copy =
  (more: object = {}) =>
  () =>
    user.send(
      new CopyObjectCommand({
        Bucket,
        Key: 'copied',
        CopySource: `${Bucket}/source`,
        TaggingDirective: 'REPLACE',
        ...more,
      }),
    );
const link = async () => {
  const answer = await fetch(
    await getSignedUrl(user, new GetObjectCommand({ Bucket, Key: 'tagged' }), { expiresIn: 60 }),
  );
  if (!answer.ok) throw Object.assign(new Error(await answer.text()), { name: 'AccessDenied' });
};
const read = ['s3:GetObject'];
const write = ['s3:PutObject', 's3:PutObjectTagging', 's3:PutObjectAcl'];

const rows: Row[] = [
  { key: 's3:prefix', right: 'a/', actions: ['s3:ListBucket'], call: list({ Prefix: 'a/' }) },
  { key: 's3:delimiter', right: '/', actions: ['s3:ListBucket'], call: list({ Delimiter: '/' }) },
  {
    key: 's3:max-keys',
    operator: 'NumericLessThanEquals',
    right: '10',
    wrong: '9',
    actions: ['s3:ListBucket'],
    call: list({ MaxKeys: 10 }),
  },
  { key: 's3:ExistingObjectTag/team', right: 'bar', actions: read, call: get() },
  {
    key: 's3:ExistingObjectTag/team',
    right: 'bar',
    actions: ['s3:GetObjectTagging'],
    call: () => user.send(new GetObjectTaggingCommand({ Bucket, Key: 'tagged' })),
  },
  {
    key: 's3:versionid',
    right: () => versionId,
    actions: ['s3:GetObjectVersion'],
    call: () => get({ VersionId: versionId })(),
  },
  { key: 's3:RequestObjectTag/a', right: '1', actions: write, call: put({ Tagging: 'a=1' }) },
  {
    key: 's3:RequestObjectTag/a',
    right: '1',
    actions: ['s3:PutObjectTagging'],
    call: () =>
      user.send(new PutObjectTaggingCommand({ Bucket, Key: 'new', Tagging: { TagSet: [{ Key: 'a', Value: '1' }] } })),
  },
  {
    key: 's3:RequestObjectTagKeys',
    operator: 'ForAnyValue:StringEquals',
    right: 'a',
    actions: write,
    call: put({ Tagging: 'a=1' }),
  },
  {
    key: 's3:x-amz-acl',
    right: 'bucket-owner-full-control',
    actions: write,
    call: put({ ACL: 'bucket-owner-full-control' }),
  },
  { key: 's3:x-amz-storage-class', right: 'STANDARD_IA', actions: write, call: put({ StorageClass: 'STANDARD_IA' }) },
  {
    key: 's3:x-amz-server-side-encryption',
    right: 'AES256',
    actions: write,
    call: put({ ServerSideEncryption: 'AES256' }),
  },
  {
    key: 's3:x-amz-website-redirect-location',
    right: '/there',
    actions: write,
    call: put({ WebsiteRedirectLocation: '/there' }),
  },
  { key: 's3:ObjectCreationOperation', operator: 'Bool', right: 'true', wrong: 'false', actions: write, call: put({}) },
  {
    key: 's3:if-none-match',
    right: '*',
    actions: write,
    call: () => put({ Key: `fresh-${Math.random()}`, IfNoneMatch: '*' })(),
  },
  {
    key: 's3:if-match',
    right: '"x"',
    actions: ['s3:DeleteObject'],
    call: () => user.send(new DeleteObjectCommand({ Bucket, Key: 'nothing', IfMatch: '"x"' })),
  },
  { key: 's3:x-amz-metadata-directive', right: 'COPY', actions: write, call: copy({ MetadataDirective: 'COPY' }) },
  { key: 's3:x-amz-copy-source', operator: 'StringLike', right: 'conditions/sou*', actions: write, call: copy() },
  {
    key: 's3:LocationConstraint',
    right: 'eu-west-1',
    actions: ['s3:CreateBucket'],
    call: () =>
      new S3Client(instance.clientOptions(nobodyKeys, 'eu-west-1')).send(
        new CreateBucketCommand({
          Bucket: 'in-the-west',
          CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' },
        }),
      ),
  },
  {
    key: 's3:x-amz-object-ownership',
    right: 'BucketOwnerEnforced',
    actions: ['s3:CreateBucket', 's3:PutBucketOwnershipControls'],
    call: () => user.send(new CreateBucketCommand({ Bucket: 'owned-bucket', ObjectOwnership: 'BucketOwnerEnforced' })),
  },
  { key: 's3:ResourceAccount', right: accountId, actions: read, call: get() },
  { key: 's3:authType', right: 'REST-HEADER', wrong: 'REST-QUERY-STRING', actions: read, call: get() },
  { key: 's3:authType', right: 'REST-QUERY-STRING', wrong: 'REST-HEADER', actions: read, call: link },
  { key: 's3:signatureversion', right: 'AWS4-HMAC-SHA256', wrong: 'AWS', actions: read, call: get() },
  { key: 's3:signatureAge', operator: 'NumericLessThan', right: '60000', wrong: '0', actions: read, call: link },
  { key: 's3:x-amz-content-sha256', right: 'UNSIGNED-PAYLOAD', actions: read, call: link },
];

describe('condition keys', () => {
  test.each(rows)(
    '$key ($actions)',
    async ({ key, operator = 'StringEquals', right, wrong = 'something else', actions, call }) => {
      const value = typeof right === 'function' ? right() : right;
      await allow(actions, { [operator]: { [key]: wrong } });
      expect(await outcome(call())).toBe('AccessDenied');
      await allow(actions, { [operator]: { [key]: value } });
      expect(await outcome(call())).toBe(key === 's3:if-match' ? 'NoSuchKey' : 'allowed');
    },
  );
});
