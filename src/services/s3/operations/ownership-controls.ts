/** GetBucketOwnershipControls, PutBucketOwnershipControls and DeleteBucketOwnershipControls: BucketOwnerEnforced only. */
import type {
  DeleteBucketOwnershipControlsCommandInput,
  DeleteBucketOwnershipControlsCommandOutput,
  GetBucketOwnershipControlsCommandInput,
  GetBucketOwnershipControlsCommandOutput,
  PutBucketOwnershipControlsCommandInput,
  PutBucketOwnershipControlsCommandOutput,
} from '@aws-sdk/client-s3';
import { AwsError, operation } from '../../service.ts';
import { openBucket } from '../bucket-access.ts';
import { bucketChecks, putSettings } from '../bucket-settings.ts';
import { malformedXml, notBuilt } from '../errors.ts';
import type { S3Ports } from '../ports.ts';

export const getBucketOwnershipControls = operation<
  GetBucketOwnershipControlsCommandInput,
  GetBucketOwnershipControlsCommandOutput,
  S3Ports
>({
  checks: bucketChecks('s3:GetBucketOwnershipControls'),

  async handle(input, call) {
    const bucket = await openBucket(input, call);
    if (!bucket.ownership) {
      throw new AwsError('OwnershipControlsNotFoundError', 'The bucket ownership controls were not found', {
        status: 404,
        members: { BucketName: bucket.name },
      });
    }
    return { OwnershipControls: { Rules: [{ ObjectOwnership: bucket.ownership }] } };
  },
});

export const putBucketOwnershipControls = operation<
  PutBucketOwnershipControlsCommandInput,
  PutBucketOwnershipControlsCommandOutput,
  S3Ports
>({
  checks: bucketChecks('s3:PutBucketOwnershipControls'),

  async handle(input, call) {
    const bucket = await openBucket(input, call);
    const rules = input.OwnershipControls?.Rules ?? [];
    const [rule] = rules;
    if (rules.length !== 1 || !rule) throw malformedXml();
    const wanted: string | undefined = rule.ObjectOwnership;
    if (wanted === 'BucketOwnerPreferred' || wanted === 'ObjectWriter') {
      throw notBuilt(`Object ownership ${wanted}, which needs ACLs,`);
    }
    if (wanted !== 'BucketOwnerEnforced') throw malformedXml();
    putSettings(call, bucket, { ownership: wanted });
    return {};
  },
});

/** AWS then takes ACLs; here writes of ACLs go on being refused, and the owner goes on owning every object. */
export const deleteBucketOwnershipControls = operation<
  DeleteBucketOwnershipControlsCommandInput,
  DeleteBucketOwnershipControlsCommandOutput,
  S3Ports
>({
  checks: bucketChecks('s3:PutBucketOwnershipControls'),

  async handle(input, call) {
    putSettings(call, await openBucket(input, call), { ownership: undefined });
    return {};
  },
});
