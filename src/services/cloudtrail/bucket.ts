/** Writing to a trail's bucket as the service principal: the bucket's own policy decides. */
import { type Actor, AwsError } from '../service.ts';
import { bucketDoesNotExist, insufficientBucketPolicy } from './errors.ts';
import type { TrailRow } from './state.ts';

export const servicePrincipal = 'cloudtrail.amazonaws.com';

type Destination = Pick<TrailRow, 'account' | 'region' | 'arn' | 'bucket' | 'prefix'>;

/** `PREFIX/AWSLogs/ACCOUNT/FOLDER/`, without the prefix where there is none. */
export function folder(trail: Pick<TrailRow, 'account' | 'prefix'>, name: 'CloudTrail' | 'CloudTrail-Digest'): string {
  return `${trail.prefix === undefined ? '' : `${trail.prefix}/`}AWSLogs/${trail.account}/${name}/`;
}

/**
 * Puts an object as AWS's documentation of the bucket policy expects it: with the canned ACL that hands it to the
 * bucket's owner. Throws the AwsError that S3 answers.
 * @see CloudTrail User Guide, "Amazon S3 bucket policy for CloudTrail"
 */
export async function putFile(
  actor: Actor,
  trail: Destination,
  file: {
    readonly bucket: string;
    readonly key: string;
    readonly body: Uint8Array;
    readonly metadata?: Record<string, string>;
  },
): Promise<void> {
  const compressed = file.body.length > 0;
  await actor.call(identity(trail), 's3', 'PutObject', {
    Bucket: file.bucket,
    Key: file.key,
    Body: again(file.body),
    ContentLength: file.body.length,
    ACL: 'bucket-owner-full-control',
    ...(compressed && { ContentType: 'application/json', ContentEncoding: 'gzip' }),
    ...(file.metadata && { Metadata: file.metadata }),
  });
}

/**
 * Asks the bucket whether it takes this trail's files, by doing what a delivery does: reading its ACL, and making the
 * folders.
 * @throws AwsError S3BucketDoesNotExistException, InsufficientS3BucketPolicyException
 */
export async function probeBucket(actor: Actor, trail: Destination, withDigests: boolean): Promise<void> {
  try {
    await actor.call(identity(trail), 's3', 'GetBucketAcl', { Bucket: trail.bucket });
    const empty = new Uint8Array(0);
    await putFile(actor, trail, { bucket: trail.bucket, key: folder(trail, 'CloudTrail'), body: empty });
    if (withDigests) {
      await putFile(actor, trail, { bucket: trail.bucket, key: folder(trail, 'CloudTrail-Digest'), body: empty });
    }
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    if (error.code === 'NoSuchBucket') throw bucketDoesNotExist(trail.bucket);
    if (error.code === 'AccessDenied') throw insufficientBucketPolicy(trail.bucket);
    throw error;
  }
}

function identity(trail: Destination): Parameters<Actor['call']>[0] {
  return {
    as: 'service',
    name: servicePrincipal,
    region: trail.region,
    sourceAccount: trail.account,
    sourceArn: trail.arn,
  };
}

/** A body that can be read more than once, as a call may run again after a conflict. */
function again(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  return {
    async *[Symbol.asyncIterator]() {
      if (bytes.length > 0) yield bytes;
    },
  };
}
