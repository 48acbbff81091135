/** ARNs of buckets and objects: they carry neither account nor region (S3 User Guide, "Policy resources"). */

/** All buckets of the caller, as ListAllMyBuckets is authorized on. */
export const everyBucketArn = 'arn:aws:s3:::*';

export function bucketArn(bucket: string): string {
  return `arn:aws:s3:::${bucket}`;
}

export function objectArn(bucket: string, key: string): string {
  return `arn:aws:s3:::${bucket}/${key}`;
}
