/** HeadBucket and GetBucketLocation: whether a bucket is there and where. */
import type {
  GetBucketLocationCommandInput,
  GetBucketLocationCommandOutput,
  HeadBucketCommandInput,
  HeadBucketCommandOutput,
} from '@aws-sdk/client-s3';
import { operation } from '../../service.ts';
import { bucketArn } from '../arns.ts';
import { bucketResource, openBucket, openBucketAnywhere } from '../bucket-access.ts';
import type { S3Ports } from '../ports.ts';

export const headBucket = operation<HeadBucketCommandInput, HeadBucketCommandOutput, S3Ports>({
  allowsAnonymous: true,
  record: { data: true },

  async checks(input, call) {
    const bucket = await openBucket(input, call);
    return [{ action: 's3:ListBucket', resource: bucketResource(bucket, call.caller) }];
  },

  async handle(input, call) {
    const bucket = await openBucket(input, call);
    return { BucketArn: bucketArn(bucket.name), BucketRegion: bucket.region, AccessPointAlias: false };
  },
});

export const getBucketLocation = operation<GetBucketLocationCommandInput, GetBucketLocationCommandOutput, S3Ports>({
  allowsAnonymous: true,

  async checks(input, call) {
    const bucket = await openBucketAnywhere(input, call);
    return [{ action: 's3:GetBucketLocation', resource: bucketResource(bucket, call.caller) }];
  },

  async handle(input, call) {
    const { region } = await openBucketAnywhere(input, call);
    // us-east-1 has no location constraint (S3 API reference, GetBucketLocation).
    return region === 'us-east-1' ? {} : { LocationConstraint: region as 'eu-west-1' };
  },
});
