/** UploadPart and UploadPartCopy: parts come in any order, and a part sent again replaces the earlier one. */
import type {
  UploadPartCommandInput,
  UploadPartCommandOutput,
  UploadPartCopyCommandInput,
  UploadPartCopyCommandOutput,
} from '@aws-sdk/client-s3';
import { type Call, operation } from '../../service.ts';
import { openBucket } from '../bucket-access.ts';
import {
  openSource,
  parseCopySource,
  requireSource,
  sourceChecks,
  sourceKeyInput,
  sourceValue,
} from '../copy-source.ts';
import { encryptionMembers } from '../encryption/answers.ts';
import { openEncryption, openUpload } from '../encryption/object-keys.ts';
import { invalidArgument, invalidRequest } from '../errors.ts';
import { requireKey } from '../keys.ts';
import { quoted } from '../object-answers.ts';
import { adoptPiece, contentPieces, discardPiece, readPieces } from '../object-content.ts';
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
    const number = requirePartNumber(input.PartNumber);
    const upload = await requireUpload(call.change, bucket, input.Key, input.UploadId);
    const dataKey = await openUpload(call, ports, bucket, input.Key, upload, input);
    const keep = (received: Received) => keepPart(call, bucket, upload, number, received);
    const options = { fallback: upload.checksumAlgorithm, dataKey };
    const part = await receiving(call, ports, input.Body, input, keep, options);
    return { ETag: quoted(part.etag), ...encryptionMembers(upload.encryption, input), ...part.checksums };
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
    const number = requirePartNumber(input.PartNumber);
    const upload = await requireUpload(call.change, bucket, input.Key, input.UploadId);
    const from = await requireSource(source, opened, input, call);
    const { start, end } = copyRange(input.CopySourceRange, from.size);
    const dataKey = await openUpload(call, ports, bucket, input.Key, upload, input);
    const sourceKey = await openEncryption(call, ports, opened.bucket, source.Key, from, sourceKeyInput(input));
    const pieces = await contentPieces(call.change, opened.bucket, from);
    const keep = (received: Received) => keepPart(call, bucket, upload, number, received);
    const body = readPieces(ports.blobs, pieces, start, end, sourceKey);
    const part = await receiving(call, ports, body, {}, keep, { fallback: upload.checksumAlgorithm, dataKey });
    return {
      CopyPartResult: { ETag: quoted(part.etag), LastModified: new Date(wholeSeconds(call.now)), ...part.checksums },
      ...encryptionMembers(upload.encryption, input),
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
  if (before) discardPiece(call.change, before);
  adoptPiece(call.change, received.piece);
  const { etag } = received;
  const checksum = value.toString('base64');
  call.change.put(parts, bucket.id, id, {
    number,
    ...received.piece,
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
