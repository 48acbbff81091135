/** What the listing operations share: limits, encoding, sealed tokens, how they are authorized. */
import type { Call, Check, CheckCall } from '../service.ts';
import { bucketResource, openBucket } from './bucket-access.ts';
import { invalidArgument } from './errors.ts';
import { encodeKey } from './keys.ts';
import type { Position } from './listing.ts';
import type { BucketRow } from './state.ts';

const pageLimit = 1000;

export interface ListInput {
  readonly Bucket: string;
  readonly ExpectedBucketOwner?: string | undefined;
  readonly Prefix?: string | undefined;
  readonly Delimiter?: string | undefined;
  readonly MaxKeys?: number | undefined;
  readonly EncodingType?: string | undefined;
}

/** With the keys that let policies open only some prefixes. */
export async function listChecks(input: ListInput, call: CheckCall, action: string): Promise<readonly Check[]> {
  const bucket = await openBucket(input, call);
  const context = {
    's3:prefix': input.Prefix,
    's3:delimiter': input.Delimiter,
    's3:max-keys': input.MaxKeys === undefined ? undefined : String(input.MaxKeys),
  };
  return [{ action, resource: bucketResource(bucket, call.caller), context }];
}

/** @returns at most 1,000; what was asked for is echoed apart. @throws AwsError InvalidArgument */
export function requireLimit(requested: number | undefined, name = 'max-keys'): number {
  if (requested === undefined) return pageLimit;
  if (!Number.isInteger(requested) || requested < 0) {
    throw invalidArgument(`Argument ${name} must be an integer between 0 and 2147483647`, name, requested);
  }
  return Math.min(requested, pageLimit);
}

export type Encoder = (text: string) => string;

/** @throws AwsError InvalidArgument */
export function requireEncoder(type: string | undefined): Encoder {
  if (type === undefined || type === '') return (text) => text;
  if (type.toLowerCase() === 'url') return encodeKey;
  throw invalidArgument('Invalid Encoding Method specified in Request', 'encoding-type', type);
}

const purpose = 's3.list-objects';

/** A token says where to go on, in this bucket only. */
export function sealPosition(call: Call, bucket: BucketRow, position: Position): string {
  return call.sealer.seal(purpose, JSON.stringify([bucket.id, position]));
}

/** @throws AwsError InvalidArgument for a token that was not made for this bucket */
export function openPosition(call: Call, bucket: BucketRow, token: string): Position {
  const opened = call.sealer.open(purpose, token);
  const [id, position] = opened ? (JSON.parse(new TextDecoder().decode(opened)) as [string, Position]) : [];
  if (id !== bucket.id || !position) {
    throw invalidArgument('The continuation token provided is incorrect', 'continuation-token', token);
  }
  return position;
}
