/** From a bucket's name in a request to the bucket, and to the resource that policies decide about. */
import type { Caller, CheckCall, Resource, ResourcePolicy } from '../service.ts';
import { bucketArn, objectArn } from './arns.ts';
import { isValidBucketName } from './bucket-name.ts';
import { accessDenied, invalidBucketName, noSuchBucket, permanentRedirect } from './errors.ts';
import { type BucketPolicyRow, type BucketRow, buckets } from './state.ts';

export interface BucketInput {
  readonly Bucket: string;
  readonly ExpectedBucketOwner?: string | undefined;
}

/**
 * Throws InvalidBucketName, NoSuchBucket (to anybody, as AWS does), PermanentRedirect for a bucket of another region,
 * or AccessDenied if the bucket is not the expected owner's.
 */
export async function openBucket(input: BucketInput, call: CheckCall): Promise<BucketRow> {
  const bucket = found(await call.change.get(buckets, '', input.Bucket), input);
  // The endpoint's region is the one that was signed for; anonymous callers and services name none.
  const { kind } = call.caller.principal;
  if (bucket.region !== call.scope.region && kind !== 'anonymous' && kind !== 'service') {
    throw permanentRedirect(bucket.name, bucket.region);
  }
  return bucket;
}

/** The same for GetBucketLocation, which every region answers. */
export async function openBucketAnywhere(input: BucketInput, call: CheckCall): Promise<BucketRow> {
  return found(await call.change.get(buckets, '', input.Bucket), input);
}

function found(bucket: BucketRow | undefined, input: BucketInput): BucketRow {
  if (!bucket) throw isValidBucketName(input.Bucket) ? noSuchBucket(input.Bucket) : invalidBucketName(input.Bucket);
  if (input.ExpectedBucketOwner !== undefined && input.ExpectedBucketOwner !== bucket.account) throw accessDenied();
  return bucket;
}

export function bucketResource(bucket: BucketRow, caller: Caller): Resource {
  return resource(bucketArn(bucket.name), bucket, caller);
}

export function objectResource(bucket: BucketRow, key: string, caller: Caller): Resource {
  return resource(objectArn(bucket.name, key), bucket, caller);
}

function resource(arn: string, bucket: BucketRow, caller: Caller): Resource {
  const policy = actingPolicy(bucket, caller);
  return policy ? { arn, account: bucket.account, policy } : { arn, account: bucket.account };
}

const made = new WeakMap<BucketPolicyRow, ResourcePolicy>();

/**
 * The bucket policy as far as it may act. RestrictPublicBuckets leaves a public policy to the owner's account and to
 * AWS services; without it, nobody from outside has anything that allows (S3 User Guide, "Block public access settings").
 */
function actingPolicy(bucket: BucketRow, caller: Caller): ResourcePolicy | undefined {
  const { policy } = bucket;
  if (!policy) return undefined;
  const isOutsider = caller.account !== bucket.account && caller.principal.kind !== 'service';
  if (isOutsider && policy.isPublic && bucket.publicAccessBlock?.RestrictPublicBuckets) return undefined;
  let acting = made.get(policy);
  if (!acting) {
    acting = {
      document: policy.document,
      id: `bucket policy of ${bucket.name}`,
      kind: 'resource',
      principalIds: policy.principalIds,
    };
    made.set(policy, acting);
  }
  return acting;
}
