/** ACLs are off in every bucket: the owner has full control, and nobody can write anything else. */
import type {
  GetBucketAclCommandInput,
  GetBucketAclCommandOutput,
  GetObjectAclCommandInput,
  GetObjectAclCommandOutput,
  PutBucketAclCommandInput,
  PutBucketAclCommandOutput,
  PutObjectAclCommandInput,
  PutObjectAclCommandOutput,
} from '@aws-sdk/client-s3';
import { operation } from '../../service.ts';
import { bucketResource, openBucket } from '../bucket-access.ts';
import { bucketChecks } from '../bucket-settings.ts';
import { canonicalUserId } from '../canonical-user.ts';
import { headerValues } from '../condition-values.ts';
import { aclNotSupported } from '../errors.ts';
import type { S3Ports } from '../ports.ts';
import { objectChecks, readObject } from '../reading.ts';
import type { BucketRow } from '../state.ts';

export const getBucketAcl = operation<GetBucketAclCommandInput, GetBucketAclCommandOutput, S3Ports>({
  allowsAnonymous: true,
  checks: bucketChecks('s3:GetBucketAcl'),
  handle: async (input, call) => ownersFullControl(await openBucket(input, call)),
});

export const getObjectAcl = operation<GetObjectAclCommandInput, GetObjectAclCommandOutput, S3Ports>({
  allowsAnonymous: true,
  record: { data: true },
  checks: (input, call) => objectChecks(input, call, ['s3:GetObjectAcl', 's3:GetObjectVersionAcl']),

  async handle(input, call) {
    const bucket = await openBucket(input, call);
    await readObject(input, bucket, call);
    return ownersFullControl(bucket);
  },
});

export const putBucketAcl = operation<PutBucketAclCommandInput, PutBucketAclCommandOutput, S3Ports>({
  async checks(input, call) {
    const resource = bucketResource(await openBucket(input, call), call.caller);
    return [{ action: 's3:PutBucketAcl', resource, context: headerValues(input) }];
  },

  handle() {
    throw aclNotSupported();
  },
});

export const putObjectAcl = operation<PutObjectAclCommandInput, PutObjectAclCommandOutput, S3Ports>({
  allowsAnonymous: true,
  record: { data: true },

  async checks(input, call) {
    const checks = await objectChecks(input, call, ['s3:PutObjectAcl', 's3:PutObjectVersionAcl']);
    return checks.map((check) => ({ ...check, context: { ...check.context, ...headerValues(input) } }));
  },

  handle() {
    throw aclNotSupported();
  },
});

function ownersFullControl(bucket: BucketRow) {
  const owner = canonicalUserId(bucket.account);
  return {
    Owner: { ID: owner },
    Grants: [{ Grantee: { ID: owner, Type: 'CanonicalUser' as const }, Permission: 'FULL_CONTROL' as const }],
  };
}
