/** DeleteBucket: only empty buckets go; uploads in progress go with them. */
import type { DeleteBucketCommandInput, DeleteBucketCommandOutput } from '@aws-sdk/client-s3';
import { operation } from '../../service.ts';
import { bucketResource, openBucket } from '../bucket-access.ts';
import { bucketNotEmpty, versionedBucketNotEmpty } from '../errors.ts';
import { discardPiece } from '../object-content.ts';
import type { S3Ports } from '../ports.ts';
import { buckets, objects, ownedBuckets, parts, uploads, versions } from '../state.ts';

export const deleteBucket = operation<DeleteBucketCommandInput, DeleteBucketCommandOutput, S3Ports>({
  async checks(input, call) {
    const bucket = await openBucket(input, call);
    return [{ action: 's3:DeleteBucket', resource: bucketResource(bucket, call.caller) }];
  },

  async handle(input, call) {
    const { change } = call;
    const bucket = await openBucket(input, call);
    const [object] = await change.list(objects, bucket.id, { limit: 1 });
    const [version] = bucket.versioning ? await change.list(versions, bucket.id, { limit: 1 }) : [];
    if (object || version) throw bucket.versioning ? versionedBucketNotEmpty(bucket.name) : bucketNotEmpty(bucket.name);
    for (const { id } of await change.list(uploads, bucket.id)) change.delete(uploads, bucket.id, id);
    for (const { id, value } of await change.list(parts, bucket.id)) {
      discardPiece(change, value);
      change.delete(parts, bucket.id, id);
    }
    change.delete(buckets, '', bucket.name);
    change.delete(ownedBuckets, bucket.account, bucket.name);
    return {};
  },
});
