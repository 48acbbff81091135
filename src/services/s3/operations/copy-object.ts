/** CopyObject: read there, write here; also the way to change an object's metadata. */
import type { CopyObjectCommandInput, CopyObjectCommandOutput } from '@aws-sdk/client-s3';
import { operation } from '../../service.ts';
import { openBucket } from '../bucket-access.ts';
import { withKeyArn } from '../condition-values.ts';
import {
  type CopySource,
  openSource,
  parseCopySource,
  requireSource,
  sourceChecks,
  sourceKeyInput,
  sourceValue,
} from '../copy-source.ts';
import { readAlgorithm } from '../digest-errors.ts';
import { writtenMembers } from '../encryption/answers.ts';
import { newEncryption, openEncryption } from '../encryption/object-keys.ts';
import { wantedEncryption } from '../encryption/wanted.ts';
import { invalidArgument, invalidRequest } from '../errors.ts';
import { requireKey } from '../keys.ts';
import { checksumMembers, quoted, versionMember } from '../object-answers.ts';
import { adoptPiece, contentOf, contentPieces, readWhole } from '../object-content.ts';
import { objectHeaders, requireProtection, storageClass, userMetadata } from '../object-headers.ts';
import { currentObject, putVersion, wholeSeconds } from '../object-versions.ts';
import type { S3Ports } from '../ports.ts';
import { checkWrite } from '../preconditions.ts';
import { singleUploadLimit } from '../receive.ts';
import { receiving } from '../receiving.ts';
import type { BucketRow, Checksum, ObjectRow } from '../state.ts';
import { tagsFromHeader } from '../tags.ts';
import { writeChecks } from './put-object.ts';

export const copyObject = operation<CopyObjectCommandInput, CopyObjectCommandOutput, S3Ports>({
  allowsAnonymous: true,
  record: { data: true, hide: ['SSECustomerKey', 'CopySourceSSECustomerKey'] },

  async checks(input, call, ports) {
    const source = parseCopySource(input.CopySource);
    const opened = await openSource(source, input, call);
    const bucket = await openBucket(input, call);
    const replacesTags = input.TaggingDirective === 'REPLACE';
    const tags = replacesTags ? tagsFromHeader(input.Tagging) : (opened.row?.tags ?? []);
    const asked = await withKeyArn(input, bucket, call, ports.keys);
    const written = { ...asked, CopySource: sourceValue(source) };
    return [...sourceChecks(source, opened, call, !replacesTags), ...writeChecks(written, bucket, call, true, tags)];
  },

  async handle(input, call, ports) {
    const { change } = call;
    const source = parseCopySource(input.CopySource);
    const opened = await openSource(source, input, call);
    const bucket = await openBucket(input, call);
    requireKey(input.Key);
    requireProtection(input, bucket, call.caller.account);
    const wanted = wantedEncryption(input, bucket, call);
    // What it says goes with its bytes, which are read once: when this runs again, the source may be another one.
    const { from, pieces } = await call.once('source', async () => {
      const row = await requireSource(source, opened, input, call);
      return { from: row, pieces: await contentPieces(change, opened.bucket, row) };
    });
    if (from.size > singleUploadLimit) {
      throw invalidRequest(
        `The specified copy source is larger than the maximum allowable size for a copy source: ${singleUploadLimit}`,
      );
    }
    const replacesMetadata = isReplacing(
      input.MetadataDirective,
      'x-amz-metadata-directive',
      'Unknown metadata directive.',
    );
    const replacesTags = isReplacing(input.TaggingDirective, 'x-amz-tagging-directive', 'Unknown tagging directive.');
    requireChange(input, isItself(source, input, bucket), replacesMetadata);
    checkWrite(input.Key, await currentObject(change, bucket, input.Key), input);
    const described = replacesMetadata
      ? { headers: objectHeaders(input), metadata: userMetadata(input.Metadata) }
      : { headers: withRedirect(from, input.WebsiteRedirectLocation), metadata: from.metadata };
    const tags = replacesTags ? tagsFromHeader(input.Tagging) : (from.tags ?? []);
    const kept = storageClass(input.StorageClass);
    const sourceKey = await openEncryption(call, ports, opened.bucket, source.Key, from, sourceKeyInput(input));
    const sealed = await newEncryption(call, ports, bucket, input.Key, wanted);
    const { ChecksumAlgorithm } = input;
    const before = from.checksum?.algorithm;
    const fallback = ChecksumAlgorithm === undefined ? before : readAlgorithm(ChecksumAlgorithm);
    const body = readWhole(ports.blobs, pieces, from.size, sourceKey);
    return receiving(
      call,
      ports,
      body,
      {},
      async (received) => {
        const { encryption } = received;
        const checksum: Checksum = {
          algorithm: received.checksum.algorithm,
          kind: 'FULL_OBJECT',
          value: received.checksum.value.toString('base64'),
        };
        adoptPiece(change, received.piece);
        const row = await putVersion(
          change,
          bucket,
          input.Key,
          {
            lastModified: wholeSeconds(call.now),
            size: received.size,
            etag: received.etag,
            ...contentOf(received.piece),
            checksum,
            ...(encryption && { encryption }),
            ...(described.headers && { headers: described.headers }),
            ...(described.metadata && { metadata: described.metadata }),
            ...(kept !== undefined && { storageClass: kept }),
            ...(tags.length > 0 && { tags }),
          },
          call,
        );
        return {
          CopyObjectResult: {
            ETag: quoted(row.etag),
            LastModified: new Date(row.lastModified),
            ...checksumMembers(checksum),
          },
          ...writtenMembers(encryption, input),
          ...(opened.bucket.versioning && { CopySourceVersionId: from.versionId }),
          ...versionMember(bucket, row),
        };
      },
      { fallback, ...sealed },
    );
  },
});

function isReplacing(directive: string | undefined, header: string, message: string): boolean {
  if (directive === undefined || directive === 'COPY') return false;
  if (directive === 'REPLACE') return true;
  throw invalidArgument(message, header, directive);
}

/** A copy of a version that is named makes it the current one: so earlier versions are restored. */
function isItself(source: CopySource, { Key }: CopyObjectCommandInput, bucket: BucketRow): boolean {
  return source.VersionId === undefined && source.Bucket === bucket.name && source.Key === Key;
}

/** A copy of an object onto itself must change something. */
function requireChange(input: CopyObjectCommandInput, isSame: boolean, replacesMetadata: boolean): void {
  if (!isSame || replacesMetadata) return;
  const { StorageClass, WebsiteRedirectLocation, ServerSideEncryption, SSECustomerAlgorithm } = input;
  if (StorageClass ?? WebsiteRedirectLocation ?? ServerSideEncryption ?? SSECustomerAlgorithm) return;
  throw invalidRequest(
    "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
  );
}

/** The redirect is never copied (S3 API reference, CopyObject, x-amz-website-redirect-location). */
function withRedirect(from: ObjectRow, location: string | undefined): ObjectRow['headers'] {
  if (!from.headers) return undefined;
  const { websiteRedirect: _, ...headers } = from.headers;
  const { websiteRedirect } = objectHeaders({ WebsiteRedirectLocation: location });
  return websiteRedirect === undefined ? headers : { ...headers, websiteRedirect };
}
