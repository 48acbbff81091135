/** Calls to S3, wherever the bucket lies: web ACLs log into buckets of any region. */
import { type ActingIdentity, type Actor, AwsError } from '../../service.ts';

type Identity = Extract<ActingIdentity, { readonly as: 'service' | 'caller' }>;

/** Does it where the bucket is. Throws the AwsError that S3 answers. */
export async function inBucketRegion<T>(identity: Identity, work: (identity: Identity) => Promise<T>): Promise<T> {
  try {
    return await work(identity);
  } catch (error) {
    const region = error instanceof AwsError ? error.headers?.['x-amz-bucket-region'] : undefined;
    if (region === undefined) throw error;
    return work({ ...identity, region });
  }
}

export function callS3(actor: Actor, identity: Identity, operation: string, input: object): Promise<unknown> {
  return inBucketRegion(identity, (there) => actor.call(there, 's3', operation, input));
}
