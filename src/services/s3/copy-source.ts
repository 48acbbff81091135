/** The source of CopyObject and UploadPartCopy: which object, whether the caller may read it, and its bytes. */
import type { AwsError, Call, Check, CheckCall } from '../service.ts';
import { objectResource, openBucketAnywhere } from './bucket-access.ts';
import { existingValues } from './condition-values.ts';
import type { CustomerKeyInput } from './encryption/customer-key.ts';
import { invalidArgument, invalidObjectState, invalidRequest, notBuilt } from './errors.ts';
import { archivedClasses } from './object-headers.ts';
import { currentObject, findVersion } from './object-versions.ts';
import { checkCopySource } from './preconditions.ts';
import { readObject } from './reading.ts';
import type { BucketRow, ObjectRow } from './state.ts';

export interface CopySource {
  readonly Bucket: string;
  readonly Key: string;
  readonly VersionId?: string;
}

/** `/bucket/key?versionId=ID`, percent-encoded once. @throws AwsError InvalidArgument */
export function parseCopySource(header: string): CopySource {
  if (header.startsWith('arn:')) throw notBuilt('Copying from access points');
  const at = header.lastIndexOf('?versionId=');
  const path = decode(at < 0 ? header : header.slice(0, at), header);
  const trimmed = path.startsWith('/') ? path.slice(1) : path;
  const slash = trimmed.indexOf('/');
  if (slash < 1 || slash === trimmed.length - 1) throw malformed(header);
  const source = { Bucket: trimmed.slice(0, slash), Key: trimmed.slice(slash + 1) };
  return at < 0 ? source : { ...source, VersionId: decode(header.slice(at + '?versionId='.length), header) };
}

function decode(text: string, header: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw malformed(header);
  }
}

const malformed = (header: string): AwsError =>
  invalidArgument(
    'Copy Source must mention the source bucket and key: sourcebucket/sourcekey',
    'x-amz-copy-source',
    header,
  );

/** As policies see it: `bucket/key`, without the leading slash. */
export function sourceValue(source: CopySource): string {
  return `${source.Bucket}/${source.Key}`;
}

export interface OpenedSource {
  readonly bucket: BucketRow;
  /** Undefined if there is none. */
  readonly row: ObjectRow | undefined;
}

interface SourceInput {
  readonly ExpectedSourceBucketOwner?: string | undefined;
}

/** For checks: finds without judging. */
export async function openSource(source: CopySource, input: SourceInput, call: CheckCall): Promise<OpenedSource> {
  const bucket = await openBucketAnywhere(
    { Bucket: source.Bucket, ExpectedBucketOwner: input.ExpectedSourceBucketOwner },
    call,
  );
  const row =
    source.VersionId === undefined
      ? await currentObject(call.change, bucket, source.Key)
      : await findVersion(call.change, bucket, source.Key, source.VersionId);
  return { bucket, row };
}

/** Reading the source, and its tags where they are copied too. */
export function sourceChecks(source: CopySource, opened: OpenedSource, call: CheckCall, copiesTags: boolean): Check[] {
  const resource = objectResource(opened.bucket, source.Key, call.caller);
  const context = existingValues(opened.row, source.VersionId);
  const isVersioned = source.VersionId !== undefined;
  const checks: Check[] = [{ action: isVersioned ? 's3:GetObjectVersion' : 's3:GetObject', resource, context }];
  if (copiesTags && opened.row?.tags) {
    checks.push({ action: isVersioned ? 's3:GetObjectVersionTagging' : 's3:GetObjectTagging', resource, context });
  }
  return checks;
}

/** The customer key of the source, as headers of a copy name it. */
export function sourceKeyInput(input: {
  readonly CopySourceSSECustomerAlgorithm?: string | undefined;
  readonly CopySourceSSECustomerKey?: string | undefined;
  readonly CopySourceSSECustomerKeyMD5?: string | undefined;
}): CustomerKeyInput {
  return {
    SSECustomerAlgorithm: input.CopySourceSSECustomerAlgorithm,
    SSECustomerKey: input.CopySourceSSECustomerKey,
    SSECustomerKeyMD5: input.CopySourceSSECustomerKeyMD5,
  };
}

interface SourceConditions {
  readonly CopySourceIfMatch?: string | undefined;
  readonly CopySourceIfNoneMatch?: string | undefined;
  readonly CopySourceIfModifiedSince?: Date | undefined;
  readonly CopySourceIfUnmodifiedSince?: Date | undefined;
}

/** The object to copy, or the reason why not. */
export async function requireSource(
  source: CopySource,
  opened: OpenedSource,
  conditions: SourceConditions,
  call: Call,
): Promise<ObjectRow> {
  if (opened.row?.deleteMarker) {
    throw invalidRequest('The source of a copy request may not specifically refer to a delete marker by version id.');
  }
  const row = await readObject(source, opened.bucket, call);
  checkCopySource(row, {
    IfMatch: conditions.CopySourceIfMatch,
    IfNoneMatch: conditions.CopySourceIfNoneMatch,
    IfModifiedSince: conditions.CopySourceIfModifiedSince,
    IfUnmodifiedSince: conditions.CopySourceIfUnmodifiedSince,
  });
  if (row.storageClass && archivedClasses.has(row.storageClass)) throw invalidObjectState(row.storageClass);
  return row;
}
