/** Settings of buckets: what a new bucket has, what can be set, and what says that it is not built. */
import { beforeEach, describe, expect, it } from 'vitest';
import { bytes, type S3Bench, s3Bench } from '../../../../test/support/s3.ts';
import { canonicalUserId } from '../canonical-user.ts';
import { corsHeaders } from '../cors.ts';

let s3: S3Bench;
const Bucket = 'reports';

beforeEach(async () => {
  s3 = s3Bench();
  await s3.run('CreateBucket', { Bucket });
});

describe('a new bucket', () => {
  it('blocks public access, has no ACLs, and is encrypted', async () => {
    expect(await s3.run('GetPublicAccessBlock', { Bucket })).toEqual({
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        IgnorePublicAcls: true,
        BlockPublicPolicy: true,
        RestrictPublicBuckets: true,
      },
    });
    expect((await s3.run('GetBucketOwnershipControls', { Bucket })).OwnershipControls?.Rules).toEqual([
      { ObjectOwnership: 'BucketOwnerEnforced' },
    ]);
    expect((await s3.run('GetBucketEncryption', { Bucket })).ServerSideEncryptionConfiguration?.Rules).toEqual([
      {
        ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' },
        BucketKeyEnabled: false,
        BlockedEncryptionTypes: { EncryptionType: ['SSE-C'] },
      },
    ]);
    const owner = canonicalUserId('111122223333');
    const acl = {
      Owner: { ID: owner },
      Grants: [{ Grantee: { ID: owner, Type: 'CanonicalUser' }, Permission: 'FULL_CONTROL' }],
    };
    expect(await s3.run('GetBucketAcl', { Bucket })).toEqual(acl);
    await s3.run('PutObject', { Bucket, Key: 'a', Body: bytes('') });
    expect(await s3.run('GetObjectAcl', { Bucket, Key: 'a' })).toEqual(acl);
  });

  it('takes no ACLs', async () => {
    const refused = { code: 'AccessControlListNotSupported', status: 400 };
    expect(await s3.refusal('PutBucketAcl', { Bucket, ACL: 'public-read' })).toMatchObject(refused);
    expect(await s3.refusal('PutObjectAcl', { Bucket, Key: 'a', ACL: 'public-read' })).toMatchObject(refused);
  });
});

describe('settings', () => {
  it('of public access: what is left out is off; deleted is off', async () => {
    await s3.run('PutPublicAccessBlock', { Bucket, PublicAccessBlockConfiguration: { BlockPublicAcls: true } });
    expect((await s3.run('GetPublicAccessBlock', { Bucket })).PublicAccessBlockConfiguration).toMatchObject({
      BlockPublicAcls: true,
      BlockPublicPolicy: false,
    });
    await s3.run('DeletePublicAccessBlock', { Bucket });
    expect((await s3.refusal('GetPublicAccessBlock', { Bucket })).code).toBe('NoSuchPublicAccessBlockConfiguration');
    expect((await s3.refusal('PutPublicAccessBlock', { Bucket, PublicAccessBlockConfiguration: undefined })).code).toBe(
      'MalformedXML',
    );
  });

  it('of ownership: only the one that needs no ACLs', async () => {
    const rules = (...names: string[]) => ({
      Bucket,
      OwnershipControls: { Rules: names.map((n) => ({ ObjectOwnership: n as 'ObjectWriter' })) },
    });
    await s3.run('PutBucketOwnershipControls', rules('BucketOwnerEnforced'));
    expect((await s3.refusal('PutBucketOwnershipControls', rules('ObjectWriter'))).code).toBe('NotImplemented');
    expect((await s3.refusal('PutBucketOwnershipControls', rules('Nobody'))).code).toBe('MalformedXML');
    await s3.run('DeleteBucketOwnershipControls', { Bucket });
    expect((await s3.refusal('GetBucketOwnershipControls', { Bucket })).code).toBe('OwnershipControlsNotFoundError');
  });

  it('of encryption: SSE-C can be unblocked', async () => {
    const rule = (more: object) => ({ Bucket, ServerSideEncryptionConfiguration: { Rules: [more] } });
    const unknown = rule({ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'rot13' } });
    expect((await s3.refusal('PutBucketEncryption', unknown)).code).toBe('MalformedXML');
    await s3.run(
      'PutBucketEncryption',
      rule({ BucketKeyEnabled: true, BlockedEncryptionTypes: { EncryptionType: ['NONE'] } }),
    );
    const customer = { Bucket, Key: 'a', SSECustomerAlgorithm: 'AES256', SSECustomerKey: 'k' };
    expect((await s3.refusal('PutObject', customer)).code).toBe('InvalidArgument');
    await s3.run('PutBucketEncryption', rule({ BlockedEncryptionTypes: { EncryptionType: ['SSE-C'] } }));
    expect((await s3.refusal('PutObject', customer)).code).toBe('AccessDenied');
    await s3.run('DeleteBucketEncryption', { Bucket });
  });

  it('of tags', async () => {
    expect((await s3.refusal('GetBucketTagging', { Bucket })).code).toBe('NoSuchTagSet');
    const TagSet = [{ Key: 'team', Value: 'bar' }];
    await s3.run('PutBucketTagging', { Bucket, Tagging: { TagSet } });
    expect((await s3.run('GetBucketTagging', { Bucket })).TagSet).toEqual(TagSet);
    const reserved = { Bucket, Tagging: { TagSet: [{ Key: 'aws:x', Value: '' }] } };
    expect((await s3.refusal('PutBucketTagging', reserved)).code).toBe('InvalidTag');
    await s3.run('DeleteBucketTagging', { Bucket });
    expect((await s3.refusal('GetBucketTagging', { Bucket })).code).toBe('NoSuchTagSet');
  });

  it('of objects’ tags', async () => {
    await s3.run('PutObject', { Bucket, Key: 'a', Body: bytes('') });
    const tag = (TagSet: { Key: string; Value: string }[]) => ({ Bucket, Key: 'a', Tagging: { TagSet } });
    await s3.run('PutObjectTagging', tag([{ Key: 'k', Value: 'v' }]));
    const twice = tag([1, 2].map((n) => ({ Key: 'k', Value: `${n}` })));
    expect((await s3.refusal('PutObjectTagging', twice)).code).toBe('InvalidTag');
    await s3.run('DeleteObjectTagging', { Bucket, Key: 'a' });
    expect((await s3.run('GetObjectTagging', { Bucket, Key: 'a' })).TagSet).toEqual([]);
    expect((await s3.refusal('GetObjectTagging', { Bucket, Key: 'b' })).code).toBe('NoSuchKey');
  });
});

describe('CORS', () => {
  const rule = {
    AllowedMethods: ['PUT', 'GET'],
    AllowedOrigins: ['https://*.coffee.example'],
    AllowedHeaders: ['x-amz-*'],
    ExposeHeaders: ['etag'],
    MaxAgeSeconds: 60,
  };

  it('is kept, checked and taken away', async () => {
    expect((await s3.refusal('GetBucketCors', { Bucket })).code).toBe('NoSuchCORSConfiguration');
    await s3.run('PutBucketCors', { Bucket, CORSConfiguration: { CORSRules: [rule] } });
    expect((await s3.run('GetBucketCors', { Bucket })).CORSRules).toEqual([rule]);
    const put = (more: object) =>
      s3.refusal('PutBucketCors', { Bucket, CORSConfiguration: { CORSRules: [{ ...rule, ...more }] } });
    expect((await put({ AllowedMethods: ['PATCH'] })).code).toBe('InvalidRequest');
    expect((await put({ AllowedOrigins: ['http://*.*'] })).code).toBe('InvalidRequest');
    expect((await put({ AllowedOrigins: [] })).code).toBe('MalformedXML');
    await s3.run('DeleteBucketCors', { Bucket });
    expect((await s3.refusal('GetBucketCors', { Bucket })).code).toBe('NoSuchCORSConfiguration');
  });

  it('lets through what a rule names', () => {
    const rules = [
      {
        allowedMethods: ['PUT'],
        allowedOrigins: ['https://*.coffee.example'],
        allowedHeaders: ['x-amz-*'],
        exposeHeaders: ['etag'],
        maxAgeSeconds: 60,
      },
    ];
    const origin = 'https://www.coffee.example';
    expect(corsHeaders(rules, { origin, method: 'PUT', requestHeaders: 'X-Amz-Date, x-amz-acl' }, true)).toEqual({
      'access-control-allow-origin': origin,
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'PUT',
      'access-control-allow-headers': 'x-amz-date, x-amz-acl',
      'access-control-expose-headers': 'etag',
      'access-control-max-age': '60',
      vary: 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method',
    });
    expect(corsHeaders(rules, { origin, method: 'GET' }, true)).toBeUndefined();
    expect(corsHeaders(rules, { origin, method: 'PUT', requestHeaders: 'cookie' }, true)).toBeUndefined();
    expect(corsHeaders(rules, { origin: 'https://evil.example', method: 'PUT' }, false)).toBeUndefined();
    expect(corsHeaders(undefined, { origin, method: 'PUT' }, false)).toBeUndefined();
  });
});
