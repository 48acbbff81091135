/** S3 multipart uploads and forms, driven by the SDK's own upload and presigning packages. */
import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import {
  AbortMultipartUploadCommand,
  type ChecksumAlgorithm,
  type ChecksumType,
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nobodyKeys, startInstance, type TestInstance } from '../support/instance.ts';

let instance: TestInstance;
let s3: S3Client;
let nobody: S3Client;
const Bucket = 'uploads';

beforeAll(async () => {
  instance = await startInstance();
  s3 = new S3Client(instance.clientOptions());
  nobody = new S3Client(instance.clientOptions(nobodyKeys));
  await s3.send(new CreateBucketCommand({ Bucket }));
});

afterAll(async () => {
  await instance.stop();
});

const failure = (sent: Promise<unknown>) =>
  sent.then(
    () => ({ name: 'succeeded', status: 200, message: '' }),
    (error) => ({ name: error.name, status: error.$metadata?.httpStatusCode, message: error.message }),
  );
const md5 = (bytes: Uint8Array) => createHash('md5').update(bytes).digest('hex');

describe('multipart uploads', () => {
  test('lib-storage sends a stream in parts', async () => {
    const body = randomBytes(12 * 1024 * 1024 + 17);
    const chunks = Array.from({ length: 13 }, (_, i) =>
      body.subarray(i * 1024 * 1024, i === 12 ? undefined : (i + 1) * 1024 * 1024),
    );
    const upload = new Upload({
      client: s3,
      params: { Bucket, Key: 'stream', Body: Readable.from(chunks) },
      partSize: 5 * 1024 * 1024,
      queueSize: 3,
    });
    const done = await upload.done();
    expect(done.ETag).toMatch(/-3"$/);
    const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'stream' }));
    expect(md5(await got.Body!.transformToByteArray())).toBe(md5(body));
    const second = await s3.send(new HeadObjectCommand({ Bucket, Key: 'stream', PartNumber: 3 }));
    expect(second).toMatchObject({ PartsCount: 3, ContentLength: 2 * 1024 * 1024 + 17 });
  });

  test('prove the checksum of the whole, and of a part that is read by itself', async () => {
    const Key = 'proven';
    const crc = (...pieces: Uint8Array[]) => {
      const value = Buffer.alloc(4);
      value.writeUInt32BE(pieces.reduce((before, piece) => crc32(piece, before), 0));
      return value.toString('base64');
    };
    const pieces = [randomBytes(5 * 1024 * 1024), randomBytes(1000)] as const;
    const begin = async (ChecksumType: 'FULL_OBJECT' | 'COMPOSITE') => {
      const { UploadId } = await s3.send(
        new CreateMultipartUploadCommand({ Bucket, Key, ChecksumAlgorithm: 'CRC32', ChecksumType }),
      );
      const Parts = [];
      for (const [index, Body] of pieces.entries()) {
        const PartNumber = index + 1;
        const sent = await s3.send(
          new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body, ChecksumAlgorithm: 'CRC32' }),
        );
        Parts.push({ PartNumber, ETag: sent.ETag, ChecksumCRC32: sent.ChecksumCRC32 });
      }
      return { Bucket, Key, UploadId, MultipartUpload: { Parts } };
    };
    const upload = await begin('FULL_OBJECT');
    const whole = { ...upload, ChecksumType: 'FULL_OBJECT' } as const;
    expect(
      await failure(s3.send(new CompleteMultipartUploadCommand({ ...whole, ChecksumCRC32: crc(pieces[0]) }))),
    ).toMatchObject({ name: 'BadDigest', status: 400 });
    const done = await s3.send(new CompleteMultipartUploadCommand({ ...whole, ChecksumCRC32: crc(...pieces) }));
    expect(done).toMatchObject({ ChecksumCRC32: crc(...pieces), ChecksumType: 'FULL_OBJECT' });

    const readLast = async () => {
      const got = await s3.send(new GetObjectCommand({ Bucket, Key, PartNumber: 2, ChecksumMode: 'ENABLED' }));
      return { checksum: got.ChecksumCRC32, bytes: Buffer.from(await got.Body!.transformToByteArray()) };
    };
    // The SDK refuses bytes that do not have the checksum that came with them.
    expect(await readLast()).toEqual({ checksum: undefined, bytes: pieces[1] });
    await s3.send(new CompleteMultipartUploadCommand(await begin('COMPOSITE')));
    expect(await readLast()).toEqual({ checksum: crc(pieces[1]), bytes: pieces[1] });
  });

  test('by hand, with what AWS refuses', async () => {
    const Key = 'by-hand';
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key }));
    const first = await s3.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: 1, Body: 'small' }));
    await s3.send(new PutObjectCommand({ Bucket, Key: 'source', Body: 'espresso' }));
    const copied = await s3.send(
      new UploadPartCopyCommand({
        Bucket,
        Key,
        UploadId,
        PartNumber: 2,
        CopySource: `${Bucket}/source`,
        CopySourceRange: 'bytes=0-2',
      }),
    );
    expect((await s3.send(new ListPartsCommand({ Bucket, Key, UploadId }))).Parts?.map((p) => p.Size)).toEqual([5, 3]);
    expect((await s3.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads?.map((u) => u.UploadId)).toEqual([
      UploadId,
    ]);
    const complete = (Parts: object[]) =>
      s3.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }));
    const both = [
      { PartNumber: 1, ETag: first.ETag },
      { PartNumber: 2, ETag: copied.CopyPartResult?.ETag },
    ];
    expect(await failure(complete(both))).toMatchObject({ name: 'EntityTooSmall', status: 400 });
    expect(await failure(complete([{ PartNumber: 1, ETag: '"wrong"' }]))).toMatchObject({ name: 'InvalidPart' });
    expect(
      await failure(s3.send(new UploadPartCommand({ Bucket, Key, UploadId: 'nothing', PartNumber: 1, Body: 'x' }))),
    ).toMatchObject({ name: 'NoSuchUpload', status: 404 });
    expect(
      await failure(
        s3.send(new UploadPartCopyCommand({ Bucket, Key, UploadId, PartNumber: 3, CopySource: `${Bucket}/nothing` })),
      ),
    ).toMatchObject({ name: 'NoSuchKey' });
    expect(await failure(s3.send(new ListPartsCommand({ Bucket, Key, UploadId: 'nothing' })))).toMatchObject({
      name: 'NoSuchUpload',
    });
    expect(await failure(nobody.send(new ListMultipartUploadsCommand({ Bucket })))).toMatchObject({
      name: 'AccessDenied',
    });
    expect(await failure(nobody.send(new CreateMultipartUploadCommand({ Bucket, Key })))).toMatchObject({
      name: 'AccessDenied',
    });
    await complete([both[0]!]);
    expect(await failure(s3.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId })))).toMatchObject({
      name: 'NoSuchUpload',
    });
    const again = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key }));
    await s3.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId: again.UploadId }));
    expect((await s3.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads).toBeUndefined();
  });
});

describe('the checksum of a whole upload', () => {
  const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest();
  const crc = Buffer.alloc(4);
  crc.writeUInt32BE(crc32('espresso'));
  const rows: readonly [ChecksumAlgorithm, ChecksumType, string, string][] = [
    ['CRC32', 'FULL_OBJECT', crc.toString('base64'), 'AAAAAA=='],
    [
      'SHA256',
      'COMPOSITE',
      `${sha256(sha256('espresso')).toString('base64')}-1`,
      `${sha256('x').toString('base64')}-1`,
    ],
  ];

  test.each(rows)(
    '%s, %s, is compared with the object, not with the request',
    async (algorithm, type, right, wrong) => {
      const Key = `whole-${algorithm}`;
      const begin = { Bucket, Key, ChecksumAlgorithm: algorithm, ChecksumType: type };
      const { UploadId } = await s3.send(new CreateMultipartUploadCommand(begin));
      const sent = { Bucket, Key, UploadId, PartNumber: 1, Body: 'espresso', ChecksumAlgorithm: algorithm };
      const { $metadata: _, ServerSideEncryption: __, ...part } = await s3.send(new UploadPartCommand(sent));
      const MultipartUpload = { Parts: [{ PartNumber: 1, ...part }] };
      const complete = (value: string) =>
        s3.send(
          new CompleteMultipartUploadCommand({
            Bucket,
            Key,
            UploadId,
            MultipartUpload,
            [`Checksum${algorithm}`]: value,
          }),
        );
      expect(await failure(complete(wrong))).toMatchObject({ name: 'BadDigest', status: 400 });
      expect(await complete(right)).toMatchObject({ [`Checksum${algorithm}`]: right, ChecksumType: type });
    },
  );
});

describe('browser forms', () => {
  async function send(
    client: S3Client,
    key: string,
    file: string,
    more: { fields?: Record<string, string>; change?: Record<string, string> } = {},
  ) {
    const { url, fields } = await createPresignedPost(client, {
      Bucket,
      Key: key,
      Conditions: [
        ['content-length-range', 1, 100],
        ...Object.entries(more.fields ?? {}).map(([name, value]) => ({ [name]: value })),
      ],
      Fields: more.fields ?? {},
      Expires: 60,
    });
    const form = new FormData();
    for (const [name, value] of Object.entries({ ...fields, ...more.change })) form.append(name, value);
    form.append('file', new Blob([file]), 'menu.txt');
    return fetch(url, { method: 'POST', body: form, redirect: 'manual' });
  }

  test('upload what their policy allows', async () => {
    const answer = await send(s3, 'forms/menu', 'espresso', {
      fields: { 'Content-Type': 'text/plain', 'x-amz-meta-a': '1', success_action_status: '201' },
    });
    expect(answer.status).toBe(201);
    expect(await answer.text()).toContain('<Key>forms/menu</Key>');
    const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'forms/menu' }));
    expect(got).toMatchObject({ ContentType: 'text/plain', Metadata: { a: '1' } });
    expect(await got.Body!.transformToString()).toBe('espresso');
    expect((await send(s3, 'forms/plain', 'x')).status).toBe(204);
    expect((await send(s3, `forms/\${filename}`, 'x')).status).toBe(204);
    expect((await s3.send(new HeadObjectCommand({ Bucket, Key: 'forms/menu.txt' }))).ContentLength).toBe(1);
    const redirected = await send(s3, 'forms/r', 'x', {
      fields: { success_action_redirect: 'https://shop.example/done' },
    });
    expect(redirected.status).toBe(303);
    expect(redirected.headers.get('location')).toMatch(
      /^https:\/\/shop\.example\/done\?bucket=uploads&key=forms%2Fr&etag=/,
    );
  });

  test.each(['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256', 'SHA512'] as const)(
    'are held to the %s that they name',
    async (ChecksumAlgorithm) => {
      const member = `Checksum${ChecksumAlgorithm}` as const;
      const field = `x-amz-checksum-${ChecksumAlgorithm.toLowerCase()}`;
      const Key = `forms/${ChecksumAlgorithm}`;
      // What the SDK does not compute by itself it is given.
      const ChecksumSHA512 = createHash('sha512').update('espresso').digest('base64');
      const given = ChecksumAlgorithm === 'SHA512' ? { ChecksumSHA512 } : { ChecksumAlgorithm };
      const put = new PutObjectCommand({ Bucket, Key: 'forms/by-put', Body: 'espresso', ...given });
      const { [member]: right = '' } = await s3.send(put);
      const fields = { 'x-amz-checksum-algorithm': ChecksumAlgorithm, [field]: right };
      const taken = await send(s3, Key, 'espresso', { fields });
      expect([taken.status, taken.headers.get(field)]).toEqual([204, right]);
      const refused = await send(s3, Key, 'ristretto', { fields });
      expect([refused.status, await refused.text()]).toEqual([400, expect.stringContaining('<Code>BadDigest</Code>')]);
      const attributes = new GetObjectAttributesCommand({ Bucket, Key, ObjectAttributes: ['Checksum'] });
      expect((await s3.send(attributes)).Checksum).toEqual({ [member]: right, ChecksumType: 'FULL_OBJECT' });
      const unchecked = new S3Client({ ...instance.clientOptions(), responseChecksumValidation: 'WHEN_REQUIRED' });
      const got = await unchecked.send(new GetObjectCommand({ Bucket, Key }));
      expect(await got.Body!.transformToString()).toBe('espresso');
    },
  );

  test('are refused with a checksum that nobody computes', async () => {
    const refused = await send(s3, 'forms/md5', 'x', { fields: { 'x-amz-checksum-md5': 'AAAAAAAAAAAAAAAAAAAAAA==' } });
    expect([refused.status, await refused.text()]).toEqual([
      400,
      expect.stringContaining('<Code>InvalidRequest</Code>'),
    ]);
  });

  test('are refused when they leave it, or their signer may not', async () => {
    expect((await send(s3, 'forms/a', 'x'.repeat(101))).status).toBe(400);
    expect((await send(s3, 'forms/a', 'x', { change: { key: 'forms/b' } })).status).toBe(403);
    expect((await send(s3, 'forms/a', 'x', { change: { 'x-amz-meta-more': '1' } })).status).toBe(403);
    expect((await send(nobody, 'forms/a', 'x')).status).toBe(403);
    const unsigned = new FormData();
    unsigned.append('key', 'forms/a');
    unsigned.append('file', new Blob(['x']));
    expect((await fetch(`${instance.endpoint}/${Bucket}`, { method: 'POST', body: unsigned })).status).toBe(403);
    expect(await failure(s3.send(new GetObjectCommand({ Bucket, Key: 'forms/a' })))).toMatchObject({
      name: 'NoSuchKey',
    });
  });
});
