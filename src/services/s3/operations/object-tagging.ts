/** GetObjectTagging, PutObjectTagging and DeleteObjectTagging: tags of the current or of one version. */
import type {
  DeleteObjectTaggingCommandInput,
  DeleteObjectTaggingCommandOutput,
  GetObjectTaggingCommandInput,
  GetObjectTaggingCommandOutput,
  PutObjectTaggingCommandInput,
  PutObjectTaggingCommandOutput,
} from '@aws-sdk/client-s3';
import { type Call, operation } from '../../service.ts';
import { openBucket } from '../bucket-access.ts';
import { requestTagValues } from '../condition-values.ts';
import { versionMember } from '../object-answers.ts';
import { currentObject } from '../object-versions.ts';
import type { S3Ports } from '../ports.ts';
import { type ObjectInput, objectChecks, readObject } from '../reading.ts';
import { type BucketRow, type ObjectRow, objects, type Tag, versionRowId, versions } from '../state.ts';
import { objectTagLimit, requireTags } from '../tags.ts';

export const getObjectTagging = operation<GetObjectTaggingCommandInput, GetObjectTaggingCommandOutput, S3Ports>({
  allowsAnonymous: true,
  record: { data: true },
  checks: (input, call) => objectChecks(input, call, ['s3:GetObjectTagging', 's3:GetObjectVersionTagging']),

  async handle(input, call) {
    const bucket = await openBucket(input, call);
    const row = await readObject(input, bucket, call);
    return { ...versionMember(bucket, row), TagSet: [...(row.tags ?? [])] };
  },
});

export const putObjectTagging = operation<PutObjectTaggingCommandInput, PutObjectTaggingCommandOutput, S3Ports>({
  allowsAnonymous: true,
  record: { data: true },

  async checks(input, call) {
    const checks = await objectChecks(input, call, ['s3:PutObjectTagging', 's3:PutObjectVersionTagging']);
    const requested = requestTagValues(requireTags(input.Tagging?.TagSet, objectTagLimit));
    return checks.map((check) => ({ ...check, context: { ...check.context, ...requested } }));
  },

  handle: (input, call) => putTags(input, call, requireTags(input.Tagging?.TagSet, objectTagLimit)),
});

export const deleteObjectTagging = operation<
  DeleteObjectTaggingCommandInput,
  DeleteObjectTaggingCommandOutput,
  S3Ports
>({
  allowsAnonymous: true,
  record: { data: true },
  checks: (input, call) => objectChecks(input, call, ['s3:DeleteObjectTagging', 's3:DeleteObjectVersionTagging']),
  handle: (input, call) => putTags(input, call, []),
});

async function putTags(input: ObjectInput, call: Call, tags: readonly Tag[]): Promise<{ VersionId?: string }> {
  const bucket = await openBucket(input, call);
  const row = await readObject(input, bucket, call);
  const { tags: _, ...untagged } = row;
  await replace(call, bucket, input.Key, row, tags.length > 0 ? { ...untagged, tags } : untagged);
  return versionMember(bucket, row);
}

async function replace(call: Call, bucket: BucketRow, key: string, row: ObjectRow, by: ObjectRow): Promise<void> {
  const current = await currentObject(call.change, bucket, key);
  if (current?.versionId === row.versionId) call.change.put(objects, bucket.id, key, by);
  else call.change.put(versions, bucket.id, versionRowId(key, row.sequence), by);
}
