/** GetBucketTagging, PutBucketTagging and DeleteBucketTagging. */
import type {
  DeleteBucketTaggingCommandInput,
  DeleteBucketTaggingCommandOutput,
  GetBucketTaggingCommandInput,
  GetBucketTaggingCommandOutput,
  PutBucketTaggingCommandInput,
  PutBucketTaggingCommandOutput,
} from '@aws-sdk/client-s3';
import { AwsError, operation } from '../../service.ts';
import { openBucket } from '../bucket-access.ts';
import { bucketChecks, putSettings } from '../bucket-settings.ts';
import type { S3Ports } from '../ports.ts';
import { bucketTagLimit, requireTags } from '../tags.ts';

export const getBucketTagging = operation<GetBucketTaggingCommandInput, GetBucketTaggingCommandOutput, S3Ports>({
  allowsAnonymous: true,
  checks: bucketChecks('s3:GetBucketTagging'),

  async handle(input, call) {
    const bucket = await openBucket(input, call);
    if (!bucket.tags) {
      throw new AwsError('NoSuchTagSet', 'The TagSet does not exist', {
        status: 404,
        members: { BucketName: bucket.name },
      });
    }
    return { TagSet: [...bucket.tags] };
  },
});

export const putBucketTagging = operation<PutBucketTaggingCommandInput, PutBucketTaggingCommandOutput, S3Ports>({
  checks: bucketChecks('s3:PutBucketTagging'),

  async handle(input, call) {
    const bucket = await openBucket(input, call);
    const tags = requireTags(input.Tagging?.TagSet, bucketTagLimit);
    putSettings(call, bucket, { tags: tags.length > 0 ? tags : undefined });
    return {};
  },
});

export const deleteBucketTagging = operation<
  DeleteBucketTaggingCommandInput,
  DeleteBucketTaggingCommandOutput,
  S3Ports
>({
  checks: bucketChecks('s3:PutBucketTagging'),

  async handle(input, call) {
    putSettings(call, await openBucket(input, call), { tags: undefined });
    return {};
  },
});
