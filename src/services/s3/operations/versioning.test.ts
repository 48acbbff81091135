/** Versions agree with a plain model of S3's rules through random puts, deletes and changes of versioning. */
import { beforeEach, describe, expect, it } from 'vitest';
import { bytes, type S3Bench, s3Bench, textOf } from '../../../../test/support/s3.ts';

let s3: S3Bench;
const Bucket = 'reports';

beforeEach(async () => {
  s3 = s3Bench();
  await s3.run('CreateBucket', { Bucket });
});

const version = (Status: 'Enabled' | 'Suspended') =>
  s3.run('PutBucketVersioning', { Bucket, VersioningConfiguration: { Status } });
const put = (Key: string, text: string) => s3.run('PutObject', { Bucket, Key, Body: bytes(text) });
const get = async (Key: string, VersionId?: string) =>
  textOf((await s3.run('GetObject', { Bucket, Key, VersionId })).Body);

describe('versioning', () => {
  it('is off, then on, then only suspended', async () => {
    expect(await s3.run('GetBucketVersioning', { Bucket })).toEqual({});
    await version('Enabled');
    expect(await s3.run('GetBucketVersioning', { Bucket })).toEqual({ Status: 'Enabled' });
    await version('Suspended');
    const wrong = { Bucket, VersioningConfiguration: {} };
    expect((await s3.refusal('PutBucketVersioning', wrong)).code).toBe('IllegalVersioningConfigurationException');
    const mfa = { Bucket, VersioningConfiguration: { Status: 'Enabled' as const, MFADelete: 'Enabled' as const } };
    expect((await s3.refusal('PutBucketVersioning', mfa)).code).toBe('NotImplemented');
  });

  it('keeps what is overwritten or deleted, and brings it back', async () => {
    await put('a', 'before');
    await version('Enabled');
    const one = await put('a', 'one');
    const two = await put('a', 'two');
    expect(one.VersionId).toHaveLength(32);
    expect(await get('a')).toBe('two');
    expect(await get('a', one.VersionId)).toBe('one');
    expect(await get('a', 'null')).toBe('before');
    const marker = await s3.run('DeleteObject', { Bucket, Key: 'a' });
    expect(marker).toMatchObject({ DeleteMarker: true });
    expect(await s3.refusal('GetObject', { Bucket, Key: 'a' })).toMatchObject({
      code: 'NoSuchKey',
      headers: { 'x-amz-delete-marker': 'true', 'x-amz-version-id': marker.VersionId },
    });
    expect(await s3.refusal('GetObject', { Bucket, Key: 'a', VersionId: marker.VersionId })).toMatchObject({
      code: 'MethodNotAllowed',
      status: 405,
    });
    expect((await s3.run('ListObjectsV2', { Bucket })).KeyCount).toBe(0);
    expect(await s3.refusal('DeleteBucket', { Bucket })).toMatchObject({
      message: 'The bucket you tried to delete is not empty. You must delete all versions in the bucket.',
    });
    expect(await s3.run('DeleteObject', { Bucket, Key: 'a', VersionId: marker.VersionId })).toEqual({
      DeleteMarker: true,
      VersionId: marker.VersionId,
    });
    expect(await get('a')).toBe('two');
    await s3.run('DeleteObject', { Bucket, Key: 'a', VersionId: two.VersionId });
    expect(await get('a')).toBe('one');
    await s3.run('DeleteObject', { Bucket, Key: 'a', VersionId: one.VersionId });
    expect(await get('a')).toBe('before');
    await s3.run('DeleteObject', { Bucket, Key: 'a', VersionId: 'null' });
    await s3.run('DeleteBucket', { Bucket });
  });

  it('tells ids that are none from versions that are not there', async () => {
    await version('Enabled');
    const { VersionId } = await put('a', 'x');
    await put('b', 'x');
    expect((await s3.refusal('GetObject', { Bucket, Key: 'a', VersionId: 'nonsense' })).code).toBe('InvalidArgument');
    expect((await s3.refusal('GetObject', { Bucket, Key: 'b', VersionId })).code).toBe('NoSuchVersion');
    expect((await s3.refusal('GetObject', { Bucket, Key: 'a', VersionId: 'null' })).code).toBe('NoSuchVersion');
    expect(await s3.run('DeleteObject', { Bucket, Key: 'b', VersionId })).toEqual({ VersionId });
  });

  it('answers null ids once it is suspended', async () => {
    await version('Suspended');
    expect(await put('a', 'x')).toMatchObject({ VersionId: 'null' });
    expect(await s3.run('DeleteObject', { Bucket, Key: 'a' })).toEqual({ VersionId: 'null', DeleteMarker: true });
  });

  it('tags one version without touching another', async () => {
    await version('Enabled');
    const { VersionId } = await put('a', 'x');
    await put('a', 'y');
    await s3.run('PutObjectTagging', { Bucket, Key: 'a', VersionId, Tagging: { TagSet: [{ Key: 'k', Value: 'v' }] } });
    expect((await s3.run('GetObjectTagging', { Bucket, Key: 'a', VersionId })).TagSet).toEqual([
      { Key: 'k', Value: 'v' },
    ]);
    expect((await s3.run('GetObjectTagging', { Bucket, Key: 'a' })).TagSet).toEqual([]);
  });
});

interface ModelVersion {
  readonly id: string;
  /** Undefined: a delete marker. */
  readonly text: string | undefined;
}

describe('the model', () => {
  it.each([1, 2, 3, 4])('agrees for seed %i', async (seed) => {
    let state = seed;
    const random = (limit: number): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return (state >>> 8) % limit;
    };
    /** Newest first. */
    const model = new Map<string, ModelVersion[]>();
    let status: 'Enabled' | 'Suspended' | undefined;
    const keys = ['a', 'a/b', 'b'];
    const replaceNull = (key: string, made: ModelVersion | undefined): void => {
      const rest = (model.get(key) ?? []).filter((v) => v.id !== 'null');
      model.set(key, made ? [made, ...rest] : rest);
    };
    for (let step = 0; step < 120; step += 1) {
      const key = keys[random(keys.length)]!;
      const all = model.get(key) ?? [];
      const choice = random(10);
      if (choice < 4) {
        const text = `${key} ${step}`;
        const { VersionId } = await put(key, text);
        if (status === 'Enabled') model.set(key, [{ id: VersionId!, text }, ...all]);
        else replaceNull(key, { id: 'null', text });
      } else if (choice < 6) {
        const { VersionId } = await s3.run('DeleteObject', { Bucket, Key: key });
        if (status === 'Enabled') model.set(key, [{ id: VersionId!, text: undefined }, ...all]);
        else replaceNull(key, status ? { id: 'null', text: undefined } : undefined);
      } else if (choice < 9) {
        const victim = all[random(Math.max(all.length, 1))];
        if (!victim) continue;
        await s3.run('DeleteObject', { Bucket, Key: key, VersionId: victim.id });
        model.set(
          key,
          all.filter((v) => v.id !== victim.id),
        );
      } else if (step > 20) {
        status = random(2) ? 'Enabled' : 'Suspended';
        await version(status);
      }
      s3.bench.now += random(2);
      await compare(model);
    }
  });

  async function compare(model: ReadonlyMap<string, readonly ModelVersion[]>): Promise<void> {
    const wanted = [...model]
      .sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
      .flatMap(([key, all]) =>
        all.map((v, index) => ({ key, id: v.id, marker: v.text === undefined, latest: index === 0 })),
      );
    const shown: typeof wanted = [];
    let markers: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } = {};
    for (;;) {
      const answer = await s3.run('ListObjectVersions', { Bucket, MaxKeys: 3, ...markers });
      const page = [
        ...(answer.Versions ?? []).map((v) => ({ key: v.Key!, id: v.VersionId!, marker: false, latest: v.IsLatest! })),
        ...(answer.DeleteMarkers ?? []).map((v) => ({
          key: v.Key!,
          id: v.VersionId!,
          marker: true,
          latest: v.IsLatest!,
        })),
      ];
      const place = (entry: (typeof wanted)[number]): number =>
        wanted.findIndex((w) => w.key === entry.key && w.id === entry.id);
      shown.push(...page.sort((a, b) => place(a) - place(b)));
      if (!answer.IsTruncated) break;
      markers = { KeyMarker: answer.NextKeyMarker, VersionIdMarker: answer.NextVersionIdMarker };
    }
    expect(shown).toEqual(wanted);
    for (const [key, [latest]] of model) {
      if (latest?.text === undefined)
        expect((await s3.refusal('GetObject', { Bucket, Key: key })).code).toBe('NoSuchKey');
      else expect(await get(key)).toBe(latest.text);
    }
  }
});
