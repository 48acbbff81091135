/** UploadPart and UploadPartCopy: parts come in any order, and a part sent again replaces the earlier one. */
import type {
  UploadPartCommandInput,
  UploadPartCommandOutput,
  UploadPartCopyCommandInput,
  UploadPartCopyCommandOutput,
} from '@aws-sdk/client-s3';
import { type Call, operation } from '../../service.ts';
import { openBucket } from '../bucket-access.ts';
import { openSource, parseCopySource, requireSource, sourceChecks, sourceValue } from '../copy-source.ts';
import { invalidArgument, invalidRequest } from '../errors.ts';
import { requireKey } from '../keys.ts';
import { quoted } from '../object-answers.ts';
import { contentBlobs, readBlobs } from '../object-content.ts';
import { customerKeyRefusal, requireNoCustomerKey } from '../object-headers.ts';
import { wholeSeconds } from '../object-versions.ts';
import type { S3Ports } from '../ports.ts';
import type { Body, Received } from '../receive.ts';
import { singleUploadLimit } from '../receive.ts';
import { receiving } from '../receiving.ts';
import { type BucketRow, partRowId, parts, type UploadRow } from '../state.ts';
import { requirePartNumber, requireUpload } from '../uploads.ts';
import { writeChecks } from './put-object.ts';

export type UploadPartInput = Omit<UploadPartCommandInput, 'Body'> & { Body?: Body };

export const uploadPart = operation<UploadPartInput, UploadPartCommandOutput, S3Ports>({
  allowsAnonymous: true,
  record: { data: true, hide: ['SSECustomerKey'] },

  async checks(input, call) {
    const bucket = await openBucket(input, call);
    return writeChecks({ Key: input.Key }, bucket, call, false, []);
  },

  async handle(input, call, ports) {
    const bucket = await openBucket(input, call);
    requireKey(input.Key);
    if (input.SSECustomerAlgorithm !== undefined) throw customerKeyRefusal(bucket);
    const number = requirePartNumber(input.PartNumber);
    const upload = await requireUpload(call.change, bucket, input.Key, input.UploadId);
    const body = (received: Received) => keepPart(call, bucket, upload, number, received);
    const part = await receiving(call, ports, input.Body, input, body, upload.checksumAlgorithm);
    return { ETag: quoted(part.etag), ServerSideEncryption: 'AES256' as const, ...part.checksums };
  },
});

export const uploadPartCopy = operation<UploadPartCopyCommandInput, UploadPartCopyCommandOutput, S3Ports>({
  allowsAnonymous: true,
  record: { data: true, hide: ['SSECustomerKey', 'CopySourceSSECustomerKey'] },

  async checks(input, call) {
    const source = parseCopySource(input.CopySource);
    const opened = await openSource(source, input, call);
    const bucket = await openBucket(input, call);
    const written = { Key: input.Key, CopySource: sourceValue(source) };
    return [...sourceChecks(source, opened, call, false), ...writeChecks(written, bucket, call, false, [])];
  },

  async handle(input, call, ports) {
    const source = parseCopySource(input.CopySource);
    const opened = await openSource(source, input, call);
    const bucket = await openBucket(input, call);
    requireKey(input.Key);
    if (input.SSECustomerAlgorithm !== undefined) throw customerKeyRefusal(bucket);
    requireNoCustomerKey({ SSECustomerAlgorithm: input.CopySourceSSECustomerAlgorithm });
    const number = requirePartNumber(input.PartNumber);
    const upload = await requireUpload(call.change, bucket, input.Key, input.UploadId);
    const from = await requireSource(source, opened, input, call);
    const { start, end } = copyRange(input.CopySourceRange, from.size);
    const blobs = await contentBlobs(call.change, opened.bucket, from);
    const keep = (received: Received) => keepPart(call, bucket, upload, number, received);
    const body = readBlobs(ports.blobs, blobs, start, end);
    const part = await receiving(call, ports, body, {}, keep, upload.checksumAlgorithm);
    return {
      CopyPartResult: { ETag: quoted(part.etag), LastModified: new Date(wholeSeconds(call.now)), ...part.checksums },
      ServerSideEncryption: 'AES256' as const,
      ...(opened.bucket.versioning && { CopySourceVersionId: from.versionId }),
    };
  },
});

async function keepPart(call: Call, bucket: BucketRow, upload: UploadRow, number: number, received: Received) {
  const { algorithm, value } = received.checksum;
  if (upload.checksumAlgorithm !== undefined && algorithm !== upload.checksumAlgorithm) {
    throw invalidRequest(
      `Checksum Type mismatch occurred, expected checksum Type: ${upload.checksumAlgorithm.toLowerCase()}, actual checksum Type: ${algorithm.toLowerCase()}`,
    );
  }
  const id = partRowId(upload.uploadId, number);
  const before = await call.change.get(parts, bucket.id, id);
  if (before) call.change.discard(before.blob);
  call.change.adopt(received.blob);
  const etag = received.md5.toString('hex');
  const checksum = value.toString('base64');
  call.change.put(parts, bucket.id, id, {
    number,
    blob: received.blob,
    etag,
    checksum,
    checksumAlgorithm: algorithm,
    lastModified: wholeSeconds(call.now),
  });
  const isTold = received.wasAsked || upload.checksumAlgorithm !== undefined;
  return { etag, checksums: isTold ? { [`Checksum${algorithm}`]: checksum } : {} };
}

/** `bytes=FIRST-LAST`, both needed. @throws AwsError InvalidArgument, InvalidRequest */
function copyRange(header: string | undefined, size: number): { readonly start: number; readonly end: number } {
  if (header === undefined) {
    if (size > singleUploadLimit) {
      throw invalidRequest(
        `The specified copy source is larger than the maximum allowable size for a copy source: ${singleUploadLimit}`,
      );
    }
    return { start: 0, end: size };
  }
  const match = /^bytes=(\d{1,15})-(\d{1,15})$/.exec(header);
  const first = Number(match?.[1]);
  const last = Number(match?.[2]);
  if (!match || last < first) {
    throw invalidArgument(
      'The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy',
      'x-amz-copy-source-range',
      header,
    );
  }
  if (last >= size) {
    throw invalidArgument(
      `Range specified is not valid for source object of size: ${size}`,
      'x-amz-copy-source-range',
      header,
    );
  }
  return { start: first, end: last + 1 };
}
