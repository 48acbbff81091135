/** Conditional requests: the tables of "Conditional requests" in the S3 User Guide, and RFC 9110 §13.2.2. */
import { headerNotImplemented, noSuchKey, notModified, preconditionFailed } from './errors.ts';
import type { ObjectRow } from './state.ts';

export interface ReadConditions {
  readonly IfMatch?: string | undefined;
  readonly IfNoneMatch?: string | undefined;
  readonly IfModifiedSince?: Date | undefined;
  readonly IfUnmodifiedSince?: Date | undefined;
}

/** GET and HEAD. @throws AwsError PreconditionFailed (412), NotModified (304) */
export function checkRead(row: ObjectRow, conditions: ReadConditions): void {
  const { IfMatch, IfNoneMatch, IfModifiedSince, IfUnmodifiedSince } = conditions;
  if (IfMatch !== undefined) {
    if (!matches(IfMatch, row.etag)) throw preconditionFailed('If-Match');
  } else if (IfUnmodifiedSince !== undefined && row.lastModified > IfUnmodifiedSince.getTime()) {
    throw preconditionFailed('If-Unmodified-Since');
  }
  const isUnchanged =
    IfNoneMatch !== undefined
      ? matches(IfNoneMatch, row.etag)
      : IfModifiedSince !== undefined && row.lastModified <= IfModifiedSince.getTime();
  if (isUnchanged) {
    throw notModified({ etag: `"${row.etag}"`, 'last-modified': new Date(row.lastModified).toUTCString() });
  }
}

/** The `x-amz-copy-source-if-…` headers: every failure is 412. */
export function checkCopySource(row: ObjectRow, conditions: ReadConditions): void {
  const { IfMatch, IfNoneMatch, IfModifiedSince, IfUnmodifiedSince } = conditions;
  if (IfMatch !== undefined && !matches(IfMatch, row.etag)) throw preconditionFailed('x-amz-copy-source-If-Match');
  if (IfMatch === undefined && IfUnmodifiedSince !== undefined && row.lastModified > IfUnmodifiedSince.getTime()) {
    throw preconditionFailed('x-amz-copy-source-If-Unmodified-Since');
  }
  if (IfNoneMatch !== undefined && matches(IfNoneMatch, row.etag)) {
    throw preconditionFailed('x-amz-copy-source-If-None-Match');
  }
  if (IfNoneMatch === undefined && IfModifiedSince !== undefined && row.lastModified <= IfModifiedSince.getTime()) {
    throw preconditionFailed('x-amz-copy-source-If-Modified-Since');
  }
}

export interface WriteConditions {
  readonly IfMatch?: string | undefined;
  readonly IfNoneMatch?: string | undefined;
}

/** Writes: only `If-None-Match: *` exists, and If-Match of an object that is there. */
export function checkWrite(key: string, current: ObjectRow | undefined, conditions: WriteConditions): void {
  const { IfMatch, IfNoneMatch } = conditions;
  if (IfNoneMatch !== undefined) {
    if (IfNoneMatch.trim() !== '*') throw headerNotImplemented('If-None-Match');
    if (IfMatch !== undefined) throw headerNotImplemented('If-Match');
    if (current) throw preconditionFailed('If-None-Match');
  }
  if (IfMatch !== undefined) {
    if (!current) throw noSuchKey(key);
    if (!matches(IfMatch, current.etag)) throw preconditionFailed('If-Match');
  }
}

/** A list of entity tags, quoted or not, or `*`. */
function matches(header: string, etag: string): boolean {
  return header.split(',').some((part) => {
    let tag = part.trim();
    if (tag === '*') return true;
    if (tag.startsWith('W/')) tag = tag.slice(2);
    return (tag.startsWith('"') && tag.endsWith('"') && tag.length > 1 ? tag.slice(1, -1) : tag) === etag;
  });
}
