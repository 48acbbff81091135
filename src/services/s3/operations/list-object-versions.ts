/** ListObjectVersions: every version and delete marker, newest first within a key. */
import type {
  DeleteMarkerEntry,
  ListObjectVersionsCommandInput,
  ListObjectVersionsCommandOutput,
  ObjectVersion,
} from '@aws-sdk/client-s3';
import { type Call, operation } from '../../service.ts';
import { openBucket } from '../bucket-access.ts';
import { canonicalUserId } from '../canonical-user.ts';
import { invalidArgument } from '../errors.ts';
import { beyondPrefix } from '../keys.ts';
import { type Encoder, listChecks, requireEncoder, requireLimit } from '../list-parameters.ts';
import { type Listed, type Position, page, type Source } from '../listing.ts';
import { quoted } from '../object-answers.ts';
import { currentObject, findVersion } from '../object-versions.ts';
import type { S3Ports } from '../ports.ts';
import { type BucketRow, keyOfRowId, type ObjectRow, objects, versionRowId, versions } from '../state.ts';

export const listObjectVersions = operation<ListObjectVersionsCommandInput, ListObjectVersionsCommandOutput, S3Ports>({
  allowsAnonymous: true,
  record: { data: true },
  checks: (input, call) => listChecks(input, call, 's3:ListBucketVersions'),

  async handle(input, call) {
    const bucket = await openBucket(input, call);
    const encode = requireEncoder(input.EncodingType);
    const limit = requireLimit(input.MaxKeys);
    const prefix = input.Prefix ?? '';
    const start = await startOf(input, call, bucket);
    const found = await page(mergedSource(call, bucket, prefix), {
      prefix,
      delimiter: input.Delimiter || undefined,
      start,
      limit,
      marker: input.KeyMarker || undefined,
    });
    const Versions: ObjectVersion[] = [];
    const DeleteMarkers: DeleteMarkerEntry[] = [];
    const CommonPrefixes: { Prefix: string }[] = [];
    // A page may begin in the middle of a key, whose latest version was shown before.
    let previous = input.VersionIdMarker ? input.KeyMarker : undefined;
    for (const entry of found.entries) {
      if ('commonPrefix' in entry) {
        CommonPrefixes.push({ Prefix: encode(entry.commonPrefix) });
        continue;
      }
      const shown = { ...common(entry.row, bucket, encode), IsLatest: entry.row.key !== previous };
      previous = entry.row.key;
      if (entry.row.value.deleteMarker) DeleteMarkers.push(shown);
      else Versions.push({ ...shown, ...versionOnly(entry.row.value) });
    }
    const last = found.entries.at(-1);
    return {
      Name: bucket.name,
      Prefix: encode(prefix),
      KeyMarker: encode(input.KeyMarker ?? ''),
      VersionIdMarker: input.VersionIdMarker ?? '',
      MaxKeys: limit,
      IsTruncated: found.next !== undefined,
      ...(input.Delimiter && { Delimiter: encode(input.Delimiter) }),
      ...(input.EncodingType && { EncodingType: input.EncodingType }),
      ...(Versions.length > 0 && { Versions }),
      ...(DeleteMarkers.length > 0 && { DeleteMarkers }),
      ...(CommonPrefixes.length > 0 && { CommonPrefixes }),
      ...(found.next &&
        last && {
          NextKeyMarker: encode('row' in last ? last.row.key : last.commonPrefix),
          ...('row' in last && { NextVersionIdMarker: last.row.value.versionId }),
        }),
    };
  },
});

/** Current objects stand before the other versions of their key: their id is the key and NUL. */
function mergedSource(call: Call, bucket: BucketRow, prefix: string): Source<ObjectRow> {
  return async (position, limit) => {
    const [current, others] = await Promise.all([
      call.change.list(objects, bucket.id, { prefix, ...currentPosition(position), limit }),
      bucket.versioning ? call.change.list(versions, bucket.id, { prefix, ...position, limit }) : [],
    ]);
    const rows: Listed<ObjectRow>[] = [
      ...current.map((row) => ({ id: `${row.id}\0`, key: row.id, value: row.value })),
      ...others.map((row) => ({ id: row.id, key: keyOfRowId(row.id), value: row.value })),
    ];
    return rows.sort((a, b) => Buffer.compare(Buffer.from(a.id), Buffer.from(b.id))).slice(0, limit);
  };
}

/** A position among all versions, for the table of current objects. */
function currentPosition(position: Position): Position {
  if (position.after === undefined) return position;
  return { after: keyOfRowId(position.after) };
}

/** @throws AwsError InvalidArgument */
async function startOf(input: ListObjectVersionsCommandInput, call: Call, bucket: BucketRow): Promise<Position> {
  const { KeyMarker: key, VersionIdMarker: versionId } = input;
  if (versionId && !key) {
    throw invalidArgument(
      'A version-id marker cannot be specified without a key marker.',
      'version-id-marker',
      versionId,
    );
  }
  if (!key) return {};
  if (!versionId) return { from: beyondPrefix(`${key}\0`)! };
  const current = await currentObject(call.change, bucket, key);
  if (current?.versionId === versionId) return { after: `${key}\0` };
  const row = await findVersion(call.change, bucket, key, versionId);
  if (row) return { after: versionRowId(key, row.sequence) };
  throw invalidArgument('Invalid version id specified', 'version-id-marker', versionId);
}

function common({ key, value }: Listed<ObjectRow>, bucket: BucketRow, encode: Encoder) {
  return {
    Key: encode(key),
    VersionId: value.versionId,
    LastModified: new Date(value.lastModified),
    Owner: { ID: canonicalUserId(bucket.account) },
  };
}

function versionOnly(value: ObjectRow) {
  return {
    ETag: quoted(value.etag),
    Size: value.size,
    StorageClass: (value.storageClass ?? 'STANDARD') as 'STANDARD',
    ...(value.checksum && { ChecksumAlgorithm: [value.checksum.algorithm], ChecksumType: value.checksum.kind }),
  };
}
