/** Condition keys that S3 requests carry (service authorization reference, "Condition keys for Amazon S3"). */
import type { CheckCall, ConditionValues } from '../service.ts';
import type { ObjectKeys } from './ports.ts';
import type { BucketRow, ObjectRow, Tag } from './state.ts';

type Values = Record<string, string | readonly string[] | undefined>;

/** `s3:ExistingObjectTag/…` and, where a version was named, `s3:versionid`. */
export function existingValues(row: ObjectRow | undefined, versionId?: string): ConditionValues {
  const values: Values = {};
  if (versionId !== undefined) values['s3:versionid'] = versionId;
  for (const tag of row?.tags ?? []) values[`s3:ExistingObjectTag/${tag.Key}`] = tag.Value;
  return values;
}

/** `s3:RequestObjectTag/…` and `s3:RequestObjectTagKeys`. */
export function requestTagValues(tags: readonly Tag[]): ConditionValues {
  if (tags.length === 0) return {};
  const values: Values = { 's3:RequestObjectTagKeys': tags.map((tag) => tag.Key) };
  for (const tag of tags) values[`s3:RequestObjectTag/${tag.Key}`] = tag.Value;
  return values;
}

/** Headers of writes that have a condition key of their own. */
export interface ConditionedHeaders {
  readonly ACL?: string | undefined;
  readonly GrantFullControl?: string | undefined;
  readonly GrantRead?: string | undefined;
  readonly GrantReadACP?: string | undefined;
  readonly GrantWrite?: string | undefined;
  readonly GrantWriteACP?: string | undefined;
  readonly StorageClass?: string | undefined;
  readonly ServerSideEncryption?: string | undefined;
  readonly SSEKMSKeyId?: string | undefined;
  readonly SSECustomerAlgorithm?: string | undefined;
  readonly WebsiteRedirectLocation?: string | undefined;
  readonly CopySource?: string | undefined;
  readonly MetadataDirective?: string | undefined;
  readonly IfMatch?: string | undefined;
  readonly IfNoneMatch?: string | undefined;
}

/** Policies see the ARN of the key that the request names, however it names it. */
export function withKeyArn<I extends ConditionedHeaders>(
  input: I,
  bucket: BucketRow,
  call: CheckCall,
  keys: ObjectKeys,
): I | Promise<I> {
  if (!input.SSEKMSKeyId) return input;
  return keys
    .arnOf(input.SSEKMSKeyId, call.scope.account, bucket.region)
    .then((arn) => (arn === undefined ? input : { ...input, SSEKMSKeyId: arn }));
}

export function headerValues(headers: ConditionedHeaders): ConditionValues {
  return {
    's3:x-amz-acl': headers.ACL,
    's3:x-amz-grant-full-control': headers.GrantFullControl,
    's3:x-amz-grant-read': headers.GrantRead,
    's3:x-amz-grant-read-acp': headers.GrantReadACP,
    's3:x-amz-grant-write': headers.GrantWrite,
    's3:x-amz-grant-write-acp': headers.GrantWriteACP,
    's3:x-amz-storage-class': headers.StorageClass,
    's3:x-amz-server-side-encryption': headers.ServerSideEncryption,
    's3:x-amz-server-side-encryption-aws-kms-key-id': headers.SSEKMSKeyId,
    's3:x-amz-server-side-encryption-customer-algorithm': headers.SSECustomerAlgorithm,
    's3:x-amz-website-redirect-location': headers.WebsiteRedirectLocation,
    's3:x-amz-copy-source': headers.CopySource,
    's3:x-amz-metadata-directive': headers.MetadataDirective,
    's3:if-match': headers.IfMatch,
    's3:if-none-match': headers.IfNoneMatch,
  };
}

/** Whether the request names an ACL, which needs s3:PutObjectAcl or s3:PutBucketAcl as well. */
export function namesAcl(headers: ConditionedHeaders): boolean {
  return (
    (headers.ACL ??
      headers.GrantFullControl ??
      headers.GrantRead ??
      headers.GrantReadACP ??
      headers.GrantWrite ??
      headers.GrantWriteACP) !== undefined
  );
}
