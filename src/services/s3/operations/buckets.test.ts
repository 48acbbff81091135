/** Buckets: their names, their owners, their regions and their end. */
import { beforeEach, describe, expect, it } from 'vitest';
import { rootCaller, userCaller } from '../../../../test/support/call.ts';
import { bytes, type S3Bench, s3Bench } from '../../../../test/support/s3.ts';
import { isValidBucketName } from '../bucket-name.ts';
import { canonicalUserId } from '../canonical-user.ts';

let s3: S3Bench;
const other = rootCaller('444455556666');

beforeEach(() => {
  s3 = s3Bench();
});

describe('bucket names', () => {
  it.each([
    ['coffee-shop-reports', true],
    ['abc', true],
    ['a.b.c', true],
    ['1bucket', true],
    ['coffee_shop_reports', false],
    ['AWSDOC-EXAMPLE-BUCKET', false],
    ['ab', false],
    ['a'.repeat(64), false],
    ['-abc', false],
    ['abc-', false],
    ['a..b', false],
    ['192.168.5.4', false],
    ['xn--abc', false],
    ['abc-s3alias', false],
    ['abc/def', false],
  ])('%s: %s', (name, isValid) => {
    expect(isValidBucketName(name)).toBe(isValid);
  });
});

describe('CreateBucket', () => {
  it('M-063 answers InvalidBucketName for an underscore', async () => {
    const error = await s3.refusal('CreateBucket', { Bucket: 'coffee_shop_reports' });
    expect(error).toMatchObject({
      code: 'InvalidBucketName',
      status: 400,
      message: 'The specified bucket is not valid.',
    });
  });

  it('is idempotent for the owner in us-east-1, and refused to anyone else', async () => {
    await s3.run('CreateBucket', { Bucket: 'reports' });
    expect(await s3.run('CreateBucket', { Bucket: 'reports' })).toMatchObject({ Location: '/reports' });
    expect(await s3.refusal('CreateBucket', { Bucket: 'reports' }, { caller: other })).toMatchObject({
      code: 'BucketAlreadyExists',
      status: 409,
    });
  });

  it('is refused a second time in other regions', async () => {
    const input = { Bucket: 'reports', CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' as const } };
    await s3.run('CreateBucket', input, { region: 'eu-west-1' });
    expect(await s3.refusal('CreateBucket', input, { region: 'eu-west-1' })).toMatchObject({
      code: 'BucketAlreadyOwnedByYou',
    });
  });

  it('takes only the region that was signed for', async () => {
    const elsewhere = { Bucket: 'reports', CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' as const } };
    expect((await s3.refusal('CreateBucket', elsewhere)).code).toBe('IllegalLocationConstraintException');
    expect((await s3.refusal('CreateBucket', { Bucket: 'reports' }, { region: 'eu-west-1' })).message).toContain(
      'The unspecified location constraint is incompatible',
    );
  });

  it('says what it does not build, and refuses public ACLs', async () => {
    expect((await s3.refusal('CreateBucket', { Bucket: 'reports', ObjectLockEnabledForBucket: true })).code).toBe(
      'NotImplemented',
    );
    expect((await s3.refusal('CreateBucket', { Bucket: 'reports', ObjectOwnership: 'ObjectWriter' })).code).toBe(
      'NotImplemented',
    );
    expect((await s3.refusal('CreateBucket', { Bucket: 'reports', ACL: 'public-read' })).code).toBe(
      'InvalidBucketAclWithObjectOwnership',
    );
    await s3.run('CreateBucket', { Bucket: 'reports', ACL: 'private' });
  });

  it('asks for each thing that it sets', async () => {
    const input = {
      Bucket: 'reports',
      ACL: 'private' as const,
      ObjectOwnership: 'BucketOwnerEnforced' as const,
      CreateBucketConfiguration: { Tags: [{ Key: 'a', Value: '1' }] },
    };
    expect(await s3.checks('CreateBucket', input)).toEqual([
      's3:CreateBucket arn:aws:s3:::reports',
      's3:PutBucketAcl arn:aws:s3:::reports',
      's3:PutBucketOwnershipControls arn:aws:s3:::reports',
      's3:TagResource arn:aws:s3:::reports',
    ]);
  });
});

describe('reading about buckets', () => {
  beforeEach(async () => {
    await s3.run('CreateBucket', { Bucket: 'reports' });
  });

  it('lists those of the account only, in pages that another account cannot follow', async () => {
    for (const name of ['menus', 'wages']) await s3.run('CreateBucket', { Bucket: name });
    await s3.run('CreateBucket', { Bucket: 'theirs' }, { caller: other });
    const all = await s3.run('ListBuckets', {});
    expect(all.Buckets?.map((b) => b.Name)).toEqual(['menus', 'reports', 'wages']);
    expect(all.Owner?.ID).toBe(canonicalUserId('111122223333'));
    const first = await s3.run('ListBuckets', { MaxBuckets: 2 });
    expect(first.Buckets?.map((b) => [b.Name, b.BucketRegion])).toEqual([
      ['menus', 'us-east-1'],
      ['reports', 'us-east-1'],
    ]);
    const token = { ContinuationToken: first.ContinuationToken };
    expect((await s3.run('ListBuckets', { MaxBuckets: 2, ...token })).Buckets?.map((b) => b.Name)).toEqual(['wages']);
    expect((await s3.refusal('ListBuckets', token, { caller: other })).code).toBe('InvalidArgument');
    expect((await s3.refusal('ListBuckets', { ContinuationToken: 'forged' })).code).toBe('InvalidArgument');
  });

  it('HeadBucket and GetBucketLocation tell the region', async () => {
    expect(await s3.run('HeadBucket', { Bucket: 'reports' })).toMatchObject({ BucketRegion: 'us-east-1' });
    expect(await s3.run('GetBucketLocation', { Bucket: 'reports' })).toEqual({});
    expect((await s3.refusal('HeadBucket', { Bucket: 'nowhere' })).code).toBe('NoSuchBucket');
    expect((await s3.refusal('HeadBucket', { Bucket: 'reports', ExpectedBucketOwner: '444455556666' })).code).toBe(
      'AccessDenied',
    );
  });

  it('sends a request of another region to the right one', async () => {
    expect(await s3.refusal('HeadBucket', { Bucket: 'reports' }, { region: 'eu-west-1' })).toMatchObject({
      code: 'PermanentRedirect',
      status: 301,
      headers: { 'x-amz-bucket-region': 'us-east-1' },
    });
    expect(await s3.run('GetBucketLocation', { Bucket: 'reports' }, { region: 'eu-west-1' })).toEqual({});
  });

  it('is authorized on the bucket of its owner', async () => {
    const [check] = await s3.bench.checks(
      'HeadBucket',
      (await import('./head-bucket.ts')).headBucket,
      { Bucket: 'reports' },
      {
        caller: userCaller('rudy', undefined, '444455556666'),
      },
    );
    expect(check).toEqual({
      action: 's3:ListBucket',
      resource: { arn: 'arn:aws:s3:::reports', account: '111122223333' },
    });
  });
});

describe('DeleteBucket', () => {
  it('refuses a bucket with objects, and a new bucket of the name is empty', async () => {
    await s3.run('CreateBucket', { Bucket: 'reports' });
    await s3.run('PutObject', { Bucket: 'reports', Key: 'a', Body: bytes('1') });
    expect(await s3.refusal('DeleteBucket', { Bucket: 'reports' })).toMatchObject({
      code: 'BucketNotEmpty',
      status: 409,
    });
    await s3.run('DeleteObject', { Bucket: 'reports', Key: 'a' });
    await s3.run('DeleteBucket', { Bucket: 'reports' });
    expect((await s3.refusal('HeadBucket', { Bucket: 'reports' })).code).toBe('NoSuchBucket');
    await s3.run('CreateBucket', { Bucket: 'reports' }, { caller: other });
    expect((await s3.run('ListObjectsV2', { Bucket: 'reports' }, { caller: other })).KeyCount).toBe(0);
    expect((await s3.run('ListBuckets', {})).Buckets).toEqual([]);
  });
});
