/** What a write says about the object beside its bytes: headers to keep, metadata, storage class, ACL. */
import { aclNotSupported, invalidArgument, invalidStorageClass, metadataTooLarge, notBuilt } from './errors.ts';
import type { BucketRow, ObjectHeaders } from './state.ts';

export interface HeaderInput {
  readonly CacheControl?: string | undefined;
  readonly ContentDisposition?: string | undefined;
  readonly ContentEncoding?: string | undefined;
  readonly ContentLanguage?: string | undefined;
  readonly ContentType?: string | undefined;
  readonly Expires?: Date | undefined;
  readonly WebsiteRedirectLocation?: string | undefined;
}

/** Bytes of all user metadata, names and values. */
const metadataLimit = 2048;

export function objectHeaders(input: HeaderInput): ObjectHeaders {
  const encoding = withoutChunkedCoding(input.ContentEncoding);
  const redirect = input.WebsiteRedirectLocation;
  // What is undefined here is absent in the row.
  return {
    contentType: input.ContentType || 'binary/octet-stream',
    cacheControl: input.CacheControl,
    contentDisposition: input.ContentDisposition,
    contentEncoding: encoding,
    contentLanguage: input.ContentLanguage,
    expires: input.Expires?.getTime(),
    websiteRedirect: redirect === undefined ? undefined : requireRedirect(redirect),
  };
}

/** `aws-chunked` tells how the request travelled, not what the object is. */
function withoutChunkedCoding(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const codings = header.split(',').map((coding) => coding.trim());
  const kept = codings.filter((coding) => coding !== '' && coding !== 'aws-chunked');
  return kept.length > 0 ? kept.join(',') : undefined;
}

function requireRedirect(location: string): string {
  if (['/', 'http://', 'https://'].some((start) => location.startsWith(start))) return location;
  throw invalidArgument(
    "The website redirect location must have a prefix of 'http://' or 'https://' or '/'.",
    'x-amz-website-redirect-location',
    location,
  );
}

/** Names in lower case, as S3 stores them. @throws AwsError MetadataTooLarge */
export function userMetadata(input: Readonly<Record<string, string>> | undefined): Record<string, string> | undefined {
  if (input === undefined) return undefined;
  const entries = Object.entries(input).map(([name, value]) => [name.toLowerCase(), value] as const);
  if (entries.length === 0) return undefined;
  const size = entries.reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value), 0);
  if (size > metadataLimit) throw metadataTooLarge(size, metadataLimit);
  return Object.fromEntries(entries);
}

const storageClasses: ReadonlySet<string> = new Set([
  'STANDARD',
  'REDUCED_REDUNDANCY',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER',
  'DEEP_ARCHIVE',
  'GLACIER_IR',
]);

/** Classes whose objects must be restored before they can be read. */
export const archivedClasses: ReadonlySet<string> = new Set(['GLACIER', 'DEEP_ARCHIVE']);

/** Undefined for STANDARD, which answers do not mention. @throws AwsError InvalidStorageClass */
export function storageClass(requested: string | undefined): string | undefined {
  if (requested === undefined || requested === 'STANDARD') return undefined;
  if (!storageClasses.has(requested)) throw invalidStorageClass(requested);
  return requested;
}

export interface ProtectionInput {
  readonly ACL?: string | undefined;
  readonly GrantFullControl?: string | undefined;
  readonly GrantRead?: string | undefined;
  readonly GrantReadACP?: string | undefined;
  readonly GrantWriteACP?: string | undefined;
  readonly ObjectLockMode?: string | undefined;
  readonly ObjectLockRetainUntilDate?: Date | undefined;
  readonly ObjectLockLegalHoldStatus?: string | undefined;
  readonly ObjectLockEventHold?: string | undefined;
  readonly ObjectLockEventHoldDurationDays?: number | undefined;
  readonly ObjectLockEventHoldDurationYears?: number | undefined;
}

/** Refuses what this bucket, or Bailey, does not do with a write of somebody of `account`. @throws AwsError */
export function requireProtection(input: ProtectionInput, bucket: BucketRow, account: string): void {
  requireAcl(input, bucket.account === account);
  const lock = input.ObjectLockMode ?? input.ObjectLockRetainUntilDate ?? input.ObjectLockLegalHoldStatus;
  const hold =
    input.ObjectLockEventHold ?? input.ObjectLockEventHoldDurationDays ?? input.ObjectLockEventHoldDurationYears;
  if (lock ?? hold) throw notBuilt('Object Lock');
}

/**
 * Bucket owner enforced: only what gives the bucket owner full control, or is equivalent ("Controlling ownership of
 * objects"). Within the owner's account `private` is: Ansible's s3_object sends it with every object.
 */
function requireAcl(input: ProtectionInput, byOwner: boolean): void {
  const grant = input.GrantFullControl ?? input.GrantRead ?? input.GrantReadACP ?? input.GrantWriteACP;
  if (grant !== undefined) throw aclNotSupported();
  if (input.ACL === undefined) return;
  const equivalent = input.ACL === 'bucket-owner-full-control' || (byOwner && input.ACL === 'private');
  if (!equivalent) throw aclNotSupported();
}
