/** ListParts and ListMultipartUploads: what is in progress. */
import type {
  ListMultipartUploadsCommandInput,
  ListMultipartUploadsCommandOutput,
  ListPartsCommandInput,
  ListPartsCommandOutput,
  MultipartUpload,
} from '@aws-sdk/client-s3';
import { operation } from '../../service.ts';
import { bucketResource, objectResource, openBucket } from '../bucket-access.ts';
import { canonicalUserId } from '../canonical-user.ts';
import { openUpload } from '../encryption/object-keys.ts';
import { invalidArgument } from '../errors.ts';
import { beyondPrefix, requireKey } from '../keys.ts';
import { requireEncoder, requireLimit } from '../list-parameters.ts';
import { type Listed, type Position, page, type Source } from '../listing.ts';
import { quoted } from '../object-answers.ts';
import { pieceSize } from '../object-content.ts';
import type { S3Ports } from '../ports.ts';
import { type BucketRow, keyOfRowId, partRowId, parts, type UploadRow, uploadRowId, uploads } from '../state.ts';
import { requireUpload } from '../uploads.ts';

export const listParts = operation<ListPartsCommandInput, ListPartsCommandOutput, S3Ports>({
  allowsAnonymous: true,
  record: { data: true, hide: ['SSECustomerKey'] },

  async checks(input, call) {
    const bucket = await openBucket(input, call);
    return [{ action: 's3:ListMultipartUploadParts', resource: objectResource(bucket, input.Key, call.caller) }];
  },

  async handle(input, call, ports) {
    const bucket = await openBucket(input, call);
    requireKey(input.Key);
    const upload = await requireUpload(call.change, bucket, input.Key, input.UploadId);
    // The parts' checksums tell of the plaintext (S3 API reference, ListParts: kms:Decrypt; SSE-C keys with checksums).
    if (upload.encryption?.kind === 'kms' || upload.checksumAlgorithm !== undefined) {
      await openUpload(call, ports, bucket, input.Key, upload, input);
    }
    const limit = requireLimit(input.MaxParts, 'max-parts');
    const marker = partMarker(input.PartNumberMarker);
    const rows = await call.change.list(parts, bucket.id, {
      prefix: `${upload.uploadId}\0`,
      after: partRowId(upload.uploadId, marker),
      limit: limit + 1,
    });
    const shown = rows.slice(0, limit).map((row) => row.value);
    const isTruncated = rows.length > limit && limit > 0;
    return {
      Bucket: bucket.name,
      Key: input.Key,
      UploadId: upload.uploadId,
      PartNumberMarker: String(marker),
      MaxParts: limit,
      IsTruncated: isTruncated,
      NextPartNumberMarker: String(shown.at(-1)?.number ?? 0),
      Initiator: initiator(upload),
      Owner: { ID: canonicalUserId(bucket.account) },
      StorageClass: (upload.storageClass ?? 'STANDARD') as 'STANDARD',
      ...checksumChoice(upload),
      ...(shown.length > 0 && {
        Parts: shown.map((part) => ({
          PartNumber: part.number,
          LastModified: new Date(part.lastModified),
          ETag: quoted(part.etag),
          Size: pieceSize(part),
          [`Checksum${part.checksumAlgorithm}`]: part.checksum,
        })),
      }),
    };
  },
});

export const listMultipartUploads = operation<
  ListMultipartUploadsCommandInput,
  ListMultipartUploadsCommandOutput,
  S3Ports
>({
  allowsAnonymous: true,

  async checks(input, call) {
    const bucket = await openBucket(input, call);
    return [{ action: 's3:ListBucketMultipartUploads', resource: bucketResource(bucket, call.caller) }];
  },

  async handle(input, call) {
    const bucket = await openBucket(input, call);
    const encode = requireEncoder(input.EncodingType);
    const limit = requireLimit(input.MaxUploads, 'max-uploads');
    const prefix = input.Prefix ?? '';
    const source: Source<UploadRow> = async (position, count) => {
      const rows = await call.change.list(uploads, bucket.id, { prefix, ...position, limit: count });
      return rows.map((row): Listed<UploadRow> => ({ id: row.id, key: keyOfRowId(row.id), value: row.value }));
    };
    const found = await page(source, {
      prefix,
      delimiter: input.Delimiter || undefined,
      start: startOf(input.KeyMarker, input.UploadIdMarker),
      limit,
      marker: input.KeyMarker || undefined,
    });
    const last = found.entries.at(-1);
    const Uploads = found.entries.flatMap((entry) =>
      'row' in entry ? [shownUpload(entry.row.value, bucket, encode)] : [],
    );
    const CommonPrefixes = found.entries.flatMap((entry) =>
      'row' in entry ? [] : [{ Prefix: encode(entry.commonPrefix) }],
    );
    return {
      Bucket: bucket.name,
      KeyMarker: encode(input.KeyMarker ?? ''),
      UploadIdMarker: input.UploadIdMarker ?? '',
      Prefix: encode(prefix),
      MaxUploads: limit,
      IsTruncated: found.next !== undefined,
      ...(input.Delimiter && { Delimiter: encode(input.Delimiter) }),
      ...(input.EncodingType && { EncodingType: input.EncodingType }),
      ...(found.next &&
        last && {
          NextKeyMarker: encode('row' in last ? last.row.key : last.commonPrefix),
          NextUploadIdMarker: 'row' in last ? last.row.value.uploadId : '',
        }),
      ...(Uploads.length > 0 && { Uploads }),
      ...(CommonPrefixes.length > 0 && { CommonPrefixes }),
    };
  },
});

function partMarker(text: string | undefined): number {
  if (text === undefined || text === '') return 0;
  const number = Number(text);
  if (Number.isInteger(number) && number >= 0 && number <= 2_147_483_647) return Math.min(number, 99_999);
  throw invalidArgument(
    'Argument part-number-marker must be an integer between 0 and 2147483647',
    'part-number-marker',
    text,
  );
}

/** After one upload of a key, or after all of them. */
function startOf(keyMarker: string | undefined, uploadIdMarker: string | undefined): Position {
  if (!keyMarker) return {};
  if (uploadIdMarker) return { after: uploadRowId(keyMarker, uploadIdMarker) };
  return { from: beyondPrefix(`${keyMarker}\0`)! };
}

const initiator = (upload: UploadRow) => ({ ID: upload.initiator.id, DisplayName: upload.initiator.displayName });

const checksumChoice = (upload: UploadRow) =>
  upload.checksumAlgorithm ? { ChecksumAlgorithm: upload.checksumAlgorithm, ChecksumType: upload.checksumKind } : {};

function shownUpload(upload: UploadRow, bucket: BucketRow, encode: (text: string) => string): MultipartUpload {
  return {
    UploadId: upload.uploadId,
    Key: encode(upload.key),
    Initiated: new Date(upload.initiated),
    StorageClass: (upload.storageClass ?? 'STANDARD') as 'STANDARD',
    Owner: { ID: canonicalUserId(bucket.account) },
    Initiator: initiator(upload),
    ...checksumChoice(upload),
  };
}
