/** S3 buckets and their settings, driven by the real SDK: for each operation a success and a modelled error. */
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteBucketCorsCommand,
  DeleteBucketEncryptionCommand,
  DeleteBucketOwnershipControlsCommand,
  DeleteBucketPolicyCommand,
  DeleteBucketTaggingCommand,
  DeletePublicAccessBlockCommand,
  GetBucketAclCommand,
  GetBucketCorsCommand,
  GetBucketEncryptionCommand,
  GetBucketLocationCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketPolicyCommand,
  GetBucketPolicyStatusCommand,
  GetBucketTaggingCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  PutBucketAclCommand,
  PutBucketCorsCommand,
  PutBucketEncryptionCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
  paginateListBuckets,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nobodyKeys, otherAdminKeys, rootKeys, startInstance, type TestInstance } from '../support/instance.ts';

let instance: TestInstance;
let s3: S3Client;
let nobody: S3Client;
let other: S3Client;
let root: S3Client;

beforeAll(async () => {
  instance = await startInstance();
  s3 = new S3Client(instance.clientOptions());
  nobody = new S3Client(instance.clientOptions(nobodyKeys));
  other = new S3Client(instance.clientOptions(otherAdminKeys));
  root = new S3Client(instance.clientOptions(rootKeys));
  await s3.send(new CreateBucketCommand({ Bucket: 'settings' }));
});

afterAll(async () => {
  await instance.stop();
});

const Bucket = 'settings';
const failure = (sent: Promise<unknown>) =>
  sent.then(
    () => ({ name: 'succeeded', status: 200, message: '' }),
    (error) => ({ name: error.name, status: error.$metadata?.httpStatusCode, message: error.message }),
  );

describe('buckets', () => {
  test('are created once, found, and end when they are empty', async () => {
    expect(await s3.send(new CreateBucketCommand({ Bucket: 'menus' }))).toMatchObject({ Location: '/menus' });
    expect(await failure(other.send(new CreateBucketCommand({ Bucket: 'menus' })))).toMatchObject({
      name: 'BucketAlreadyExists',
      status: 409,
    });
    expect(await s3.send(new HeadBucketCommand({ Bucket: 'menus' }))).toMatchObject({ BucketRegion: 'us-east-1' });
    expect(await failure(s3.send(new HeadBucketCommand({ Bucket: 'nowhere' })))).toMatchObject({
      name: 'NotFound',
      status: 404,
    });
    expect((await s3.send(new GetBucketLocationCommand({ Bucket: 'menus' }))).LocationConstraint).toBeUndefined();
    await s3.send(new PutObjectCommand({ Bucket: 'menus', Key: 'a', Body: 'x' }));
    expect(await failure(s3.send(new DeleteBucketCommand({ Bucket: 'menus' })))).toMatchObject({
      name: 'BucketNotEmpty',
      status: 409,
    });
  });

  test('lie in the region that was signed for, and say so elsewhere', async () => {
    const west = new S3Client(instance.clientOptions(undefined, 'eu-west-1'));
    await west.send(
      new CreateBucketCommand({
        Bucket: 'in-the-west',
        CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' },
      }),
    );
    expect((await s3.send(new GetBucketLocationCommand({ Bucket: 'in-the-west' }))).LocationConstraint).toBe(
      'eu-west-1',
    );
    expect(await failure(s3.send(new HeadBucketCommand({ Bucket: 'in-the-west' })))).toMatchObject({ status: 301 });
    const following = new S3Client({ ...instance.clientOptions(), followRegionRedirects: true });
    expect(await following.send(new HeadBucketCommand({ Bucket: 'in-the-west' }))).toMatchObject({
      BucketRegion: 'eu-west-1',
    });
  });

  test('M-063 with an underscore are refused', async () => {
    expect(await failure(s3.send(new CreateBucketCommand({ Bucket: 'coffee_shop_reports' })))).toMatchObject({
      name: 'InvalidBucketName',
      status: 400,
    });
  });

  test('are listed to those who may, each account its own, page by page', async () => {
    const names: string[] = [];
    for await (const page of paginateListBuckets({ client: s3, pageSize: 1 }, {}))
      names.push(...(page.Buckets ?? []).map((b) => b.Name!));
    expect(names).toEqual(['in-the-west', 'menus', 'settings']);
    expect((await other.send(new ListBucketsCommand({}))).Buckets ?? []).toEqual([]);
    expect(await failure(nobody.send(new ListBucketsCommand({})))).toMatchObject({ name: 'AccessDenied', status: 403 });
  });
});

describe('policies', () => {
  const policy = (statement: object) =>
    JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: `arn:aws:s3:::${Bucket}/*`, ...statement }],
    });
  const open = policy({ Principal: '*' });

  test('M-017 a public one waits for the block to be taken away', async () => {
    expect(await failure(s3.send(new GetBucketPolicyCommand({ Bucket })))).toMatchObject({
      name: 'NoSuchBucketPolicy',
      status: 404,
    });
    expect(await failure(s3.send(new PutBucketPolicyCommand({ Bucket, Policy: open })))).toMatchObject({
      name: 'AccessDenied',
      status: 403,
    });
    await s3.send(new DeletePublicAccessBlockCommand({ Bucket }));
    await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: open }));
    expect((await s3.send(new GetBucketPolicyCommand({ Bucket }))).Policy).toBe(open);
    expect((await s3.send(new GetBucketPolicyStatusCommand({ Bucket }))).PolicyStatus).toEqual({ IsPublic: true });
    await s3.send(new PutObjectCommand({ Bucket, Key: 'open', Body: 'for all' }));
    expect(await (await fetch(`${instance.endpoint}/${Bucket}/open`)).text()).toBe('for all');
    await s3.send(
      new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration: { RestrictPublicBuckets: true } }),
    );
    expect((await fetch(`${instance.endpoint}/${Bucket}/open`)).status).toBe(403);
    await s3.send(new DeleteBucketPolicyCommand({ Bucket }));
    expect(await failure(s3.send(new GetBucketPolicyStatusCommand({ Bucket })))).toMatchObject({
      name: 'NoSuchBucketPolicy',
    });
  });

  test('that are none are refused with a place', async () => {
    expect(await failure(s3.send(new PutBucketPolicyCommand({ Bucket, Policy: '{' })))).toMatchObject({
      name: 'MalformedPolicy',
      status: 400,
    });
    const ghost = policy({ Principal: { AWS: 'arn:aws:iam::111122223333:user/ghost' } });
    expect(await failure(s3.send(new PutBucketPolicyCommand({ Bucket, Policy: ghost })))).toMatchObject({
      name: 'MalformedPolicy',
      message: 'Invalid principal in policy',
    });
  });

  test('N2 that lock out everybody leave the way in to the owner’s root user', async () => {
    await s3.send(new CreateBucketCommand({ Bucket: 'locked' }));
    const locked = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: ['arn:aws:s3:::locked', 'arn:aws:s3:::locked/*'] },
      ],
    });
    await s3.send(new PutBucketPolicyCommand({ Bucket: 'locked', Policy: locked }));
    expect(await failure(s3.send(new DeleteBucketPolicyCommand({ Bucket: 'locked' })))).toMatchObject({
      name: 'AccessDenied',
    });
    expect(await failure(root.send(new PutObjectCommand({ Bucket: 'locked', Key: 'a', Body: 'x' })))).toMatchObject({
      name: 'AccessDenied',
    });
    expect((await root.send(new GetBucketPolicyCommand({ Bucket: 'locked' }))).Policy).toBe(locked);
    await root.send(new DeleteBucketPolicyCommand({ Bucket: 'locked' }));
    await root.send(new PutObjectCommand({ Bucket: 'locked', Key: 'a', Body: 'x' }));
  });
});

describe('settings', () => {
  test('public access block', async () => {
    await s3.send(
      new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration: { BlockPublicAcls: true } }),
    );
    expect((await s3.send(new GetPublicAccessBlockCommand({ Bucket }))).PublicAccessBlockConfiguration).toMatchObject({
      BlockPublicAcls: true,
      BlockPublicPolicy: false,
    });
    await s3.send(new DeletePublicAccessBlockCommand({ Bucket }));
    expect(await failure(s3.send(new GetPublicAccessBlockCommand({ Bucket })))).toMatchObject({
      name: 'NoSuchPublicAccessBlockConfiguration',
      status: 404,
    });
    expect(
      await failure(nobody.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration: {} }))),
    ).toMatchObject({ name: 'AccessDenied' });
    expect(await failure(nobody.send(new DeletePublicAccessBlockCommand({ Bucket })))).toMatchObject({
      name: 'AccessDenied',
    });
  });

  test('ownership and ACLs', async () => {
    expect((await s3.send(new GetBucketOwnershipControlsCommand({ Bucket }))).OwnershipControls?.Rules).toEqual([
      { ObjectOwnership: 'BucketOwnerEnforced' },
    ]);
    const rules = (ObjectOwnership: 'BucketOwnerEnforced' | 'ObjectWriter') =>
      new PutBucketOwnershipControlsCommand({ Bucket, OwnershipControls: { Rules: [{ ObjectOwnership }] } });
    await s3.send(rules('BucketOwnerEnforced'));
    expect(await failure(s3.send(rules('ObjectWriter')))).toMatchObject({ name: 'NotImplemented', status: 501 });
    await s3.send(new DeleteBucketOwnershipControlsCommand({ Bucket }));
    expect(await failure(s3.send(new GetBucketOwnershipControlsCommand({ Bucket })))).toMatchObject({
      name: 'OwnershipControlsNotFoundError',
      status: 404,
    });
    expect(await failure(nobody.send(new DeleteBucketOwnershipControlsCommand({ Bucket })))).toMatchObject({
      name: 'AccessDenied',
    });
    const { Owner, Grants } = await s3.send(new GetBucketAclCommand({ Bucket }));
    expect(Grants).toEqual([{ Grantee: { ID: Owner?.ID, Type: 'CanonicalUser' }, Permission: 'FULL_CONTROL' }]);
    expect(await failure(nobody.send(new GetBucketAclCommand({ Bucket })))).toMatchObject({ name: 'AccessDenied' });
    expect(await failure(s3.send(new PutBucketAclCommand({ Bucket, ACL: 'public-read' })))).toMatchObject({
      name: 'AccessControlListNotSupported',
      status: 400,
    });
  });

  test('encryption', async () => {
    const rule = (SSEAlgorithm: 'AES256') =>
      new PutBucketEncryptionCommand({
        Bucket,
        ServerSideEncryptionConfiguration: {
          Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm }, BucketKeyEnabled: true }],
        },
      });
    await s3.send(rule('AES256'));
    expect(
      (await s3.send(new GetBucketEncryptionCommand({ Bucket }))).ServerSideEncryptionConfiguration?.Rules?.[0],
    ).toMatchObject({ BucketKeyEnabled: true, BlockedEncryptionTypes: { EncryptionType: ['SSE-C'] } });
    await s3.send(new DeleteBucketEncryptionCommand({ Bucket }));
    expect(await failure(nobody.send(new GetBucketEncryptionCommand({ Bucket })))).toMatchObject({
      name: 'AccessDenied',
    });
    expect(await failure(nobody.send(new DeleteBucketEncryptionCommand({ Bucket })))).toMatchObject({
      name: 'AccessDenied',
    });
  });

  test('versioning', async () => {
    expect((await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status).toBeUndefined();
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
    expect((await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status).toBe('Enabled');
    expect(
      await failure(s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: {} }))),
    ).toMatchObject({ name: 'IllegalVersioningConfigurationException' });
    expect(await failure(nobody.send(new GetBucketVersioningCommand({ Bucket })))).toMatchObject({
      name: 'AccessDenied',
    });
  });

  test('tags', async () => {
    expect(await failure(s3.send(new GetBucketTaggingCommand({ Bucket })))).toMatchObject({
      name: 'NoSuchTagSet',
      status: 404,
    });
    await s3.send(
      new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: [{ Key: 'team', Value: 'bar + grill' }] } }),
    );
    expect((await s3.send(new GetBucketTaggingCommand({ Bucket }))).TagSet).toEqual([
      { Key: 'team', Value: 'bar + grill' },
    ]);
    expect(
      await failure(
        s3.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: [{ Key: 'aws:x', Value: '' }] } })),
      ),
    ).toMatchObject({ name: 'InvalidTag' });
    await s3.send(new DeleteBucketTaggingCommand({ Bucket }));
    expect(await failure(nobody.send(new DeleteBucketTaggingCommand({ Bucket })))).toMatchObject({
      name: 'AccessDenied',
    });
  });

  test('CORS, and the preflight that browsers ask', async () => {
    expect(await failure(s3.send(new GetBucketCorsCommand({ Bucket })))).toMatchObject({
      name: 'NoSuchCORSConfiguration',
      status: 404,
    });
    const rule = {
      AllowedMethods: ['PUT'],
      AllowedOrigins: ['https://shop.example'],
      AllowedHeaders: ['*'],
      MaxAgeSeconds: 60,
    };
    await s3.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules: [rule] } }));
    expect((await s3.send(new GetBucketCorsCommand({ Bucket }))).CORSRules).toEqual([rule]);
    const bad = { ...rule, AllowedMethods: ['PATCH'] };
    expect(
      await failure(s3.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules: [bad] } }))),
    ).toMatchObject({ name: 'InvalidRequest' });
    const ask = (Origin: string) =>
      fetch(`${instance.endpoint}/${Bucket}/key`, {
        method: 'OPTIONS',
        headers: { Origin, 'Access-Control-Request-Method': 'PUT', 'Access-Control-Request-Headers': 'x-amz-date' },
      });
    const granted = await ask('https://shop.example');
    expect(granted.status).toBe(200);
    expect(granted.headers.get('access-control-allow-origin')).toBe('https://shop.example');
    expect(granted.headers.get('access-control-allow-headers')).toBe('x-amz-date');
    const refused = await ask('https://evil.example');
    expect(refused.status).toBe(403);
    expect(refused.headers.get('access-control-allow-origin')).toBeNull();
    await s3.send(new DeleteBucketCorsCommand({ Bucket }));
    expect((await ask('https://shop.example')).status).toBe(403);
    expect(await failure(nobody.send(new DeleteBucketCorsCommand({ Bucket })))).toMatchObject({ name: 'AccessDenied' });
  });
});
