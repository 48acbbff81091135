/** GetPublicAccessBlock, PutPublicAccessBlock and DeletePublicAccessBlock of a bucket. */
import type {
  DeletePublicAccessBlockCommandInput,
  DeletePublicAccessBlockCommandOutput,
  GetPublicAccessBlockCommandInput,
  GetPublicAccessBlockCommandOutput,
  PutPublicAccessBlockCommandInput,
  PutPublicAccessBlockCommandOutput,
} from '@aws-sdk/client-s3';
import { AwsError, operation } from '../../service.ts';
import { openBucket } from '../bucket-access.ts';
import { bucketChecks, putSettings } from '../bucket-settings.ts';
import { malformedXml } from '../errors.ts';
import type { S3Ports } from '../ports.ts';

export const getPublicAccessBlock = operation<
  GetPublicAccessBlockCommandInput,
  GetPublicAccessBlockCommandOutput,
  S3Ports
>({
  allowsAnonymous: true,
  checks: bucketChecks('s3:GetBucketPublicAccessBlock'),

  async handle(input, call) {
    const bucket = await openBucket(input, call);
    if (!bucket.publicAccessBlock) {
      throw new AwsError(
        'NoSuchPublicAccessBlockConfiguration',
        'The public access block configuration was not found',
        { status: 404, members: { BucketName: bucket.name } },
      );
    }
    return { PublicAccessBlockConfiguration: { ...bucket.publicAccessBlock } };
  },
});

export const putPublicAccessBlock = operation<
  PutPublicAccessBlockCommandInput,
  PutPublicAccessBlockCommandOutput,
  S3Ports
>({
  checks: bucketChecks('s3:PutBucketPublicAccessBlock'),

  async handle(input, call) {
    const bucket = await openBucket(input, call);
    const wanted = input.PublicAccessBlockConfiguration;
    if (!wanted) throw malformedXml();
    putSettings(call, bucket, {
      // What is left out is off (S3 API reference, PublicAccessBlockConfiguration).
      publicAccessBlock: {
        BlockPublicAcls: wanted.BlockPublicAcls === true,
        IgnorePublicAcls: wanted.IgnorePublicAcls === true,
        BlockPublicPolicy: wanted.BlockPublicPolicy === true,
        RestrictPublicBuckets: wanted.RestrictPublicBuckets === true,
      },
    });
    return {};
  },
});

export const deletePublicAccessBlock = operation<
  DeletePublicAccessBlockCommandInput,
  DeletePublicAccessBlockCommandOutput,
  S3Ports
>({
  checks: bucketChecks('s3:PutBucketPublicAccessBlock'),

  async handle(input, call) {
    putSettings(call, await openBucket(input, call), { publicAccessBlock: undefined });
    return {};
  },
});
