/** CompleteMultipartUpload and AbortMultipartUpload: the parts become the object, or are forgotten. */
import { createHash } from 'node:crypto';
import type {
  AbortMultipartUploadCommandInput,
  AbortMultipartUploadCommandOutput,
  CompletedPart,
  CompleteMultipartUploadCommandInput,
  CompleteMultipartUploadCommandOutput,
} from '@aws-sdk/client-s3';
import { operation } from '../../service.ts';
import { objectResource, openBucket } from '../bucket-access.ts';
import { checksumAlgorithms } from '../checksums/digest.ts';
import { badChecksum, requireKnownChecksums } from '../digest-errors.ts';
import { encryptionMembers } from '../encryption/answers.ts';
import { openUpload } from '../encryption/object-keys.ts';
import {
  entityTooSmall,
  headerNotImplemented,
  invalidPart,
  invalidPartOrder,
  invalidRequest,
  malformedXml,
} from '../errors.ts';
import { requireKey } from '../keys.ts';
import { checksumMembers, quoted, versionMember } from '../object-answers.ts';
import { base64Of, discardPiece, pieceSize } from '../object-content.ts';
import { currentObject, putVersion, wholeSeconds } from '../object-versions.ts';
import type { S3Ports } from '../ports.ts';
import { checkWrite } from '../preconditions.ts';
import {
  type Checksum,
  manifests,
  type PartRow,
  partRowId,
  parts,
  type UploadRow,
  uploadRowId,
  uploads,
} from '../state.ts';
import { leastPartSize, partNumberLimit, partsOf, requireUpload, wholeChecksum } from '../uploads.ts';
import { writeChecks } from './put-object.ts';

export const completeMultipartUpload = operation<
  CompleteMultipartUploadCommandInput,
  CompleteMultipartUploadCommandOutput,
  S3Ports
>({
  allowsAnonymous: true,
  record: { data: true, hide: ['SSECustomerKey'] },

  async checks(input, call) {
    const bucket = await openBucket(input, call);
    const conditions = { Key: input.Key, IfMatch: input.IfMatch, IfNoneMatch: input.IfNoneMatch };
    return writeChecks(conditions, bucket, call, true, []);
  },

  async handle(input, call, ports) {
    const { change } = call;
    const bucket = await openBucket(input, call);
    requireKey(input.Key);
    const upload = await requireUpload(change, bucket, input.Key, input.UploadId);
    // S3 reads the parts that it puts together: kms:Decrypt is needed, while SSE-C keys may be left out.
    if (upload.encryption?.kind === 'kms') await openUpload(call, ports, bucket, input.Key, upload, {});
    const sent = await partsOf(change, bucket, upload.uploadId);
    const chosen = chooseParts(input.MultipartUpload?.Parts, sent, upload);
    const size = chosen.reduce((sum, part) => sum + pieceSize(part), 0);
    if (input.MpuObjectSize !== undefined && input.MpuObjectSize !== size) {
      throw invalidRequest(
        `The provided 'x-amz-mp-object-size' header value ${input.MpuObjectSize} does not match what was computed: ${size}`,
      );
    }
    const checksum = wholeChecksum(upload, chosen);
    requireChecksum(input, checksum);
    checkWrite(input.Key, await currentObject(change, bucket, input.Key), input);
    const manifest = upload.uploadId;
    change.put(manifests, bucket.id, manifest, {
      parts: chosen.map((part) => ({
        number: part.number,
        ...('blob' in part ? { blob: part.blob } : { bytes: base64Of(part.bytes) }),
        ...(part.salt !== undefined && { salt: part.salt, size: pieceSize(part) }),
        ...(checksum && part.checksumAlgorithm === checksum.algorithm && { checksum: part.checksum }),
      })),
    });
    const row = await putVersion(
      change,
      bucket,
      input.Key,
      {
        lastModified: wholeSeconds(call.now),
        size,
        etag: multipartEtag(chosen),
        content: { manifest, parts: chosen.length },
        headers: upload.headers,
        ...(upload.encryption && { encryption: upload.encryption }),
        ...(checksum && { checksum }),
        ...(upload.metadata && { metadata: upload.metadata }),
        ...(upload.storageClass !== undefined && { storageClass: upload.storageClass }),
        ...(upload.tags && { tags: upload.tags }),
      },
      call,
    );
    const kept = new Set(chosen.map((part) => part.number));
    for (const part of sent) {
      if (!kept.has(part.number)) discardPiece(change, part);
      change.delete(parts, bucket.id, partRowId(upload.uploadId, part.number));
    }
    change.delete(uploads, bucket.id, uploadRowId(input.Key, upload.uploadId));
    return {
      Location: `http://${bucket.name}.s3.${bucket.region}.amazonaws.com/${encodeURIComponent(input.Key)}`,
      Bucket: bucket.name,
      Key: input.Key,
      ETag: quoted(row.etag),
      ...encryptionMembers(upload.encryption, input),
      ...checksumMembers(checksum),
      ...versionMember(bucket, row),
    };
  },
});

export const abortMultipartUpload = operation<
  AbortMultipartUploadCommandInput,
  AbortMultipartUploadCommandOutput,
  S3Ports
>({
  allowsAnonymous: true,
  record: { data: true },

  async checks(input, call) {
    const bucket = await openBucket(input, call);
    return [{ action: 's3:AbortMultipartUpload', resource: objectResource(bucket, input.Key, call.caller) }];
  },

  async handle(input, call) {
    const { change } = call;
    const bucket = await openBucket(input, call);
    requireKey(input.Key);
    if (input.IfMatchInitiatedTime !== undefined) throw headerNotImplemented('x-amz-if-match-initiated-time');
    const upload = await requireUpload(change, bucket, input.Key, input.UploadId);
    for (const part of await partsOf(change, bucket, upload.uploadId)) {
      discardPiece(change, part);
      change.delete(parts, bucket.id, partRowId(upload.uploadId, part.number));
    }
    change.delete(uploads, bucket.id, uploadRowId(input.Key, upload.uploadId));
    return {};
  },
});

/** @throws AwsError MalformedXML, InvalidPartOrder, InvalidPart, EntityTooSmall, InvalidRequest */
function chooseParts(
  wanted: readonly CompletedPart[] | undefined,
  sent: readonly PartRow[],
  upload: UploadRow,
): readonly PartRow[] {
  if (!wanted || wanted.length === 0 || wanted.length > partNumberLimit) throw malformedXml();
  const known = new Map(sent.map((part) => [part.number, part]));
  const chosen: PartRow[] = [];
  let before = 0;
  for (const named of wanted) {
    const number = named.PartNumber ?? 0;
    if (number <= before) throw invalidPartOrder(upload.uploadId);
    before = number;
    chosen.push(requirePart(known.get(number), named, number, upload));
  }
  const small = chosen.slice(0, -1).find((part) => pieceSize(part) < leastPartSize);
  if (small) throw entityTooSmall(small.number, small.etag, pieceSize(small), leastPartSize);
  return chosen;
}

function requirePart(part: PartRow | undefined, named: CompletedPart, number: number, upload: UploadRow): PartRow {
  const etag = named.ETag?.replaceAll('"', '') ?? '';
  if (!part || part.etag !== etag) throw invalidPart(upload.uploadId, number, etag);
  requireKnownChecksums(named);
  for (const algorithm of checksumAlgorithms) {
    const value = named[`Checksum${algorithm}`];
    if (value === undefined) continue;
    if (algorithm !== part.checksumAlgorithm || value !== part.checksum)
      throw invalidPart(upload.uploadId, number, etag);
  }
  const { checksumAlgorithm: algorithm, checksumKind: kind } = upload;
  if (algorithm && kind === 'COMPOSITE' && named[`Checksum${algorithm}`] === undefined) {
    throw invalidRequest(
      `The upload was created using a ${algorithm.toLowerCase()} checksum. The complete request must include the checksum for each part. It was missing for part ${number} in the request.`,
    );
  }
  return part;
}

function requireChecksum(input: CompleteMultipartUploadCommandInput, checksum: Checksum | undefined): void {
  if (input.ChecksumType !== undefined && checksum && input.ChecksumType !== checksum.kind) {
    throw invalidRequest(
      `The upload was created using the ${checksum.kind} checksum mode. The complete request must use the same checksum mode.`,
    );
  }
  requireKnownChecksums(input);
  for (const algorithm of checksumAlgorithms) {
    const value = input[`Checksum${algorithm}`];
    if (value === undefined) continue;
    if (algorithm !== checksum?.algorithm || value !== checksum.value) throw badChecksum(algorithm);
  }
}

/** The MD5 of the parts' MD5s, and how many there are. */
function multipartEtag(chosen: readonly PartRow[]): string {
  const md5 = createHash('md5');
  for (const part of chosen) md5.update(part.etag, 'hex');
  return `${md5.digest('hex')}-${chosen.length}`;
}
