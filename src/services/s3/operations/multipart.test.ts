/** Multipart uploads and copies: parts in any order become one object, or nothing. */
import { createHash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { beforeEach, describe, expect, it } from 'vitest';
import { bytes, type S3Bench, s3Bench, textOf } from '../../../../test/support/s3.ts';
import { Crc64Nvme } from '../checksums/crc64nvme.ts';

let s3: S3Bench;
const Bucket = 'reports';
const Key = 'big';
const full = randomBytes(5 * 1024 * 1024);

beforeEach(async () => {
  s3 = s3Bench();
  await s3.run('CreateBucket', { Bucket });
});

const begin = async (more: object = {}) => (await s3.run('CreateMultipartUpload', { Bucket, Key, ...more })).UploadId!;
const part = (UploadId: string, PartNumber: number, Body: Uint8Array, more: object = {}) =>
  s3.run('UploadPart', { Bucket, Key, UploadId, PartNumber, Body, ...more });
const complete = (UploadId: string, Parts: object[], more: object = {}) =>
  s3.run('CompleteMultipartUpload', { Bucket, Key, UploadId, MultipartUpload: { Parts }, ...more });

describe('multipart uploads', () => {
  it('become an object with ranges, parts and attributes over part boundaries', async () => {
    const UploadId = await begin({ ContentType: 'text/plain', Metadata: { a: '1' }, Tagging: 'k=v' });
    const two = await part(UploadId, 7, bytes('tail'));
    const one = await part(UploadId, 2, full);
    const spare = await part(UploadId, 9, bytes('unused'));
    expect(spare.ETag).toBeDefined();
    expect((await s3.run('ListObjectsV2', { Bucket })).KeyCount).toBe(0);
    expect((await s3.run('ListParts', { Bucket, Key, UploadId, MaxParts: 2 })).Parts?.map((p) => p.PartNumber)).toEqual(
      [2, 7],
    );
    const done = await complete(UploadId, [
      { PartNumber: 2, ETag: one.ETag },
      { PartNumber: 7, ETag: two.ETag },
    ]);
    const md5s = [full, bytes('tail')].map((b) => createHash('md5').update(b).digest());
    expect(done.ETag).toBe(`"${createHash('md5').update(Buffer.concat(md5s)).digest('hex')}-2"`);
    const crc = new Crc64Nvme();
    crc.update(full);
    crc.update(bytes('tail'));
    expect(done).toMatchObject({ ChecksumCRC64NVME: crc.digest().toString('base64'), ChecksumType: 'FULL_OBJECT' });
    const range = `bytes=${full.length - 2}-${full.length + 1}`;
    const middle = await s3.run('GetObject', { Bucket, Key, Range: range });
    expect(await textOf(middle.Body)).toBe(Buffer.concat([full.subarray(-2), bytes('ta')]).toString());
    const second = await s3.run('GetObject', { Bucket, Key, PartNumber: 2 });
    expect(second).toMatchObject({
      PartsCount: 2,
      ContentLength: 4,
      ContentType: 'text/plain',
      Metadata: { a: '1' },
      TagCount: 1,
    });
    expect(await textOf(second.Body)).toBe('tail');
    expect((await s3.refusal('HeadObject', { Bucket, Key, PartNumber: 3 })).code).toBe('InvalidPartNumber');
    const about = await s3.run('GetObjectAttributes', {
      Bucket,
      Key,
      ObjectAttributes: ['ObjectParts', 'ObjectSize', 'ETag'],
    });
    expect(about).toMatchObject({ ObjectSize: full.length + 4, ObjectParts: { TotalPartsCount: 2 } });
    expect((await s3.refusal('ListParts', { Bucket, Key, UploadId })).code).toBe('NoSuchUpload');
    expect((await s3.refusal('CompleteMultipartUpload', { Bucket, Key, UploadId })).code).toBe('NoSuchUpload');
    await s3.run('DeleteObject', { Bucket, Key });
    await s3.run('DeleteBucket', { Bucket });
  });

  it('have composite checksums of SHA-512 too, whatever the case of its name', async () => {
    const sha = (b: Uint8Array) => createHash('sha512').update(b).digest();
    const UploadId = await begin({ ChecksumAlgorithm: 'sha512' as never });
    const ChecksumSHA512 = sha(bytes('abc')).toString('base64');
    const { ETag } = await part(UploadId, 1, bytes('abc'), { ChecksumSHA512 });
    const done = await complete(UploadId, [{ PartNumber: 1, ETag, ChecksumSHA512 }]);
    expect(done.ChecksumSHA512).toBe(`${sha(sha(bytes('abc'))).toString('base64')}-1`);
  });

  it('keep composite and full-object checksums as chosen', async () => {
    const sha = (b: Uint8Array) => createHash('sha256').update(b).digest();
    const UploadId = await begin({ ChecksumAlgorithm: 'SHA256' });
    const one = await part(UploadId, 1, bytes('abc'), { ChecksumSHA256: sha(bytes('abc')).toString('base64') });
    expect(one.ChecksumSHA256).toBe(sha(bytes('abc')).toString('base64'));
    await expect(complete(UploadId, [{ PartNumber: 1, ETag: one.ETag }])).rejects.toMatchObject({
      code: 'InvalidRequest',
    });
    const wrong = [{ PartNumber: 1, ETag: one.ETag, ChecksumSHA256: sha(bytes('x')).toString('base64') }];
    await expect(complete(UploadId, wrong)).rejects.toMatchObject({ code: 'InvalidPart' });
    await expect(part(UploadId, 2, bytes('x'), { ChecksumCRC32: 'jNxdxA==' })).rejects.toMatchObject({
      code: expect.stringMatching(/InvalidRequest|BadDigest/),
    });
    const done = await complete(UploadId, [{ PartNumber: 1, ETag: one.ETag, ChecksumSHA256: one.ChecksumSHA256 }]);
    expect(done.ChecksumSHA256).toBe(`${sha(sha(bytes('abc'))).toString('base64')}-1`);
    expect((await s3.run('HeadObject', { Bucket, Key, ChecksumMode: 'ENABLED' })).ChecksumType).toBe('COMPOSITE');
    const first = await s3.run('GetObject', { Bucket, Key, PartNumber: 1, ChecksumMode: 'ENABLED' });
    expect(first).toMatchObject({ ChecksumSHA256: one.ChecksumSHA256, ChecksumType: 'COMPOSITE' });
    const about = await s3.run('GetObjectAttributes', { Bucket, Key, ObjectAttributes: ['Checksum'] });
    expect(about.Checksum?.ChecksumSHA256).toBe(sha(sha(bytes('abc'))).toString('base64'));

    const crc = await begin({ ChecksumAlgorithm: 'CRC32', ChecksumType: 'FULL_OBJECT' });
    const parts = [await part(crc, 1, full), await part(crc, 2, bytes('z'))].map((p, i) => ({
      PartNumber: i + 1,
      ETag: p.ETag,
    }));
    const value = Buffer.alloc(4);
    value.writeUInt32BE(crc32(bytes('z'), crc32(full)));
    await expect(complete(crc, parts, { ChecksumCRC32: 'AAAAAA==' })).rejects.toMatchObject({ code: 'BadDigest' });
    expect((await complete(crc, parts, { ChecksumCRC32: value.toString('base64') })).ChecksumCRC32).toBe(
      value.toString('base64'),
    );
    const last = await s3.run('GetObject', { Bucket, Key, PartNumber: 2, ChecksumMode: 'ENABLED' });
    expect([last.PartsCount, last.ChecksumCRC32, last.ChecksumType]).toEqual([2, undefined, undefined]);
    const alone = await begin({ ChecksumAlgorithm: 'CRC32', ChecksumType: 'FULL_OBJECT' });
    await complete(alone, [{ PartNumber: 1, ETag: (await part(alone, 1, bytes('z'))).ETag }]);
    const only = await s3.run('HeadObject', { Bucket, Key, PartNumber: 1, ChecksumMode: 'ENABLED' });
    expect(only).toMatchObject({ PartsCount: 1, ChecksumCRC32: 'YtJ3rw==' });
    await expect(begin({ ChecksumAlgorithm: 'SHA1', ChecksumType: 'FULL_OBJECT' })).rejects.toMatchObject({
      code: 'InvalidRequest',
    });
  });

  it.each([
    [{ ChecksumType: 'FULL_OBJECT' }, /can only be used with the x-amz-checksum-algorithm header/],
    [{ ChecksumType: 'COMPOSITE' }, /can only be used with the x-amz-checksum-algorithm header/],
    [{ ChecksumAlgorithm: 'CRC32', ChecksumType: 'HALF' }, /^Value for x-amz-checksum-type header is invalid\.$/],
    [{ ChecksumAlgorithm: 'CRC64NVME', ChecksumType: 'COMPOSITE' }, /COMPOSITE .* cannot be used with the crc64nvme/],
  ])('begin with a checksum that can be: not %j', async (more, message) => {
    await expect(begin(more)).rejects.toMatchObject({
      code: 'InvalidRequest',
      message: expect.stringMatching(message),
    });
  });

  it('refuse what AWS refuses', async () => {
    const UploadId = await begin();
    const one = await part(UploadId, 1, bytes('small'));
    const two = await part(UploadId, 2, bytes('small'));
    const named = [one, two].map((p, i) => ({ PartNumber: i + 1, ETag: p.ETag }));
    const code = async (parts: object[], more: object = {}) =>
      complete(UploadId, parts, more).then(
        () => 'done',
        (error) => error.code,
      );
    expect(await code([])).toBe('MalformedXML');
    expect(await code([named[1]!, named[0]!])).toBe('InvalidPartOrder');
    expect(await code([{ ...named[0], ETag: '"x"' }])).toBe('InvalidPart');
    expect(await code([{ ...named[0], PartNumber: 3 }])).toBe('InvalidPart');
    expect(await code(named)).toBe('EntityTooSmall');
    expect(await code([named[0]!], { MpuObjectSize: 4 })).toBe('InvalidRequest');
    await expect(part(UploadId, 0, bytes('x'))).rejects.toMatchObject({ code: 'InvalidArgument' });
    await expect(part(UploadId, 10_001, bytes('x'))).rejects.toMatchObject({ code: 'InvalidArgument' });
    await expect(part('nothing', 1, bytes('x'))).rejects.toMatchObject({ code: 'NoSuchUpload' });
    await s3.run('PutObject', { Bucket, Key, Body: bytes('there') });
    expect(await code([named[0]!], { IfNoneMatch: '*' })).toBe('PreconditionFailed');
    await s3.run('AbortMultipartUpload', { Bucket, Key, UploadId });
    expect((await s3.refusal('AbortMultipartUpload', { Bucket, Key, UploadId })).code).toBe('NoSuchUpload');
  });

  it('in progress are listed by key and time, in pages', async () => {
    const ids: string[] = [];
    for (const name of ['a', 'a', 'dir/x', 'dir/y', 'z']) {
      s3.bench.now += 1000;
      ids.push((await s3.run('CreateMultipartUpload', { Bucket, Key: name })).UploadId!);
    }
    const seen: string[] = [];
    let markers: object = {};
    for (;;) {
      const answer = await s3.run('ListMultipartUploads', { Bucket, MaxUploads: 2, ...markers });
      seen.push(...(answer.Uploads ?? []).map((u) => u.UploadId!));
      if (!answer.IsTruncated) break;
      markers = { KeyMarker: answer.NextKeyMarker, UploadIdMarker: answer.NextUploadIdMarker };
    }
    expect(seen).toEqual(ids);
    const rolled = await s3.run('ListMultipartUploads', { Bucket, Delimiter: '/' });
    expect(rolled.CommonPrefixes).toEqual([{ Prefix: 'dir/' }]);
    expect(rolled.Uploads).toHaveLength(3);
  });
});

describe('copies', () => {
  beforeEach(() =>
    s3.run('PutObject', {
      Bucket,
      Key: 'from here+1',
      Body: bytes('espresso'),
      ContentType: 'text/plain',
      Metadata: { a: '1' },
      Tagging: 'k=v',
    }),
  );
  const copy = (more: object = {}) =>
    s3.run('CopyObject', { Bucket, Key: 'to', CopySource: `/${Bucket}/from%20here+1`, ...more });

  it('take the bytes and what is said about them', async () => {
    const { CopyObjectResult } = await copy();
    expect(CopyObjectResult?.ETag).toBe(`"${createHash('md5').update('espresso').digest('hex')}"`);
    const to = await s3.run('GetObject', { Bucket, Key: 'to' });
    expect(to).toMatchObject({ ContentType: 'text/plain', Metadata: { a: '1' }, TagCount: 1 });
    expect(await textOf(to.Body)).toBe('espresso');
    await copy({ MetadataDirective: 'REPLACE', Metadata: { b: '2' }, TaggingDirective: 'REPLACE' });
    const replaced = await s3.run('HeadObject', { Bucket, Key: 'to' });
    expect(replaced).toMatchObject({ ContentType: 'binary/octet-stream', Metadata: { b: '2' } });
    expect(replaced).not.toHaveProperty('TagCount');
  });

  it('onto itself must change something', async () => {
    const self = { Key: 'from here+1' };
    expect((await s3.refusal('CopyObject', { Bucket, CopySource: `${Bucket}/from%20here+1`, ...self })).code).toBe(
      'InvalidRequest',
    );
    await copy({ ...self, MetadataDirective: 'REPLACE' });
    expect(await textOf((await s3.run('GetObject', { Bucket, ...self })).Body)).toBe('espresso');
  });

  it('of an earlier version onto its key restore it', async () => {
    await s3.run('PutBucketVersioning', { Bucket, VersioningConfiguration: { Status: 'Enabled' } });
    const put = (Body: string) =>
      s3.run('PutObject', { Bucket, Key: 'menu', Body: bytes(Body), Metadata: { of: Body } });
    const { VersionId } = await put('espresso');
    await put('tea');
    const restored = await copy({ Key: 'menu', CopySource: `${Bucket}/menu?versionId=${VersionId}` });
    expect(restored.CopySourceVersionId).toBe(VersionId);
    const now = await s3.run('GetObject', { Bucket, Key: 'menu' });
    expect(now).toMatchObject({ VersionId: restored.VersionId, Metadata: { of: 'espresso' } });
    expect(await textOf(now.Body)).toBe('espresso');
    expect((await s3.run('ListObjectVersions', { Bucket, Prefix: 'menu' })).Versions).toHaveLength(3);
  });

  it('ask for both sides, tags included', async () => {
    expect(await s3.checks('CopyObject', { Bucket, Key: 'to', CopySource: `${Bucket}/from%20here+1` })).toEqual([
      's3:GetObject arn:aws:s3:::reports/from here+1',
      's3:GetObjectTagging arn:aws:s3:::reports/from here+1',
      's3:PutObject arn:aws:s3:::reports/to',
      's3:PutObjectTagging arn:aws:s3:::reports/to',
    ]);
  });

  it('refuse missing sources, failed conditions and bad names', async () => {
    const code = async (more: object) =>
      copy(more).then(
        () => 'done',
        (error) => error.code,
      );
    expect(await code({ CopySource: `${Bucket}/nothing` })).toBe('NoSuchKey');
    expect(await code({ CopySource: 'nowhere/a' })).toBe('NoSuchBucket');
    expect(await code({ CopySource: 'nonsense' })).toBe('InvalidArgument');
    expect(await code({ CopySource: `${Bucket}/%ZZ` })).toBe('InvalidArgument');
    expect(await code({ CopySourceIfMatch: '"x"' })).toBe('PreconditionFailed');
    expect(await code({ MetadataDirective: 'MOVE' })).toBe('InvalidArgument');
    await expect(
      s3.run('CopyObject', { Bucket, Key: 'to', CopySource: `${Bucket}/nothing` }, { may: () => false }),
    ).rejects.toMatchObject({ code: 'AccessDenied' });
  });

  it('of parts take ranges', async () => {
    const UploadId = await begin();
    const copyPart = (CopySourceRange: string) =>
      s3.run('UploadPartCopy', {
        Bucket,
        Key,
        UploadId,
        PartNumber: 1,
        CopySource: `${Bucket}/from%20here+1`,
        CopySourceRange,
      });
    const { CopyPartResult } = await copyPart('bytes=2-4');
    await complete(UploadId, [{ PartNumber: 1, ETag: CopyPartResult?.ETag }]);
    expect(await textOf((await s3.run('GetObject', { Bucket, Key })).Body)).toBe('pre');
    for (const range of ['bytes=2-', 'bytes=4-2', 'bytes=0-8', '0-1']) {
      await expect(copyPart(range)).rejects.toMatchObject({
        code: expect.stringMatching(/InvalidArgument|NoSuchUpload/),
      });
    }
  });
});
