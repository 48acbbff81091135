/** What operations on a bucket's settings share: one action, on the bucket. */
import type { Call, Check, CheckCall } from '../service.ts';
import { type BucketInput, bucketResource, openBucket } from './bucket-access.ts';
import { type BucketRow, buckets } from './state.ts';

/** The checks of an operation that one action on its bucket authorizes. */
export function bucketChecks(action: string): (input: BucketInput, call: CheckCall) => Promise<readonly Check[]> {
  return async (input, call) => [{ action, resource: bucketResource(await openBucket(input, call), call.caller) }];
}

/** Writes the bucket with these settings; those that are undefined are taken away. */
export function putSettings(
  call: Call,
  bucket: BucketRow,
  settings: { [K in keyof BucketRow]?: BucketRow[K] | undefined },
): void {
  const changed = Object.entries({ ...bucket, ...settings }).filter(([, value]) => value !== undefined);
  call.change.put(buckets, '', bucket.name, Object.fromEntries(changed) as unknown as BucketRow);
}
