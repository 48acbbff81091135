/** S3 objects, driven by the real SDK: for each operation a success and a modelled error. */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  DeleteObjectTaggingCommand,
  GetObjectAclCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectAclCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  paginateListObjectsV2,
  S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nobodyKeys, startInstance, type TestInstance } from '../support/instance.ts';

let instance: TestInstance;
let s3: S3Client;
let nobody: S3Client;
const Bucket = 'reports';

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
const put = (Key: string, Body = 'x', more: object = {}) =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
const text = async (Key: string, more: object = {}) =>
  (await s3.send(new GetObjectCommand({ Bucket, Key, ...more }))).Body!.transformToString();

describe('wire trap: round trips', () => {
  test.each([
    'a',
    'a//b',
    'a/../b',
    './c',
    'a%2Fb',
    'a+b c',
    '日本語/☕',
    'x'.repeat(1024),
    '__proto__',
    ' ',
    "it's (a) key!*",
    'a?b#c',
    '&<>"',
  ])('of the key %s', async (key) => {
    await put(key, `body of ${key}`);
    expect(await text(key)).toBe(`body of ${key}`);
    const listed = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: key }));
    expect(listed.Contents?.map((o) => o.Key)).toEqual([key]);
    await s3.send(new DeleteObjectCommand({ Bucket, Key: key }));
    expect(await failure(s3.send(new GetObjectCommand({ Bucket, Key: key })))).toMatchObject({
      name: 'NoSuchKey',
      status: 404,
    });
  });

  test('of headers, metadata and ranges', async () => {
    await put('menu', 'espresso', {
      ContentType: 'text/plain',
      CacheControl: 'no-store',
      Metadata: { Author: 'rudy' },
      Tagging: 'a=1',
      StorageClass: 'STANDARD_IA',
      Expires: new Date('2030-01-01T00:00:00Z'),
    });
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key: 'menu', ChecksumMode: 'ENABLED' }));
    expect(head).toMatchObject({
      ContentLength: 8,
      ContentType: 'text/plain',
      CacheControl: 'no-store',
      Metadata: { author: 'rudy' },
      TagCount: 1,
      StorageClass: 'STANDARD_IA',
      ServerSideEncryption: 'AES256',
      ChecksumType: 'FULL_OBJECT',
    });
    expect(head.ETag).toBe(`"${createHash('md5').update('espresso').digest('hex')}"`);
    const part = await s3.send(new GetObjectCommand({ Bucket, Key: 'menu', Range: 'bytes=2-4' }));
    expect(part).toMatchObject({ ContentRange: 'bytes 2-4/8', $metadata: { httpStatusCode: 206 } });
    expect(await part.Body!.transformToString()).toBe('pre');
    expect(await failure(s3.send(new GetObjectCommand({ Bucket, Key: 'menu', Range: 'bytes=8-' })))).toMatchObject({
      name: 'InvalidRange',
      status: 416,
    });
    expect(await failure(s3.send(new GetObjectCommand({ Bucket, Key: 'menu', IfNoneMatch: head.ETag })))).toMatchObject(
      { status: 304 },
    );
    expect(await failure(s3.send(new HeadObjectCommand({ Bucket, Key: 'nothing' })))).toMatchObject({
      name: 'NotFound',
      status: 404,
    });
    expect(await failure(put('menu', 'x', { IfNoneMatch: '*' }))).toMatchObject({
      name: 'PreconditionFailed',
      status: 412,
    });
  });

  test.each(['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const)(
    'of a stream with a %s trailer',
    async (ChecksumAlgorithm) => {
      const body = Buffer.alloc(300_000, 'espresso ');
      const sent = await s3.send(
        new PutObjectCommand({
          Bucket,
          Key: 'stream',
          Body: Readable.from([body.subarray(0, 100_000), body.subarray(100_000)]),
          ContentLength: body.length,
          ChecksumAlgorithm,
        }),
      );
      expect(sent[`Checksum${ChecksumAlgorithm}`]).toBeDefined();
      const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'stream', ChecksumMode: 'ENABLED' }));
      expect(got[`Checksum${ChecksumAlgorithm}`]).toBe(sent[`Checksum${ChecksumAlgorithm}`]);
      expect(
        createHash('md5')
          .update(await got.Body!.transformToByteArray())
          .digest('hex'),
      ).toBe(createHash('md5').update(body).digest('hex'));
    },
  );

  test('a wrong checksum stores nothing', async () => {
    expect(
      await failure(put('wrong', 'x', { ChecksumSHA256: createHash('sha256').update('y').digest('base64') })),
    ).toMatchObject({ name: 'BadDigest', status: 400 });
    expect(await failure(s3.send(new GetObjectCommand({ Bucket, Key: 'wrong' })))).toMatchObject({ name: 'NoSuchKey' });
  });
});

describe('who may', () => {
  test('M-062 a stranger learns nothing, not even that a key is missing', async () => {
    await put('secret');
    for (const Key of ['secret', 'nothing']) {
      expect(await failure(nobody.send(new GetObjectCommand({ Bucket, Key })))).toMatchObject({
        name: 'AccessDenied',
        status: 403,
      });
      expect(await failure(nobody.send(new PutObjectCommand({ Bucket, Key, Body: 'x' })))).toMatchObject({
        name: 'AccessDenied',
        status: 403,
      });
      expect(await failure(nobody.send(new DeleteObjectCommand({ Bucket, Key })))).toMatchObject({
        name: 'AccessDenied',
        status: 403,
      });
      expect(await failure(nobody.send(new GetObjectTaggingCommand({ Bucket, Key })))).toMatchObject({
        name: 'AccessDenied',
        status: 403,
      });
      expect(
        await failure(nobody.send(new GetObjectAttributesCommand({ Bucket, Key, ObjectAttributes: ['ETag'] }))),
      ).toMatchObject({ name: 'AccessDenied' });
    }
    expect(await failure(nobody.send(new ListObjectsV2Command({ Bucket })))).toMatchObject({
      name: 'AccessDenied',
      status: 403,
    });
    expect(await failure(nobody.send(new ListObjectsCommand({ Bucket })))).toMatchObject({ name: 'AccessDenied' });
    expect(await failure(nobody.send(new ListObjectVersionsCommand({ Bucket })))).toMatchObject({
      name: 'AccessDenied',
    });
    expect(
      await failure(nobody.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'secret' }] } }))),
    ).toMatchObject({ name: 'AccessDenied', status: 403 });
    expect((await fetch(`${instance.endpoint}/${Bucket}/secret`)).status).toBe(403);
    expect(await text('secret')).toBe('x');
  });

  test('a presigned link carries the permission of its signer', async () => {
    await put('linked', 'by link');
    const link = await getSignedUrl(
      s3,
      new GetObjectCommand({ Bucket, Key: 'linked', ResponseContentType: 'text/csv' }),
      { expiresIn: 60 },
    );
    const answer = await fetch(link);
    expect(await answer.text()).toBe('by link');
    expect(answer.headers.get('content-type')).toBe('text/csv');
    expect((await fetch(link.replace('linked', 'secret'))).status).toBe(403);
    expect((await fetch(await getSignedUrl(nobody, new GetObjectCommand({ Bucket, Key: 'linked' })))).status).toBe(403);
    const target = await getSignedUrl(s3, new PutObjectCommand({ Bucket, Key: 'sent' }), { expiresIn: 60 });
    expect((await fetch(target, { method: 'PUT', body: 'sent by link' })).status).toBe(200);
    expect(await text('sent')).toBe('sent by link');
  });
});

describe('listings', () => {
  test('page through keys and prefixes', async () => {
    for (const key of ['l/a/1', 'l/a/2', 'l/b', 'l/c/1', 'l/d']) await put(key);
    const entries: string[] = [];
    for await (const page of paginateListObjectsV2(
      { client: s3, pageSize: 2 },
      { Bucket, Prefix: 'l/', Delimiter: '/' },
    )) {
      entries.push(...(page.Contents ?? []).map((o) => o.Key!), ...(page.CommonPrefixes ?? []).map((p) => p.Prefix!));
    }
    expect(entries.sort()).toEqual(['l/a/', 'l/b', 'l/c/', 'l/d']);
    expect(
      (await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'l/', StartAfter: 'l/b' }))).Contents?.map(
        (o) => o.Key,
      ),
    ).toEqual(['l/c/1', 'l/d']);
    expect(await s3.send(new ListObjectsCommand({ Bucket, Prefix: 'l/', Delimiter: '/', MaxKeys: 1 }))).toMatchObject({
      IsTruncated: true,
      NextMarker: 'l/a/',
    });
    expect(await failure(s3.send(new ListObjectsV2Command({ Bucket, ContinuationToken: 'forged' })))).toMatchObject({
      name: 'InvalidArgument',
      status: 400,
    });
    expect(await failure(s3.send(new ListObjectsV2Command({ Bucket: 'nowhere' })))).toMatchObject({
      name: 'NoSuchBucket',
      status: 404,
    });
  });
});

describe('copies, tags, attributes and deletes', () => {
  test('CopyObject', async () => {
    await put('from here+1', 'espresso', { Metadata: { a: '1' } });
    const CopySource = `${Bucket}/${encodeURIComponent('from here+1')}`;
    const { CopyObjectResult } = await s3.send(new CopyObjectCommand({ Bucket, Key: 'to', CopySource }));
    expect(CopyObjectResult?.ETag).toBe(`"${createHash('md5').update('espresso').digest('hex')}"`);
    expect((await s3.send(new HeadObjectCommand({ Bucket, Key: 'to' }))).Metadata).toEqual({ a: '1' });
    expect(
      await failure(s3.send(new CopyObjectCommand({ Bucket, Key: 'to', CopySource: `${Bucket}/to` }))),
    ).toMatchObject({ name: 'InvalidRequest', status: 400 });
  });

  test('object tags and ACL', async () => {
    await put('tagged');
    await s3.send(
      new PutObjectTaggingCommand({ Bucket, Key: 'tagged', Tagging: { TagSet: [{ Key: 'a', Value: '1' }] } }),
    );
    expect((await s3.send(new GetObjectTaggingCommand({ Bucket, Key: 'tagged' }))).TagSet).toEqual([
      { Key: 'a', Value: '1' },
    ]);
    const twice = [1, 2].map((n) => ({ Key: 'a', Value: `${n}` }));
    expect(
      await failure(s3.send(new PutObjectTaggingCommand({ Bucket, Key: 'tagged', Tagging: { TagSet: twice } }))),
    ).toMatchObject({ name: 'InvalidTag', status: 400 });
    await s3.send(new DeleteObjectTaggingCommand({ Bucket, Key: 'tagged' }));
    expect((await s3.send(new GetObjectTaggingCommand({ Bucket, Key: 'tagged' }))).TagSet).toEqual([]);
    expect(await failure(s3.send(new DeleteObjectTaggingCommand({ Bucket, Key: 'nothing' })))).toMatchObject({
      name: 'NoSuchKey',
    });
    expect((await s3.send(new GetObjectAclCommand({ Bucket, Key: 'tagged' }))).Grants).toHaveLength(1);
    expect(await failure(s3.send(new GetObjectAclCommand({ Bucket, Key: 'nothing' })))).toMatchObject({
      name: 'NoSuchKey',
    });
    expect(
      await failure(s3.send(new PutObjectAclCommand({ Bucket, Key: 'tagged', ACL: 'public-read' }))),
    ).toMatchObject({ name: 'AccessControlListNotSupported' });
  });

  test('GetObjectAttributes', async () => {
    await put('measured', 'espresso');
    expect(
      await s3.send(
        new GetObjectAttributesCommand({
          Bucket,
          Key: 'measured',
          ObjectAttributes: ['ObjectSize', 'StorageClass', 'Checksum', 'ETag'],
        }),
      ),
    ).toMatchObject({
      ObjectSize: 8,
      StorageClass: 'STANDARD',
      Checksum: { ChecksumType: 'FULL_OBJECT' },
      ETag: createHash('md5').update('espresso').digest('hex'),
    });
  });

  test('DeleteObjects', async () => {
    for (const key of ['d1', 'd2']) await put(key);
    const { Deleted } = await s3.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'd1' }, { Key: 'd2' }, { Key: 'never' }] } }),
    );
    expect(Deleted?.map((d) => d.Key)).toEqual(['d1', 'd2', 'never']);
    expect(await failure(s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [] } })))).toMatchObject({
      name: 'MalformedXML',
    });
  });
});

describe('integrity and concurrency', () => {
  test('of bodies that are read whole', async () => {
    const Delete = { Objects: [{ Key: 'kept' }] };
    await put('kept');
    const tampered = new S3Client(instance.clientOptions());
    tampered.middlewareStack.add(
      (next) => (args) => {
        const request = args.request as { headers: Record<string, string> };
        for (const name of Object.keys(request.headers)) {
          if (name.startsWith('x-amz-checksum-crc')) request.headers[name] = 'AAAAAA==';
        }
        return next(args);
      },
      { step: 'build', priority: 'low' },
    );
    expect(await failure(tampered.send(new DeleteObjectsCommand({ Bucket, Delete })))).toMatchObject({
      name: 'BadDigest',
      status: 400,
    });
    expect(await text('kept')).toBe('x');
  });

  test('of many writers of one key: each is answered, one is kept', async () => {
    const sent = await Promise.all(Array.from({ length: 20 }, (_, i) => put('contended', `body ${i}`)));
    expect(new Set(sent.map((s) => s.ETag)).size).toBe(20);
    const kept = await s3.send(new GetObjectCommand({ Bucket, Key: 'contended' }));
    const body = await kept.Body!.transformToString();
    expect(kept.ETag).toBe(`"${createHash('md5').update(body).digest('hex')}"`);
    const first = await Promise.allSettled(
      Array.from({ length: 10 }, (_, i) => put('once', `${i}`, { IfNoneMatch: '*' })),
    );
    expect(first.filter((f) => f.status === 'fulfilled')).toHaveLength(1);
  });
});

describe('versions', () => {
  test('come back', async () => {
    const versioned = { Bucket: 'versioned' };
    await s3.send(new CreateBucketCommand(versioned));
    await s3.send(new PutBucketVersioningCommand({ ...versioned, VersioningConfiguration: { Status: 'Enabled' } }));
    const first = await s3.send(new PutObjectCommand({ ...versioned, Key: 'a', Body: 'one' }));
    await s3.send(new PutObjectCommand({ ...versioned, Key: 'a', Body: 'two' }));
    const gone = await s3.send(new DeleteObjectCommand({ ...versioned, Key: 'a' }));
    expect(gone.DeleteMarker).toBe(true);
    const missing = await s3.send(new GetObjectCommand({ ...versioned, Key: 'a' })).catch((error) => error);
    expect(missing).toMatchObject({ name: 'NoSuchKey' });
    expect(missing.$response.headers['x-amz-delete-marker']).toBe('true');
    expect(
      await failure(s3.send(new GetObjectCommand({ ...versioned, Key: 'a', VersionId: gone.VersionId }))),
    ).toMatchObject({ name: 'MethodNotAllowed', status: 405 });
    const old = await s3.send(new GetObjectCommand({ ...versioned, Key: 'a', VersionId: first.VersionId }));
    expect(await old.Body!.transformToString()).toBe('one');
    const listed = await s3.send(new ListObjectVersionsCommand(versioned));
    expect(listed.Versions?.map((v) => v.IsLatest)).toEqual([false, false]);
    expect(listed.DeleteMarkers?.map((v) => v.IsLatest)).toEqual([true]);
    expect(
      await failure(s3.send(new GetObjectCommand({ ...versioned, Key: 'a', VersionId: 'nonsense' }))),
    ).toMatchObject({ name: 'InvalidArgument' });
  });
});
