/** Writing to a trail's bucket as the service principal: the bucket's own policy decides. */
import { type Actor, AwsError } from '../service.ts';
import { bucketDoesNotExist, insufficientBucketPolicy, insufficientEncryptionPolicy, keyNotUsable } from './errors.ts';
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
    /** The key that encrypts it; the bucket's default by default. */
    readonly kmsKeyId?: string | undefined;
  },
): Promise<{ readonly SSEKMSKeyId?: string }> {
  const compressed = file.body.length > 0;
  return (await actor.call(identity(trail), 's3', 'PutObject', {
    Bucket: file.bucket,
    Key: file.key,
    Body: again(file.body),
    ContentLength: file.body.length,
    ACL: 'bucket-owner-full-control',
    ...(compressed && { ContentType: 'application/json', ContentEncoding: 'gzip' }),
    ...(file.metadata && { Metadata: file.metadata }),
    ...(file.kmsKeyId !== undefined && encryptedBy(file.kmsKeyId, trail)),
  })) as { SSEKMSKeyId?: string };
}

/** The key policy can name the trail: "Configure AWS KMS key policies for CloudTrail". */
function encryptedBy(keyId: string, trail: Destination) {
  const context = JSON.stringify({ 'aws:cloudtrail:arn': trail.arn });
  return {
    ServerSideEncryption: 'aws:kms',
    SSEKMSKeyId: keyId,
    SSEKMSEncryptionContext: Buffer.from(context).toString('base64'),
  };
}

/**
 * Asks the bucket whether it takes this trail's files, by doing what a delivery does: reading its ACL, and making the
 * folders.
 * @param kmsKeyId the key of log files, as it was named
 * @returns the ARN of that key
 * @throws AwsError S3BucketDoesNotExistException, InsufficientS3BucketPolicyException, and of the key
 * InsufficientEncryptionPolicyException, KmsKeyNotFoundException, KmsException
 */
export async function probeBucket(
  actor: Actor,
  trail: Destination,
  withDigests: boolean,
  kmsKeyId?: string,
): Promise<string | undefined> {
  try {
    await actor.call(identity(trail), 's3', 'GetBucketAcl', { Bucket: trail.bucket });
    const empty = new Uint8Array(0);
    const key = folder(trail, 'CloudTrail');
    const { SSEKMSKeyId } = await putFile(actor, trail, { bucket: trail.bucket, key, body: empty, kmsKeyId });
    if (withDigests) {
      await putFile(actor, trail, { bucket: trail.bucket, key: folder(trail, 'CloudTrail-Digest'), body: empty });
    }
    return kmsKeyId === undefined ? undefined : SSEKMSKeyId;
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    if (error.code === 'NoSuchBucket') throw bucketDoesNotExist(trail.bucket);
    if (kmsKeyId !== undefined && error.code === 'AccessDenied' && error.message.includes(' kms:')) {
      throw insufficientEncryptionPolicy(trail.bucket, kmsKeyId);
    }
    if (error.code.startsWith('KMS.')) throw keyNotUsable(error.code, error.message);
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
