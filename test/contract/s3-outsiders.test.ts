/** What S3 tells callers of other accounts: that they may not, and not why. */
import {
  CreateBucketCommand,
  DeletePublicAccessBlockCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketCorsCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nobodyKeys, otherAdminKeys, startInstance, type TestInstance } from '../support/instance.ts';

const Bucket = 'coffee-shop-secrets';
let instance: TestInstance;
beforeAll(async () => {
  instance = await startInstance();
  const s3 = new S3Client(instance.clientOptions());
  await s3.send(new CreateBucketCommand({ Bucket }));
  await s3.send(new PutObjectCommand({ Bucket, Key: 'recipe', Body: 'beans' }));
});
afterAll(() => instance.stop());

const list = (keys: typeof nobodyKeys) =>
  new S3Client(instance.clientOptions(keys)).send(new ListObjectsV2Command({ Bucket }));

describe('a denial', () => {
  test('names the kind of policy to callers of the account', async () => {
    await expect(list(nobodyKeys)).rejects.toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining('because no identity-based policy allows the s3:ListBucket action'),
    });
  });

  test('names none to callers of others, neither by silence nor by an explicit deny', async () => {
    await expect(list(otherAdminKeys)).rejects.toMatchObject({ name: 'AccessDenied', message: 'Access Denied' });
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: {
        Sid: 'Keep',
        Effect: 'Deny',
        Principal: { AWS: '444455556666' },
        Action: 's3:ListBucket',
        Resource: `arn:aws:s3:::${Bucket}`,
      },
    });
    await new S3Client(instance.clientOptions()).send(new PutBucketPolicyCommand({ Bucket, Policy }));
    await expect(list(otherAdminKeys)).rejects.toMatchObject({ name: 'AccessDenied', message: 'Access Denied' });
  });
});

describe('browsers of other origins', () => {
  const origin = 'https://shop.example';
  let url: string;
  beforeAll(async () => {
    const s3 = new S3Client(instance.clientOptions());
    await s3.send(new DeletePublicAccessBlockCommand({ Bucket }));
    await s3.send(
      new PutBucketCorsCommand({
        Bucket,
        CORSConfiguration: {
          CORSRules: [{ AllowedOrigins: [origin], AllowedMethods: ['GET'], ExposeHeaders: ['ETag'], MaxAgeSeconds: 5 }],
        },
      }),
    );
    url = await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key: 'recipe' }));
  });

  test('may read answers where a rule lets them, also those that deny', async () => {
    const allowed = await fetch(url, { headers: { origin } });
    expect(allowed.status).toBe(200);
    expect(allowed.headers.get('access-control-allow-origin')).toBe(origin);
    expect(allowed.headers.get('access-control-expose-headers')).toBe('ETag');
    expect(allowed.headers.get('vary')).toContain('Origin');
    const denied = await fetch(`${instance.endpoint}/${Bucket}/recipe`, { headers: { origin } });
    expect(denied.status).toBe(403);
    expect(denied.headers.get('access-control-allow-origin')).toBe(origin);
  });

  test('see nothing of other origins, other methods and buckets without rules', async () => {
    const elsewhere = await fetch(url, { headers: { origin: 'https://shop.example.evil' } });
    expect(elsewhere.status).toBe(200);
    expect(elsewhere.headers.get('access-control-allow-origin')).toBeNull();
    const put = await fetch(url, { method: 'PUT', headers: { origin }, body: 'x' });
    expect(put.status).toBe(403);
    expect(put.headers.get('access-control-allow-origin')).toBeNull();
    const nowhere = await fetch(`${instance.endpoint}/no-such-bucket/recipe`, { headers: { origin } });
    expect(nowhere.headers.get('access-control-allow-origin')).toBeNull();
  });
});
