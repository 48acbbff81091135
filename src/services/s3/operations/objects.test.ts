/** Objects: what is put is what is got, under every name and condition. */
import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { userCaller } from '../../../../test/support/call.ts';
import { bytes, type S3Bench, s3Bench, textOf } from '../../../../test/support/s3.ts';
import { checksumAlgorithms } from '../checksums/digest.ts';

let s3: S3Bench;
const Bucket = 'reports';

beforeEach(async () => {
  s3 = s3Bench();
  await s3.run('CreateBucket', { Bucket });
});

const put = (Key: string, text = 'x', more: object = {}) =>
  s3.run('PutObject', { Bucket, Key, Body: bytes(text), ...more });
const get = async (Key: string, more: object = {}) =>
  textOf((await s3.run('GetObject', { Bucket, Key, ...more })).Body);
const md5 = (text: string) => createHash('md5').update(text).digest();

describe('round trips', () => {
  it.each(['a', 'a//b', '../..', 'a%2Fb', 'a+b c', '日本語/☕', '𝒳', 'x'.repeat(1024), '__proto__', ' ', '/', 'a?b#c'])(
    'the key %s',
    async (key) => {
      await put(key, `body of ${key}`);
      expect(await get(key)).toBe(`body of ${key}`);
      expect((await s3.run('ListObjectsV2', { Bucket })).Contents?.map((o) => o.Key)).toEqual([key]);
    },
  );

  it('bytes, headers and metadata', async () => {
    const answer = await put('menu', 'espresso', {
      ContentType: 'text/plain',
      ContentEncoding: 'aws-chunked,gzip',
      CacheControl: 'no-store',
      Expires: new Date('2030-01-01T00:00:00Z'),
      Metadata: { Author: 'rudy', __proto__x: '1' },
      StorageClass: 'STANDARD_IA',
      Tagging: 'team=bar&note=a%20b',
    });
    expect(answer).toMatchObject({
      ETag: `"${md5('espresso').toString('hex')}"`,
      ServerSideEncryption: 'AES256',
      ChecksumType: 'FULL_OBJECT',
    });
    expect(answer.ChecksumCRC64NVME).toMatch(/^[A-Za-z0-9+/]{11}=$/);
    expect(await s3.run('HeadObject', { Bucket, Key: 'menu', ChecksumMode: 'ENABLED' })).toMatchObject({
      ContentLength: 8,
      ContentType: 'text/plain',
      ContentEncoding: 'gzip',
      CacheControl: 'no-store',
      Expires: new Date('2030-01-01T00:00:00Z'),
      Metadata: { author: 'rudy', __proto__x: '1' },
      StorageClass: 'STANDARD_IA',
      TagCount: 2,
      ChecksumCRC64NVME: answer.ChecksumCRC64NVME,
      LastModified: new Date(s3.bench.now),
    });
  });

  it('an empty body', async () => {
    await s3.run('PutObject', { Bucket, Key: 'empty' });
    expect(await get('empty')).toBe('');
    expect((await s3.refusal('GetObject', { Bucket, Key: 'empty', Range: 'bytes=0-' })).code).toBe('InvalidRange');
  });
});

describe('ranges', () => {
  it.each([
    ['bytes=0-3', '0123', 'bytes 0-3/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=-2', '89', 'bytes 8-9/10'],
    ['bytes=-99', '0123456789', 'bytes 0-9/10'],
    ['bytes=5-99999999999999999999', '56789', 'bytes 5-9/10'],
    ['bytes=5-4', '0123456789', undefined],
    ['bytes=0-1,3-4', '0123456789', undefined],
    ['lines=0-1', '0123456789', undefined],
    ['bytes=a-b', '0123456789', undefined],
  ])('%s', async (Range, text, contentRange) => {
    await put('digits', '0123456789');
    const answer = await s3.run('GetObject', { Bucket, Key: 'digits', Range });
    expect(answer.ContentRange).toBe(contentRange);
    expect(answer.ContentLength).toBe(text.length);
    expect(await textOf(answer.Body)).toBe(text);
  });

  it('beyond the end is 416 with the size', async () => {
    await put('digits', '0123456789');
    for (const Range of ['bytes=10-', 'bytes=10-20', 'bytes=-0']) {
      expect(await s3.refusal('GetObject', { Bucket, Key: 'digits', Range })).toMatchObject({
        code: 'InvalidRange',
        status: 416,
        headers: { 'content-range': 'bytes */10' },
      });
    }
  });
});

describe('conditions', () => {
  it('of reads follow RFC 9110', async () => {
    const { ETag } = await put('a');
    const before = new Date(s3.bench.now - 5000);
    const after = new Date(s3.bench.now + 5000);
    const status = async (conditions: object) =>
      s3.run('GetObject', { Bucket, Key: 'a', ...conditions }).then(
        () => 200,
        (error) => error.status,
      );
    expect(await status({ IfMatch: ETag })).toBe(200);
    expect(await status({ IfMatch: ETag?.replaceAll('"', '') })).toBe(200);
    expect(await status({ IfMatch: '"nope"' })).toBe(412);
    expect(await status({ IfNoneMatch: ETag })).toBe(304);
    expect(await status({ IfNoneMatch: '"nope"' })).toBe(200);
    expect(await status({ IfModifiedSince: after })).toBe(304);
    expect(await status({ IfModifiedSince: before })).toBe(200);
    expect(await status({ IfUnmodifiedSince: before })).toBe(412);
    expect(await status({ IfMatch: ETag, IfUnmodifiedSince: before })).toBe(200);
    expect(await status({ IfNoneMatch: ETag, IfModifiedSince: before })).toBe(304);
  });

  it('of writes keep what is there', async () => {
    const { ETag } = await put('a', 'first', { IfNoneMatch: '*' });
    expect(await s3.refusal('PutObject', { Bucket, Key: 'a', IfNoneMatch: '*' })).toMatchObject({
      code: 'PreconditionFailed',
      status: 412,
    });
    expect((await s3.refusal('PutObject', { Bucket, Key: 'a', IfNoneMatch: '"x"' })).status).toBe(501);
    expect((await s3.refusal('PutObject', { Bucket, Key: 'a', IfMatch: '"x"' })).status).toBe(412);
    expect((await s3.refusal('PutObject', { Bucket, Key: 'b', IfMatch: '"x"' })).code).toBe('NoSuchKey');
    await put('a', 'second', { IfMatch: ETag });
    expect((await s3.refusal('DeleteObject', { Bucket, Key: 'a', IfMatch: ETag })).status).toBe(412);
    expect(await get('a')).toBe('second');
  });
});

describe('integrity', () => {
  it('checks MD5 and every checksum, and keeps nothing that does not match', async () => {
    const wrong = {
      CRC32: 'AAAAAA==',
      CRC32C: 'AAAAAA==',
      CRC64NVME: 'AAAAAAAAAAA=',
      SHA1: `${'A'.repeat(27)}=`,
      SHA256: `${'A'.repeat(43)}=`,
      SHA512: `${'A'.repeat(86)}==`,
    };
    expect(Object.keys(wrong)).toEqual(checksumAlgorithms);
    for (const [name, value] of Object.entries(wrong)) {
      const error = await s3.refusal('PutObject', { Bucket, Key: 'a', Body: bytes('x'), [`Checksum${name}`]: value });
      expect(error).toMatchObject({
        code: 'BadDigest',
        message: `The ${name} you specified did not match the calculated checksum.`,
      });
      expect((await s3.refusal('PutObject', { Bucket, Key: 'a', [`Checksum${name}`]: 'no' })).code).toBe(
        'InvalidRequest',
      );
    }
    expect((await s3.refusal('PutObject', { Bucket, Key: 'a', ContentMD5: md5('y').toString('base64') })).code).toBe(
      'BadDigest',
    );
    expect((await s3.refusal('PutObject', { Bucket, Key: 'a', ContentMD5: 'zz' })).code).toBe('InvalidDigest');
    expect((await s3.run('ListObjectsV2', { Bucket })).KeyCount).toBe(0);
    await put('a', 'x', {
      ContentMD5: md5('x').toString('base64'),
      ChecksumSHA256: createHash('sha256').update('x').digest('base64'),
    });
    expect(await s3.run('HeadObject', { Bucket, Key: 'a', ChecksumMode: 'ENABLED' })).toHaveProperty('ChecksumSHA256');
  });

  it('takes a checksum from the trailer, and refuses one that is wrong, missing or unannounced', async () => {
    const body = (trailers: Record<string, string>, announced?: string[]) => ({
      ...(announced && { announcedTrailers: announced }),
      trailers: () => trailers,
      async *[Symbol.asyncIterator]() {
        yield bytes('123456789');
      },
    });
    const send = (Body: ReturnType<typeof body>, more: object = {}) =>
      s3.run('PutObject', { Bucket, Key: 'a', Body, ...more });
    const right = { 'x-amz-checksum-crc32c': '4waSgw==' };
    expect(await send(body(right, ['x-amz-checksum-crc32c']))).toMatchObject({ ChecksumCRC32C: '4waSgw==' });
    await expect(send(body({ 'x-amz-checksum-crc32c': 'AAAAAA==' }, ['x-amz-checksum-crc32c']))).rejects.toMatchObject({
      code: 'BadDigest',
    });
    await expect(send(body({}, ['x-amz-checksum-crc32c']))).rejects.toMatchObject({ code: 'InvalidRequest' });
    await expect(send(body(right))).rejects.toMatchObject({ code: 'InvalidRequest' });
  });

  it('refuses an algorithm without a value, and a value of another one', async () => {
    const none =
      'x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.';
    const wrong = 'Value for x-amz-sdk-checksum-algorithm header is invalid.';
    const refusal = async (more: object) => (await s3.refusal('PutObject', { Bucket, Key: 'a', ...more })).message;
    expect(await refusal({ Body: bytes('x'), ChecksumAlgorithm: 'crc32' })).toBe(none);
    const unannounced = { announcedTrailers: [], trailers: () => ({}), whole: async () => bytes('x') };
    expect(await refusal({ Body: unannounced, ChecksumAlgorithm: 'CRC32' })).toBe(none);
    expect(await refusal({ ChecksumAlgorithm: 'CRC32', ChecksumCRC32C: '4waSgw==' })).toBe(wrong);
  });

  it('keeps the old object when a new body breaks off', async () => {
    await put('a', 'old');
    const broken = {
      async *[Symbol.asyncIterator]() {
        yield bytes('half');
        throw new Error('connection lost');
      },
    };
    await expect(s3.run('PutObject', { Bucket, Key: 'a', Body: broken })).rejects.toThrow('connection lost');
    expect(await get('a')).toBe('old');
  });
});

describe('limits', () => {
  it('of keys, metadata, tags and storage classes', async () => {
    const code = async (more: object) => (await s3.refusal('PutObject', { Bucket, Key: 'a', ...more })).code;
    expect(await code({ Key: 'é'.repeat(513) })).toBe('KeyTooLongError');
    expect(await code({ Key: 'a\0b' })).toBe('InvalidURI');
    expect(await code({ Metadata: { a: 'x'.repeat(2048) } })).toBe('MetadataTooLarge');
    expect(await code({ StorageClass: 'COLD' })).toBe('InvalidStorageClass');
    expect(await code({ Tagging: 'a=1&a=2' })).toBe('InvalidArgument');
    expect(await code({ Tagging: Array.from({ length: 11 }, (_, i) => `k${i}=v`).join('&') })).toBe('BadRequest');
    expect(await code({ Tagging: `${'k'.repeat(129)}=v` })).toBe('InvalidTag');
    expect(await code({ ServerSideEncryption: 'aws:fsx' })).toBe('InvalidArgument');
    expect(await code({ SSECustomerAlgorithm: 'AES256', SSECustomerKey: 'k' })).toBe('AccessDenied');
    expect(await code({ ACL: 'public-read' })).toBe('AccessControlListNotSupported');
    expect(await code({ ObjectLockMode: 'GOVERNANCE' })).toBe('NotImplemented');
    await put('a', 'x', { ACL: 'bucket-owner-full-control' });
    await put('a', 'x', { ACL: 'private' });
    const elsewhere = { caller: userCaller('visitor', 'AIDAEXAMPLEEXAMPLE002', '444455556666') };
    const visitor = await s3.refusal('PutObject', { Bucket, Key: 'a', ACL: 'private' }, elsewhere);
    expect(visitor.code).toBe('AccessControlListNotSupported');
  });

  it('archived objects are not read before they are restored', async () => {
    await put('a', 'x', { StorageClass: 'GLACIER' });
    expect(await s3.refusal('GetObject', { Bucket, Key: 'a' })).toMatchObject({
      code: 'InvalidObjectState',
      status: 403,
    });
    expect((await s3.run('HeadObject', { Bucket, Key: 'a' })).StorageClass).toBe('GLACIER');
  });
});

describe('who may know', () => {
  it('that a key is missing: only callers who may list', async () => {
    expect(await s3.refusal('GetObject', { Bucket, Key: 'a' })).toMatchObject({ code: 'NoSuchKey', status: 404 });
    const blind = { may: () => false };
    expect(await s3.refusal('GetObject', { Bucket, Key: 'a' }, blind)).toMatchObject({
      code: 'AccessDenied',
      status: 403,
    });
    await put('a', 'x', { Tagging: 'a=1' });
    expect(await s3.run('HeadObject', { Bucket, Key: 'a' }, blind)).not.toHaveProperty('TagCount');
  });

  it('asks for what the headers add', async () => {
    expect(await s3.checks('PutObject', { Bucket, Key: 'k', Tagging: 'a=1', ACL: 'private', IfMatch: 'x' })).toEqual([
      's3:PutObject arn:aws:s3:::reports/k',
      's3:PutObjectTagging arn:aws:s3:::reports/k',
      's3:PutObjectAcl arn:aws:s3:::reports/k',
      's3:GetObject arn:aws:s3:::reports/k',
    ]);
    expect(await s3.checks('GetObject', { Bucket, Key: 'k', VersionId: 'null' })).toEqual([
      's3:GetObjectVersion arn:aws:s3:::reports/k',
    ]);
    expect(await s3.checks('DeleteObject', { Bucket, Key: 'k' })).toEqual(['s3:DeleteObject arn:aws:s3:::reports/k']);
  });
});

describe('DeleteObjects', () => {
  it('answers per key, and as a whole only if nothing was allowed', async () => {
    for (const key of ['a', 'b', 'kept']) await put(key);
    const Delete = { Objects: [{ Key: 'a' }, { Key: 'kept' }, { Key: 'never-there' }] };
    const answer = await s3.run(
      'DeleteObjects',
      { Bucket, Delete },
      { may: (check) => !check.resource.arn.endsWith('kept') },
    );
    expect(answer.Deleted).toEqual([{ Key: 'a' }, { Key: 'never-there' }]);
    expect(answer.Errors).toEqual([{ Key: 'kept', Code: 'AccessDenied', Message: 'Access Denied' }]);
    expect((await s3.refusal('DeleteObjects', { Bucket, Delete }, { may: () => false })).code).toBe('AccessDenied');
    expect(await s3.run('DeleteObjects', { Bucket, Delete: { ...Delete, Quiet: true } })).toEqual({});
    const many = Array.from({ length: 1001 }, (_, i) => ({ Key: `k${i}` }));
    expect((await s3.refusal('DeleteObjects', { Bucket, Delete: { Objects: many } })).code).toBe('MalformedXML');
  });
});
