/** DeleteObject: the current version, or one version for good. */
import type { DeleteObjectCommandInput, DeleteObjectCommandOutput } from '@aws-sdk/client-s3';
import { operation } from '../../service.ts';
import { objectResource, openBucket } from '../bucket-access.ts';
import { headerNotImplemented, notBuilt } from '../errors.ts';
import { requireKey } from '../keys.ts';
import { currentObject, type Deleted, deleteCurrent, deleteVersion, findVersion } from '../object-versions.ts';
import type { S3Ports } from '../ports.ts';
import { checkWrite } from '../preconditions.ts';

export const deleteObject = operation<DeleteObjectCommandInput, DeleteObjectCommandOutput, S3Ports>({
  allowsAnonymous: true,
  record: { data: true },

  async checks(input, call) {
    const bucket = await openBucket(input, call);
    const action = input.VersionId === undefined ? 's3:DeleteObject' : 's3:DeleteObjectVersion';
    const context = { 's3:versionid': input.VersionId, 's3:if-match': input.IfMatch };
    return [{ action, resource: objectResource(bucket, input.Key, call.caller), context }];
  },

  async handle(input, call) {
    const bucket = await openBucket(input, call);
    requireKey(input.Key);
    if (input.BypassGovernanceRetention) throw notBuilt('Object Lock');
    if (input.IfMatchLastModifiedTime !== undefined) throw headerNotImplemented('x-amz-if-match-last-modified-time');
    if (input.IfMatchSize !== undefined) throw headerNotImplemented('x-amz-if-match-size');
    const { change } = call;
    if (input.IfMatch !== undefined) {
      const there = await (input.VersionId === undefined
        ? currentObject(change, bucket, input.Key)
        : findVersion(change, bucket, input.Key, input.VersionId));
      checkWrite(input.Key, there, { IfMatch: input.IfMatch });
    }
    return deletedMembers(
      input.VersionId === undefined
        ? await deleteCurrent(change, bucket, input.Key, call)
        : await deleteVersion(change, bucket, input.Key, input.VersionId),
    );
  },
});

function deletedMembers(deleted: Deleted) {
  return {
    ...(deleted.versionId !== undefined && { VersionId: deleted.versionId }),
    ...(deleted.deleteMarker && { DeleteMarker: true }),
  };
}
