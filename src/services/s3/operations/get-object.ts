/** GetObject and HeadObject: bytes or a range of them, and what is known about the object. */
import type {
  GetObjectCommandInput,
  GetObjectCommandOutput,
  HeadObjectCommandInput,
  HeadObjectCommandOutput,
} from '@aws-sdk/client-s3';
import { type Call, operation } from '../../service.ts';
import { objectResource, openBucket } from '../bucket-access.ts';
import { type ByteRange, byteRange, contentRange } from '../byte-range.ts';
import { existingValues } from '../condition-values.ts';
import { openEncryption, requireMatchingKey } from '../encryption/object-keys.ts';
import { invalidArgument, invalidObjectState, invalidPartNumber, invalidRequest } from '../errors.ts';
import { checksumMembers, describingMembers } from '../object-answers.ts';
import { contentPieces, pieceSize, readOne, readPieces } from '../object-content.ts';
import { archivedClasses } from '../object-headers.ts';
import type { S3Ports } from '../ports.ts';
import { checkRead } from '../preconditions.ts';
import { objectChecks, readObject } from '../reading.ts';
import type { BucketRow, Checksum, ManifestPart, ObjectRow } from '../state.ts';

export type GetObjectOutput = Omit<GetObjectCommandOutput, 'Body'> & { Body?: AsyncIterable<Uint8Array> | Uint8Array };

const readActions = ['s3:GetObject', 's3:GetObjectVersion'] as const;

export const getObject = operation<GetObjectCommandInput, GetObjectOutput, S3Ports>({
  allowsAnonymous: true,
  record: { data: true, hide: ['SSECustomerKey'] },
  checks: (input, call) => objectChecks(input, call, readActions),

  async handle(input, call, ports) {
    const bucket = await openBucket(input, call);
    const row = await readObject(input, bucket, call);
    if (row.storageClass && archivedClasses.has(row.storageClass)) throw invalidObjectState(row.storageClass);
    requireSigned(input, call);
    const { range, members } = await select(input, bucket, row, call);
    const dataKey = await openEncryption(call, ports, bucket, input.Key, row, input);
    const pieces = await contentPieces(call.change, bucket, row);
    const [only] = pieces;
    const { start, end } = range ?? { start: 0, end: row.size };
    return {
      ...members,
      ...overrides(input),
      Body:
        pieces.length === 1 && only
          ? readOne(ports.blobs, only, start, end, dataKey)
          : readPieces(ports.blobs, pieces, start, end, dataKey),
    };
  },
});

export const headObject = operation<HeadObjectCommandInput, HeadObjectCommandOutput, S3Ports>({
  allowsAnonymous: true,
  record: { data: true, hide: ['SSECustomerKey'] },
  checks: (input, call) => objectChecks(input, call, readActions),

  async handle(input, call, ports) {
    const bucket = await openBucket(input, call);
    const row = await readObject(input, bucket, call);
    requireSigned(input, call);
    // The checksum of a plaintext is told to those who may read it (S3 API reference, HeadObject, x-amz-checksum-mode).
    if (asksForChecksum(input)) await openEncryption(call, ports, bucket, input.Key, row, input);
    const { members } = await select(input, bucket, row, call);
    return { ...members, ...overrides(input) };
  },
});

type ReadInput = Omit<HeadObjectCommandInput, 'Bucket' | 'Key'> & { Bucket: string; Key: string };

/** Which bytes, and the members that GET and HEAD share. */
async function select(input: ReadInput, bucket: BucketRow, row: ObjectRow, call: Call) {
  requireMatchingKey(row, input);
  checkRead(row, input);
  const part = await selectPart(input, bucket, row, call);
  const range = part?.range ?? byteRange(input.Range, row.size);
  const checksum = asksForChecksum(input) ? (part ? part.checksum : range ? undefined : row.checksum) : undefined;
  const tagCount = row.tags && (await mayReadTags(input, bucket, row, call)) ? row.tags.length : undefined;
  return {
    range,
    members: {
      ...describingMembers(bucket, row, input),
      ContentLength: range ? range.end - range.start : row.size,
      ...(range && { ContentRange: contentRange(range, row.size) }),
      ...checksumMembers(checksum),
      ...(part?.count !== undefined && { PartsCount: part.count }),
      ...(tagCount !== undefined && { TagCount: tagCount }),
    },
  };
}

const asksForChecksum = (input: ReadInput): boolean => input.ChecksumMode?.toUpperCase() === 'ENABLED';

interface SelectedPart {
  readonly range: ByteRange | undefined;
  readonly count?: number;
  /** Of these bytes alone: clients compare it with what they read. */
  readonly checksum: Checksum | undefined;
}

/** `?partNumber=N`; an object that was not uploaded in parts is its own part 1. */
async function selectPart(
  input: ReadInput,
  bucket: BucketRow,
  row: ObjectRow,
  call: Call,
): Promise<SelectedPart | undefined> {
  const number = input.PartNumber;
  if (number === undefined) return undefined;
  if (input.Range !== undefined) {
    throw invalidRequest('Cannot specify both Range header and partNumber query parameter');
  }
  if (!Number.isInteger(number) || number < 1 || number > 10_000) {
    throw invalidArgument('Part number must be an integer between 1 and 10000, inclusive', 'partNumber', number);
  }
  const pieces = await contentPieces(call.change, bucket, row);
  if (number > pieces.length) throw invalidPartNumber(number, pieces.length);
  const start = pieces.slice(0, number - 1).reduce((sum, piece) => sum + pieceSize(piece), 0);
  const range = row.size === 0 ? undefined : { start, end: start + pieceSize(pieces[number - 1]!) };
  if (!row.content || !('manifest' in row.content)) return { range, checksum: row.checksum };
  return {
    range,
    count: pieces.length,
    checksum: partChecksum(row.checksum, pieces as readonly ManifestPart[], number),
  };
}

/**
 * S3 keeps the checksums of parts for composite ones; of a checksum of the full object only that of a single part is
 * known, which is the object's.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
 */
function partChecksum(
  whole: Checksum | undefined,
  parts: readonly ManifestPart[],
  number: number,
): Checksum | undefined {
  if (!whole) return undefined;
  if (whole.kind === 'FULL_OBJECT') return parts.length === 1 ? whole : undefined;
  const value = parts[number - 1]?.checksum;
  return value === undefined ? undefined : { ...whole, value };
}

function mayReadTags(input: ReadInput, bucket: BucketRow, row: ObjectRow, call: Call): Promise<boolean> {
  return call.may({
    action: input.VersionId === undefined ? 's3:GetObjectTagging' : 's3:GetObjectVersionTagging',
    resource: objectResource(bucket, input.Key, call.caller),
    context: existingValues(row, input.VersionId),
  });
}

interface Overrides {
  readonly ResponseCacheControl?: string | undefined;
  readonly ResponseContentDisposition?: string | undefined;
  readonly ResponseContentEncoding?: string | undefined;
  readonly ResponseContentLanguage?: string | undefined;
  readonly ResponseContentType?: string | undefined;
  readonly ResponseExpires?: Date | undefined;
}

/** The `response-…` query parameters stand in for stored headers. */
function overrides(input: Overrides) {
  return {
    ...(input.ResponseCacheControl !== undefined && { CacheControl: input.ResponseCacheControl }),
    ...(input.ResponseContentDisposition !== undefined && { ContentDisposition: input.ResponseContentDisposition }),
    ...(input.ResponseContentEncoding !== undefined && { ContentEncoding: input.ResponseContentEncoding }),
    ...(input.ResponseContentLanguage !== undefined && { ContentLanguage: input.ResponseContentLanguage }),
    ...(input.ResponseContentType !== undefined && { ContentType: input.ResponseContentType }),
    ...(input.ResponseExpires !== undefined && { Expires: input.ResponseExpires }),
  };
}

/** Otherwise a link to a public object could be made to say what its owner never wrote. */
function requireSigned(input: Overrides, call: Call): void {
  if (call.caller.principal.kind !== 'anonymous' || Object.keys(overrides(input)).length === 0) return;
  throw invalidRequest('Request specific response headers cannot be used for anonymous GET requests.');
}
