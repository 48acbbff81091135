/** GetObjectAttributes: the parts of HEAD and ListParts that were asked for. */
import type { GetObjectAttributesCommandInput, GetObjectAttributesCommandOutput } from '@aws-sdk/client-s3';
import { operation } from '../../service.ts';
import { openBucket } from '../bucket-access.ts';
import { openEncryption, requireMatchingKey } from '../encryption/object-keys.ts';
import { invalidArgument } from '../errors.ts';
import { requireLimit } from '../list-parameters.ts';
import { checksumMembers, versionMember } from '../object-answers.ts';
import { contentParts, pieceSize } from '../object-content.ts';
import type { S3Ports } from '../ports.ts';
import { objectChecks, readObject } from '../reading.ts';
import type { Checksum, ManifestPart, ObjectRow } from '../state.ts';

const names: ReadonlySet<string> = new Set(['ETag', 'Checksum', 'ObjectParts', 'StorageClass', 'ObjectSize']);

export const getObjectAttributes = operation<
  GetObjectAttributesCommandInput,
  GetObjectAttributesCommandOutput,
  S3Ports
>({
  allowsAnonymous: true,
  record: { data: true, hide: ['SSECustomerKey'] },
  checks: (input, call) =>
    objectChecks(
      input,
      call,
      ['s3:GetObject', 's3:GetObjectVersion'],
      ['s3:GetObjectAttributes', 's3:GetObjectVersionAttributes'],
    ),

  async handle(input, call, ports) {
    const bucket = await openBucket(input, call);
    const wanted = new Set<string>(input.ObjectAttributes);
    const unknown = [...wanted].find((name) => !names.has(name));
    if (wanted.size === 0 || unknown !== undefined) {
      throw invalidArgument('Invalid attribute name specified.', 'x-amz-object-attributes', unknown);
    }
    const row = await readObject(input, bucket, call);
    requireMatchingKey(row, input);
    // Checksums tell of the plaintext, those of parts as well.
    const tellsOfBytes = wanted.has('Checksum') || wanted.has('ObjectParts');
    if (tellsOfBytes) await openEncryption(call, ports, bucket, input.Key, row, input);
    const parts = wanted.has('ObjectParts') ? await contentParts(call.change, bucket, row) : [];
    return {
      LastModified: new Date(row.lastModified),
      ...versionMember(bucket, row),
      ...(wanted.has('ETag') && { ETag: row.etag }),
      ...(wanted.has('Checksum') && row.checksum && { Checksum: checksumMembers(withoutCount(row.checksum)) }),
      ...(wanted.has('StorageClass') && { StorageClass: (row.storageClass ?? 'STANDARD') as 'STANDARD' }),
      ...(wanted.has('ObjectSize') && { ObjectSize: row.size }),
      ...(parts.length > 0 && { ObjectParts: shownParts(parts, row, input.MaxParts, input.PartNumberMarker) }),
    };
  },
});

/** Of a composite checksum, this operation alone leaves out how many parts there are. */
const withoutCount = (checksum: Checksum): Checksum => ({ ...checksum, value: checksum.value.replace(/-\d+$/, '') });

function shownParts(
  parts: readonly ManifestPart[],
  row: ObjectRow,
  maxParts: number | undefined,
  marker: string | undefined,
) {
  const limit = requireLimit(maxParts, 'max-parts');
  const after = Number(marker ?? 0);
  const rest = parts.filter((part) => part.number > after);
  const shown = rest.slice(0, limit);
  const algorithm = row.checksum?.algorithm;
  return {
    TotalPartsCount: parts.length,
    PartNumberMarker: String(after),
    NextPartNumberMarker: String(shown.at(-1)?.number ?? 0),
    MaxParts: limit,
    IsTruncated: rest.length > shown.length,
    // Part by part only where the parts' checksums were kept (S3 API reference, GetObjectAttributesParts).
    ...(row.checksum?.kind === 'COMPOSITE' &&
      algorithm && {
        Parts: shown.map((part) => ({
          PartNumber: part.number,
          Size: pieceSize(part),
          [`Checksum${algorithm}`]: part.checksum,
        })),
      }),
  };
}
