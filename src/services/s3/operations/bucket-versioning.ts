/** GetBucketVersioning and PutBucketVersioning: once on, versioning can only be suspended. */
import type {
  GetBucketVersioningCommandInput,
  GetBucketVersioningCommandOutput,
  PutBucketVersioningCommandInput,
  PutBucketVersioningCommandOutput,
} from '@aws-sdk/client-s3';
import { AwsError, operation } from '../../service.ts';
import { openBucket } from '../bucket-access.ts';
import { bucketChecks } from '../bucket-settings.ts';
import { malformedXml, notBuilt } from '../errors.ts';
import type { S3Ports } from '../ports.ts';
import { buckets } from '../state.ts';

export const getBucketVersioning = operation<
  GetBucketVersioningCommandInput,
  GetBucketVersioningCommandOutput,
  S3Ports
>({
  allowsAnonymous: true,
  checks: bucketChecks('s3:GetBucketVersioning'),

  async handle(input, call) {
    const { versioning } = await openBucket(input, call);
    return versioning ? { Status: versioning } : {};
  },
});

export const putBucketVersioning = operation<
  PutBucketVersioningCommandInput,
  PutBucketVersioningCommandOutput,
  S3Ports
>({
  checks: bucketChecks('s3:PutBucketVersioning'),

  async handle(input, call) {
    const bucket = await openBucket(input, call);
    const { Status: status, MFADelete } = input.VersioningConfiguration ?? {};
    if (MFADelete === 'Enabled') throw notBuilt('MFA delete');
    if (status === undefined) {
      throw new AwsError('IllegalVersioningConfigurationException', 'The Versioning element must be specified', {
        status: 400,
      });
    }
    if (status !== 'Enabled' && status !== 'Suspended') throw malformedXml();
    call.change.put(buckets, '', bucket.name, { ...bucket, versioning: status });
    return {};
  },
});
