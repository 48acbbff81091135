/** Listings agree with a plain model over random keys, page by page, and seek instead of scanning. */
import { beforeEach, describe, expect, it } from 'vitest';
import { bytes, type S3Bench, s3Bench } from '../../../test/support/s3.ts';
import { beyondPrefix } from './keys.ts';
import { type Listed, page } from './listing.ts';

let s3: S3Bench;
const Bucket = 'reports';

beforeEach(async () => {
  s3 = s3Bench();
  await s3.run('CreateBucket', { Bucket });
});

const compare = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** What S3 would show in all pages together. */
function model(keys: readonly string[], prefix: string, delimiter: string | undefined): string[] {
  const shown = new Set<string>();
  for (const key of keys.filter((k) => k.startsWith(prefix)).sort(compare)) {
    const at = delimiter ? key.indexOf(delimiter, prefix.length) : -1;
    shown.add(at < 0 ? `key ${key}` : `prefix ${key.slice(0, at + delimiter!.length)}`);
  }
  return [...shown];
}

describe('beyondPrefix', () => {
  it('is the least string beyond all that begin so', () => {
    expect(beyondPrefix('a/')).toBe('a0');
    expect(beyondPrefix('a\u{10ffff}')).toBe('b');
    expect(beyondPrefix('\ud7ff')).toBe('\ue000');
    expect(beyondPrefix('\u{10ffff}')).toBeUndefined();
    expect(beyondPrefix('')).toBeUndefined();
  });
});

describe('listing', () => {
  const alphabet = ['a', 'b', '/', '//', 'é', '𝒳', ' ', '+', '%', '\u{10ffff}'];

  it('agrees with the model for random keys, prefixes, delimiters and page sizes', async () => {
    let state = 42;
    const random = (limit: number): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return (state >>> 8) % limit;
    };
    const word = (least: number) =>
      Array.from({ length: least + random(5) }, () => alphabet[random(alphabet.length)]).join('');
    const keys = [...new Set(Array.from({ length: 150 }, () => word(1)))];
    for (const Key of keys) await s3.run('PutObject', { Bucket, Key, Body: bytes('') });
    for (let round = 0; round < 60; round += 1) {
      const Prefix = round % 3 === 0 ? '' : word(0).slice(0, 1 + random(2));
      const Delimiter = round % 2 === 0 ? alphabet[random(alphabet.length)] : undefined;
      const MaxKeys = 1 + random(9);
      const wanted = model(keys, Prefix.toWellFormed() === Prefix ? Prefix : '', Delimiter);
      const prefix = Prefix.toWellFormed() === Prefix ? Prefix : '';
      const shown: string[] = [];
      let token: string | undefined;
      do {
        const answer = await s3.run('ListObjectsV2', {
          Bucket,
          Prefix: prefix,
          Delimiter,
          MaxKeys,
          ContinuationToken: token,
        });
        expect(answer.KeyCount).toBeLessThanOrEqual(MaxKeys);
        shown.push(...entriesOf(answer));
        token = answer.NextContinuationToken;
        expect(answer.IsTruncated).toBe(token !== undefined);
      } while (token);
      expect(shown.sort()).toEqual(wanted.sort());

      const older: string[] = [];
      let Marker: string | undefined;
      for (;;) {
        const answer = await s3.run('ListObjects', { Bucket, Prefix: prefix, Delimiter, MaxKeys, Marker });
        older.push(...entriesOf(answer));
        if (!answer.IsTruncated) break;
        Marker = answer.NextMarker ?? answer.Contents?.at(-1)?.Key;
      }
      expect(older.sort()).toEqual(wanted.sort());
    }
  });

  const entriesOf = (answer: {
    Contents?: { Key?: string | undefined }[] | undefined;
    CommonPrefixes?: { Prefix?: string | undefined }[] | undefined;
  }) => [
    ...(answer.Contents ?? []).map((o) => `key ${o.Key}`),
    ...(answer.CommonPrefixes ?? []).map((p) => `prefix ${p.Prefix}`),
  ];

  it('encodes keys for XML when asked', async () => {
    await s3.run('PutObject', { Bucket, Key: 'a b/ü+\u0001', Body: bytes('') });
    const answer = await s3.run('ListObjectsV2', { Bucket, EncodingType: 'url', Prefix: 'a b/' });
    expect(answer).toMatchObject({ Prefix: 'a%20b/', Contents: [{ Key: 'a%20b/%C3%BC%2B%01' }] });
    expect((await s3.refusal('ListObjectsV2', { Bucket, EncodingType: 'xml' as 'url' })).code).toBe('InvalidArgument');
  });

  it('refuses tokens of other buckets and forged ones, and negative limits', async () => {
    for (const Key of ['a', 'b']) await s3.run('PutObject', { Bucket, Key, Body: bytes('') });
    const { NextContinuationToken: token } = await s3.run('ListObjectsV2', { Bucket, MaxKeys: 1 });
    await s3.run('CreateBucket', { Bucket: 'another' });
    expect((await s3.refusal('ListObjectsV2', { Bucket: 'another', ContinuationToken: token })).code).toBe(
      'InvalidArgument',
    );
    expect((await s3.refusal('ListObjectsV2', { Bucket, ContinuationToken: 'forged' })).code).toBe('InvalidArgument');
    expect((await s3.refusal('ListObjectsV2', { Bucket, MaxKeys: -1 })).code).toBe('InvalidArgument');
    expect(await s3.run('ListObjectsV2', { Bucket, MaxKeys: 0 })).toMatchObject({ KeyCount: 0, IsTruncated: false });
  });

  it('tells policies what is listed', async () => {
    const { listObjectsV2 } = await import('./operations/list-objects.ts');
    const [check] = await s3.bench.checks('ListObjectsV2', listObjectsV2, {
      Bucket,
      Prefix: 'a/',
      Delimiter: '/',
      MaxKeys: 5,
    });
    expect(check?.context).toEqual({ 's3:prefix': 'a/', 's3:delimiter': '/', 's3:max-keys': '5' });
  });

  it('reads a bounded number of rows per common prefix', async () => {
    const keys = Array.from(
      { length: 20_000 },
      (_, i) => `${String(Math.floor(i / 2000)).padStart(2, '0')}/${i}`,
    ).sort();
    let read = 0;
    const found = await page(
      async ({ after, from }, limit) => {
        const rows = keys
          .filter((k) => (after === undefined || k > after) && (from === undefined || k >= from))
          .slice(0, limit);
        read += rows.length;
        return rows.map((key): Listed<null> => ({ id: key, key, value: null }));
      },
      { prefix: '', delimiter: '/', start: {}, limit: 1000 },
    );
    expect(found.entries).toHaveLength(10);
    expect(read).toBeLessThan(400);
  });
});
