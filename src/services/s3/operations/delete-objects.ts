/** DeleteObjects: up to 1,000 keys, each decided and reported by itself. */
import type {
  DeletedObject,
  DeleteObjectsCommandInput,
  DeleteObjectsCommandOutput,
  _Error as ItemError,
} from '@aws-sdk/client-s3';
import { AwsError, type Call, operation } from '../../service.ts';
import { objectResource, openBucket } from '../bucket-access.ts';
import { accessDenied, headerNotImplemented, malformedXml, notBuilt } from '../errors.ts';
import { requireKey } from '../keys.ts';
import { currentObject, deleteCurrent, deleteVersion, findVersion } from '../object-versions.ts';
import type { S3Ports } from '../ports.ts';
import { checkWrite } from '../preconditions.ts';
import type { BucketRow } from '../state.ts';

const keysLimit = 1000;

interface Item {
  readonly Key: string;
  readonly VersionId?: string | undefined;
  readonly ETag?: string | undefined;
  readonly LastModifiedTime?: Date | undefined;
  readonly Size?: number | undefined;
}

export const deleteObjects = operation<DeleteObjectsCommandInput, DeleteObjectsCommandOutput, S3Ports>({
  allowsAnonymous: true,
  perItem: true,
  record: { data: true },

  async checks(input, call) {
    // Throws for a bucket that is not there; permissions are asked for per key.
    await openBucket(input, call);
    return [];
  },

  async handle(input, call) {
    const bucket = await openBucket(input, call);
    if (input.BypassGovernanceRetention) throw notBuilt('Object Lock');
    const items = (input.Delete?.Objects ?? []) as readonly Item[];
    if (items.length === 0 || items.length > keysLimit) throw malformedXml();
    const allowed = await Promise.all(items.map((item) => mayDelete(item, bucket, call)));
    if (!allowed.includes(true)) throw accessDenied();
    const Deleted: DeletedObject[] = [];
    const Errors: ItemError[] = [];
    for (const [index, item] of items.entries()) {
      try {
        if (!allowed[index]) throw accessDenied();
        Deleted.push(await remove(item, bucket, call));
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        Errors.push({ ...named(item), Code: error.code, Message: error.message });
      }
    }
    return {
      ...(Deleted.length > 0 && !input.Delete?.Quiet && { Deleted }),
      ...(Errors.length > 0 && { Errors }),
    };
  },
});

const named = (item: Item) => ({
  Key: item.Key,
  ...(item.VersionId !== undefined && { VersionId: item.VersionId }),
});

function mayDelete(item: Item, bucket: BucketRow, call: Call): Promise<boolean> {
  return call.may({
    action: item.VersionId === undefined ? 's3:DeleteObject' : 's3:DeleteObjectVersion',
    resource: objectResource(bucket, item.Key, call.caller),
    context: { 's3:versionid': item.VersionId },
  });
}

async function remove(item: Item, bucket: BucketRow, call: Call): Promise<DeletedObject> {
  const { change } = call;
  requireKey(item.Key);
  if (item.LastModifiedTime !== undefined) throw headerNotImplemented('LastModifiedTime');
  if (item.Size !== undefined) throw headerNotImplemented('Size');
  if (item.ETag !== undefined) {
    const there = await (item.VersionId === undefined
      ? currentObject(change, bucket, item.Key)
      : findVersion(change, bucket, item.Key, item.VersionId));
    checkWrite(item.Key, there, { IfMatch: item.ETag });
  }
  if (item.VersionId === undefined) {
    const made = await deleteCurrent(change, bucket, item.Key, call);
    return {
      Key: item.Key,
      ...(made.deleteMarker && { DeleteMarker: true, DeleteMarkerVersionId: made.versionId }),
    } as DeletedObject;
  }
  const gone = await deleteVersion(change, bucket, item.Key, item.VersionId);
  return {
    ...named(item),
    ...(gone.deleteMarker && { DeleteMarker: true, DeleteMarkerVersionId: item.VersionId }),
  };
}
