/** Multipart uploads in progress: finding one, its parts, and what becomes of their checksums. */
import type { Change } from '../../store/store.ts';
import type { Random } from '../service.ts';
import { combine, isCombinable } from './checksums/combine.ts';
import { newDigest } from './checksums/digest.ts';
import { readAlgorithm } from './digest-errors.ts';
import { invalidArgument, invalidRequest, noSuchUpload } from './errors.ts';
import { pieceSize } from './object-content.ts';
import {
  type BucketRow,
  type Checksum,
  type ChecksumAlgorithmName,
  type ChecksumKind,
  type PartRow,
  parts,
  type UploadRow,
  uploadRowId,
  uploads,
} from './state.ts';

export const partNumberLimit = 10_000;
/** Bytes of every part but the last. */
export const leastPartSize = 5 * 1024 * 1024;

/** Begins with the time, so that the uploads of a key are listed in the order in which they began. */
export function newUploadId(now: number, random: Random): string {
  return now.toString(16).padStart(12, '0') + Buffer.from(random.bytes(24)).toString('base64url');
}

/** @throws AwsError NoSuchUpload */
export async function requireUpload(
  change: Change,
  bucket: BucketRow,
  key: string,
  uploadId: string,
): Promise<UploadRow> {
  const isPlausible = uploadId.length <= 128 && !uploadId.includes('\0') && uploadId.isWellFormed();
  const upload = isPlausible ? await change.get(uploads, bucket.id, uploadRowId(key, uploadId)) : undefined;
  if (!upload) throw noSuchUpload(uploadId);
  return upload;
}

/** @throws AwsError InvalidArgument */
export function requirePartNumber(number: number): number {
  if (Number.isInteger(number) && number >= 1 && number <= partNumberLimit) return number;
  throw invalidArgument(
    `Part number must be an integer between 1 and ${partNumberLimit}, inclusive`,
    'partNumber',
    number,
  );
}

/** Ascending by number. */
export async function partsOf(change: Change, bucket: BucketRow, uploadId: string): Promise<readonly PartRow[]> {
  const rows = await change.list(parts, bucket.id, { prefix: `${uploadId}\0` });
  return rows.map((row) => row.value);
}

/** Which checksum an upload will have. @throws AwsError InvalidRequest */
export function chosenChecksum(
  named: string | undefined,
  kind: string | undefined,
): { readonly checksumAlgorithm?: ChecksumAlgorithmName; readonly checksumKind: ChecksumKind } {
  if (kind !== undefined && kind !== 'FULL_OBJECT' && kind !== 'COMPOSITE') {
    throw invalidRequest('Value for x-amz-checksum-type header is invalid.');
  }
  if (named === undefined) {
    if (kind === undefined) return { checksumKind: 'FULL_OBJECT' };
    throw invalidRequest('The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.');
  }
  const algorithm = readAlgorithm(named);
  const chosen = kind ?? (algorithm === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE');
  const isPossible = chosen === 'FULL_OBJECT' ? isCombinable(algorithm) : algorithm !== 'CRC64NVME';
  if (!isPossible) {
    throw invalidRequest(
      `The ${chosen} checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`,
    );
  }
  return { checksumAlgorithm: algorithm, checksumKind: chosen };
}

/** Of the whole, from the parts; undefined if the parts carry different algorithms because the upload named none. */
export function wholeChecksum(upload: UploadRow, chosen: readonly PartRow[]): Checksum | undefined {
  const algorithm = chosen[0]!.checksumAlgorithm;
  if (chosen.some((part) => part.checksumAlgorithm !== algorithm)) return undefined;
  const values = chosen.map((part) => Buffer.from(part.checksum, 'base64'));
  if (upload.checksumKind === 'FULL_OBJECT') {
    if (!isCombinable(algorithm)) return undefined;
    const whole = combine(
      algorithm,
      chosen.map((part, index) => ({ crc: values[index]!, size: pieceSize(part) })),
    );
    return { algorithm, kind: 'FULL_OBJECT', value: whole.toString('base64') };
  }
  const digest = newDigest(algorithm);
  for (const value of values) digest.update(value);
  return { algorithm, kind: 'COMPOSITE', value: `${digest.digest().toString('base64')}-${chosen.length}` };
}
