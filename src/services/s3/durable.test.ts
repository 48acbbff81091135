/** Listings and versions on the durable store: its order of ids is the one that S3's listings need. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bytes, type S3Bench, s3Bench, textOf } from '../../../test/support/s3.ts';
import { openStore } from '../../store/sqlite.ts';
import type { Store } from '../../store/store.ts';
import { buckets, objects } from './state.ts';

const dir = mkdtempSync(join(tmpdir(), 'bailey-s3-'));
let store: Store;
let s3: S3Bench;
const Bucket = 'reports';
const sized = 'sized';
const bytesOf = async (body: unknown): Promise<Buffer> =>
  Buffer.concat(await Array.fromAsync(body instanceof Uint8Array ? [body] : (body as AsyncIterable<Uint8Array>)));

beforeAll(async () => {
  store = await openStore({ dir, clock: () => Date.UTC(2026, 10, 1), freezes: true });
  s3 = s3Bench(store);
  await s3.run('CreateBucket', { Bucket });
  await s3.run('CreateBucket', { Bucket: sized });
});

afterAll(async () => {
  await store.close();
  rmSync(dir, { recursive: true, force: true });
});

const sizes = [0, 1, 1279, 1280, 1281, 65_536, 65_537];

describe('objects of every size', () => {
  it.each(sizes)('keeps %i bytes in their place, whole and in ranges', async (size) => {
    const Key = `of ${size} bytes`;
    const Body = randomBytes(size);
    await s3.run('PutObject', { Bucket: sized, Key, Body });
    await s3.run('CopyObject', {
      Bucket: sized,
      Key: `${Key}, copied`,
      CopySource: `${sized}/${encodeURIComponent(Key)}`,
    });
    for (const one of [Key, `${Key}, copied`]) {
      expect(await bytesOf((await s3.run('GetObject', { Bucket: sized, Key: one })).Body)).toEqual(Body);
      if (size < 2) continue;
      const part = await s3.run('GetObject', { Bucket: sized, Key: one, Range: `bytes=1-${size - 2}` });
      expect(await bytesOf(part.Body)).toEqual(size === 2 ? Buffer.alloc(0) : Body.subarray(1, -1));
    }
  });

  it('takes no blob for what lies in a row, and one for what does not', async () => {
    const kept = await Promise.all(
      sizes.map(async (size) => {
        const row = await store.get(objects, (await store.get(buckets, '', sized))!.id, `of ${size} bytes`);
        return Object.keys(row?.content ?? {});
      }),
    );
    expect(kept).toEqual([['inRow'], ['inRow'], ['inRow'], ['inRow'], ['blob'], ['blob'], ['blob']]);
  });

  it('leaves nothing of what is overwritten and deleted, whichever way it lay', async () => {
    const Key = 'now small, now large';
    for (const size of [10, 5000, 20, 70_000, 30]) {
      await s3.run('PutObject', { Bucket: sized, Key, Body: Buffer.alloc(size, 'x') });
      expect(await textOf((await s3.run('GetObject', { Bucket: sized, Key })).Body)).toBe('x'.repeat(size));
    }
    for (const size of sizes) {
      await s3.run('DeleteObjects', {
        Bucket: sized,
        Delete: { Objects: [{ Key: `of ${size} bytes` }, { Key: `of ${size} bytes, copied` }] },
      });
    }
    await s3.run('DeleteObject', { Bucket: sized, Key });
    await s3.run('DeleteBucket', { Bucket: sized });
    const database = new DatabaseSync(join(dir, 'store.db'), { readOnly: true });
    expect(database.prepare('SELECT count(*) AS blobs FROM blob').get()).toEqual({ blobs: 0 });
    database.close();
  });

  it('reads, copies, moves and removes what an older version left base64-coded in rows', async () => {
    const Key = 'old';
    await s3.run('PutObject', { Bucket, Key, Body: bytes('as it was') });
    const { id } = (await store.get(buckets, '', Bucket))!;
    const { bytes: _newer, ...row } = (await store.get(objects, id, Key))!;
    const change = store.begin();
    change.put(objects, id, Key, { ...row, content: { bytes: Buffer.from('as it was').toString('base64') } });
    await store.commit(change);
    await s3.run('CopyObject', { Bucket, Key: 'copied', CopySource: `${Bucket}/old` });
    for (const one of [Key, 'copied']) {
      expect(await textOf((await s3.run('GetObject', { Bucket, Key: one })).Body)).toBe('as it was');
    }
    expect(await textOf((await s3.run('GetObject', { Bucket, Key, Range: 'bytes=3-4' })).Body)).toBe('it');
    await s3.run('PutObject', { Bucket, Key, Body: bytes('as it is') });
    expect(await textOf((await s3.run('GetObject', { Bucket, Key })).Body)).toBe('as it is');
    for (const one of [Key, 'copied']) await s3.run('DeleteObject', { Bucket, Key: one });
  });

  it('puts a small last part in its row, and reads across', async () => {
    const { UploadId } = await s3.run('CreateMultipartUpload', { Bucket, Key: 'tail' });
    const large = Buffer.alloc(5 * 1024 * 1024, 'y');
    const Parts = [];
    for (const [index, Body] of [large, bytes('tail')].entries()) {
      const { ETag } = await s3.run('UploadPart', { Bucket, Key: 'tail', UploadId, PartNumber: index + 1, Body });
      Parts.push({ PartNumber: index + 1, ETag });
    }
    await s3.run('CompleteMultipartUpload', { Bucket, Key: 'tail', UploadId, MultipartUpload: { Parts } });
    expect((await s3.run('HeadObject', { Bucket, Key: 'tail', PartNumber: 2 })).ContentLength).toBe(4);
    const across = await s3.run('GetObject', { Bucket, Key: 'tail', Range: `bytes=${large.length - 1}-` });
    expect(await textOf(across.Body)).toBe('ytail');
    await s3.run('DeleteObject', { Bucket, Key: 'tail' });
  });
});

describe('the durable store', () => {
  const names = ['a', 'a!', 'a/b', 'a/c/d', 'a0', 'é', '\uffff', '𝒳', '\u{10ffff}', '~', ' ', '%', 'a//'];

  it('lists keys in the order of their bytes, and rolls them up', async () => {
    for (const Key of names) await s3.run('PutObject', { Bucket, Key, Body: bytes(Key) });
    const wanted = [...names].sort((x, y) => Buffer.compare(Buffer.from(x), Buffer.from(y)));
    const seen: string[] = [];
    let token: string | undefined;
    do {
      const answer = await s3.run('ListObjectsV2', { Bucket, MaxKeys: 3, ContinuationToken: token });
      seen.push(...(answer.Contents ?? []).map((o) => o.Key!));
      token = answer.NextContinuationToken;
    } while (token);
    expect(seen).toEqual(wanted);
    const rolled = await s3.run('ListObjectsV2', { Bucket, Delimiter: '/' });
    expect(rolled.CommonPrefixes).toEqual([{ Prefix: 'a/' }]);
    expect(rolled.KeyCount).toBe(names.length - 2);
  });

  it('keeps versions of keys that begin alike apart', async () => {
    await s3.run('PutBucketVersioning', { Bucket, VersioningConfiguration: { Status: 'Enabled' } });
    for (const round of [1, 2]) {
      for (const Key of names) await s3.run('PutObject', { Bucket, Key, Body: bytes(`${Key} ${round}`) });
    }
    await s3.run('DeleteObject', { Bucket, Key: 'a' });
    const { Versions = [], DeleteMarkers = [] } = await s3.run('ListObjectVersions', { Bucket });
    expect(Versions).toHaveLength(names.length * 3);
    expect(DeleteMarkers.map((m) => m.Key)).toEqual(['a']);
    for (const Key of names) {
      expect(Versions.filter((v) => v.Key === Key && v.IsLatest)).toHaveLength(Key === 'a' ? 0 : 1);
      const oldest = await s3.run('GetObject', { Bucket, Key, VersionId: 'null' });
      expect(await textOf(oldest.Body)).toBe(Key);
    }
    await s3.run('DeleteObject', { Bucket, Key: 'a', VersionId: DeleteMarkers[0]!.VersionId });
    expect(await textOf((await s3.run('GetObject', { Bucket, Key: 'a' })).Body)).toBe('a 2');
  });

  it('streams large bodies, whole, in ranges and over parts', async () => {
    const large = Buffer.alloc(6 * 1024 * 1024, 'espresso ');
    await s3.run('PutObject', { Bucket, Key: 'large', Body: large });
    const middle = await s3.run('GetObject', { Bucket, Key: 'large', Range: 'bytes=3000000-3000008' });
    expect(await textOf(middle.Body)).toBe(large.subarray(3_000_000, 3_000_009).toString());
    const { UploadId } = await s3.run('CreateMultipartUpload', { Bucket, Key: 'parts' });
    const Parts = [];
    for (const [index, Body] of [large, bytes('tail')].entries()) {
      const { ETag } = await s3.run('UploadPart', { Bucket, Key: 'parts', UploadId, PartNumber: index + 1, Body });
      Parts.push({ PartNumber: index + 1, ETag });
    }
    await s3.run('CompleteMultipartUpload', { Bucket, Key: 'parts', UploadId, MultipartUpload: { Parts } });
    const across = await s3.run('GetObject', { Bucket, Key: 'parts', Range: `bytes=${large.length - 3}-` });
    expect(await textOf(across.Body)).toBe(`${large.subarray(-3)}tail`);
  });
});
