/** What reads of an object share: how they are authorized, and who may learn that a key is not there. */
import { AwsError, type Call, type Check, type CheckCall } from '../service.ts';
import { bucketResource, objectResource, openBucket } from './bucket-access.ts';
import { existingValues } from './condition-values.ts';
import { accessDenied, markerNotAllowed } from './errors.ts';
import { currentObject, findVersion, requireObject } from './object-versions.ts';
import type { BucketRow, ObjectRow } from './state.ts';

export interface ObjectInput {
  readonly Bucket: string;
  readonly Key: string;
  readonly VersionId?: string | undefined;
  readonly ExpectedBucketOwner?: string | undefined;
}

/** One check per action: the second name is the one that applies when the request names a version. */
export async function objectChecks(
  input: ObjectInput,
  call: CheckCall,
  ...actions: readonly (readonly [unversioned: string, versioned: string])[]
): Promise<Check[]> {
  const bucket = await openBucket(input, call);
  const resource = objectResource(bucket, input.Key, call.caller);
  const row =
    input.VersionId === undefined
      ? await currentObject(call.change, bucket, input.Key)
      : await findVersion(call.change, bucket, input.Key, input.VersionId);
  const context = existingValues(row, input.VersionId);
  const which = input.VersionId === undefined ? 0 : 1;
  return actions.map((names) => ({ action: names[which]!, resource, context }));
}

/**
 * The object, never a delete marker.
 * @throws AwsError NoSuchKey or NoSuchVersion, but AccessDenied to callers who may not list the bucket
 */
export async function readObject(input: ObjectInput, bucket: BucketRow, call: Call): Promise<ObjectRow> {
  const row = await requireObject(call.change, bucket, input.Key, input.VersionId).catch(async (error: unknown) => {
    if (!(error instanceof AwsError) || error.status !== 404) throw error;
    throw (await mayList(bucket, call)) ? error : accessDenied();
  });
  if (row.deleteMarker) {
    const method = call.operation.startsWith('Head') ? 'HEAD' : 'GET';
    throw markerNotAllowed(method, row.versionId, new Date(row.lastModified).toUTCString());
  }
  return row;
}

function mayList(bucket: BucketRow, call: Call): Promise<boolean> {
  return call.may({ action: 's3:ListBucket', resource: bucketResource(bucket, call.caller) });
}
