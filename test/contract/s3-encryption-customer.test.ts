/** SSE-C over HTTP: objects that only whoever brings the key can read; the key is kept nowhere. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutBucketEncryptionCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { customerKey, recordsOf, refused, textOf } from '../support/encrypted-objects.ts';
import { startInstance, type TestInstance } from '../support/instance.ts';

let instance: TestInstance;
let s3: S3Client;
const Bucket = 'carried';
const first = customerKey(0xa1);
const second = customerKey(0xb2);
const asSource = (key: typeof first) => ({
  CopySourceSSECustomerAlgorithm: key.SSECustomerAlgorithm,
  CopySourceSSECustomerKey: key.SSECustomerKey,
  CopySourceSSECustomerKeyMD5: key.SSECustomerKeyMD5,
});
const shown = { SSECustomerAlgorithm: 'AES256', SSECustomerKeyMD5: first.SSECustomerKeyMD5 };

const block = (EncryptionType: 'SSE-C' | 'NONE') =>
  s3.send(
    new PutBucketEncryptionCommand({
      Bucket,
      ServerSideEncryptionConfiguration: {
        Rules: [
          {
            ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' },
            BlockedEncryptionTypes: { EncryptionType: [EncryptionType] },
          },
        ],
      },
    }),
  );
const put = (Key: string, more: object = first) =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body: `body of ${Key}`, ...more }));
const get = (Key: string, more: object = {}) => textOf(s3, { Bucket, Key, ...more });

beforeAll(async () => {
  instance = await startInstance();
  s3 = new S3Client(instance.clientOptions());
  await s3.send(new CreateBucketCommand({ Bucket }));
});

afterAll(() => instance.stop());

test('new buckets take no customer keys before their owner says so', async () => {
  expect(await refused(put('a'))).toMatchObject({ name: 'AccessDenied', status: 403 });
  const begin = new CreateMultipartUploadCommand({ Bucket, Key: 'a', ...first });
  expect(await refused(s3.send(begin))).toMatchObject({ name: 'AccessDenied' });
  await block('NONE');
  expect(await put('a')).toMatchObject(shown);
  await block('SSE-C');
  expect(await refused(put('a'))).toMatchObject({ name: 'AccessDenied' });
  // What was written before stays readable.
  expect(await get('a', first)).toBe('body of a');
  await block('NONE');
});

describe('reading', () => {
  test('takes the same key, each time', async () => {
    const written = await put('kept');
    expect(written.ServerSideEncryption).toBeUndefined();
    const read = await s3.send(new GetObjectCommand({ Bucket, Key: 'kept', ...first, Range: 'bytes=5-6' }));
    expect(read).toMatchObject(shown);
    expect(await read.Body?.transformToString()).toBe('of');
    expect(await s3.send(new HeadObjectCommand({ Bucket, Key: 'kept', ...first }))).toMatchObject(shown);
    expect(await refused(get('kept'))).toEqual({
      name: 'InvalidRequest',
      status: 400,
      message:
        'The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object.',
    });
    expect(await refused(get('kept', second))).toEqual({ name: 'AccessDenied', status: 403, message: 'Access Denied' });
    expect(await refused(s3.send(new HeadObjectCommand({ Bucket, Key: 'kept' })))).toMatchObject({ status: 400 });
    expect(await refused(s3.send(new HeadObjectCommand({ Bucket, Key: 'kept', ...second })))).toMatchObject({
      status: 403,
    });
    const attributes = { Bucket, Key: 'kept', ObjectAttributes: ['ObjectSize' as const] };
    expect(await refused(s3.send(new GetObjectAttributesCommand(attributes)))).toMatchObject({ status: 400 });
    expect((await s3.send(new GetObjectAttributesCommand({ ...attributes, ...first }))).ObjectSize).toBe(12);
  });

  test('refuses keys where none is wanted', async () => {
    await put('open', {});
    expect(await refused(get('open', first))).toEqual({
      name: 'InvalidRequest',
      status: 400,
      message: 'The encryption parameters are not applicable to this object.',
    });
  });

  test('by a presigned link that names the key’s headers', async () => {
    await put('linked');
    const url = await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key: 'linked', ...first }), {
      unhoistableHeaders: new Set(
        ['algorithm', 'key', 'key-md5'].map((name) => `x-amz-server-side-encryption-customer-${name}`),
      ),
    });
    const headers = {
      'x-amz-server-side-encryption-customer-algorithm': 'AES256',
      'x-amz-server-side-encryption-customer-key': first.SSECustomerKey,
      'x-amz-server-side-encryption-customer-key-MD5': first.SSECustomerKeyMD5,
    };
    const response = await fetch(url, { headers });
    expect([response.status, await response.text()]).toEqual([200, 'body of linked']);
    expect((await fetch(url)).status).toBe(403);
  });
});

test.each([
  ['no algorithm', { SSECustomerAlgorithm: undefined }, 'must provide a valid encryption algorithm.'],
  ['another algorithm', { SSECustomerAlgorithm: 'AES128' }, 'The encryption method specified is not supported'],
  ['a short key', { SSECustomerKey: 'c2hvcnQ=' }, 'The secret key was invalid for the specified algorithm.'],
  ['SSE-S3 beside it', { ServerSideEncryption: 'AES256' }, 'is incompatible with the encryption method specified'],
])('%s is refused', async (_name, more, message) => {
  const { name, status, message: told } = await refused(put('never', { ...first, ...more }));
  expect([name, status]).toEqual(['InvalidArgument', 400]);
  expect(told).toContain(message);
  expect(told).not.toContain(first.SSECustomerKey);
});

test('copies change the key, or leave it behind', async () => {
  await put('source');
  const copy = (Key: string, more: object) =>
    s3.send(new CopyObjectCommand({ Bucket, Key, CopySource: `${Bucket}/source`, ...more }));
  expect(await refused(copy('copy', second))).toMatchObject({ name: 'InvalidRequest' });
  expect(await refused(copy('copy', { ...second, ...asSource(second) }))).toMatchObject({ name: 'AccessDenied' });
  await copy('copy', { ...second, ...asSource(first) });
  expect(await get('copy', second)).toBe('body of source');
  expect(await refused(get('copy', first))).toMatchObject({ name: 'AccessDenied' });
  await copy('source', { ...second, ...asSource(first) });
  expect(await get('source', second)).toBe('body of source');
  await s3.send(new CopyObjectCommand({ Bucket, Key: 'free', CopySource: `${Bucket}/source`, ...asSource(second) }));
  expect(await get('free')).toBe('body of source');
});

test('every part of an upload comes with the key', async () => {
  const begun = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'big', ...first }));
  expect(begun).toMatchObject(shown);
  const upload = { Bucket, Key: 'big', UploadId: begun.UploadId };
  const part = (PartNumber: number, Body: string | Buffer, more: object) =>
    s3.send(new UploadPartCommand({ ...upload, PartNumber, Body, ...more }));
  expect(await refused(part(1, 'x', {}))).toMatchObject({
    name: 'InvalidRequest',
    message: expect.stringContaining('Subsequent part requests must include the appropriate encryption parameters.'),
  });
  expect(await refused(part(1, 'x', second))).toMatchObject({
    name: 'InvalidRequest',
    message: 'The provided encryption parameters did not match the ones used originally.',
  });
  const body = Buffer.alloc(5 * 1024 * 1024, 'body');
  const one = await part(1, body, first);
  expect(one).toMatchObject(shown);
  await put('middle', second);
  const two = await s3.send(
    new UploadPartCopyCommand({
      ...upload,
      PartNumber: 2,
      CopySource: `${Bucket}/middle`,
      ...first,
      ...asSource(second),
    }),
  );
  const MultipartUpload = {
    Parts: [
      { PartNumber: 1, ETag: one.ETag },
      { PartNumber: 2, ETag: two.CopyPartResult?.ETag },
    ],
  };
  await s3.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload }));
  expect(await get('big', { ...first, Range: `bytes=${body.length - 4}-` })).toBe('bodybody of middle');
  expect(await refused(get('big', second))).toMatchObject({ name: 'AccessDenied' });
});

test('the key is nowhere: not in files, not in records', async () => {
  await put('canary');
  await get('canary', first);
  const trail = new CloudTrailClient(instance.clientOptions());
  for (const name of ['PutObject', 'GetObject', 'CopyObject']) {
    expect(JSON.stringify(await recordsOf(trail, name))).not.toContain(first.SSECustomerKey);
  }
  const raw = Buffer.from(first.SSECustomerKey, 'base64');
  const files = readdirSync(instance.dataDir, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  expect(files.length).toBeGreaterThan(3);
  for (const file of files) {
    const bytes = readFileSync(join(file.parentPath, file.name));
    for (const form of [raw, first.SSECustomerKey, raw.toString('hex'), 'body of canary']) {
      expect(bytes.includes(form)).toBe(false);
    }
  }
});
