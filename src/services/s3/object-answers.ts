/** Members that answers about an object share. */

import { type EncryptionMembers, encryptionMembers } from './encryption/answers.ts';
import type { CustomerKeyInput } from './encryption/customer-key.ts';
import type { BucketRow, Checksum, ObjectRow } from './state.ts';

export function quoted(etag: string): string {
  return `"${etag}"`;
}

export interface ChecksumMembers {
  ChecksumCRC32?: string;
  ChecksumCRC32C?: string;
  ChecksumCRC64NVME?: string;
  ChecksumSHA1?: string;
  ChecksumSHA256?: string;
  ChecksumSHA512?: string;
  ChecksumType?: 'FULL_OBJECT' | 'COMPOSITE';
}

/** Spelled out: objects of a known shape are far cheaper than computed names on the way of every PUT and GET. */
export function checksumMembers(checksum: Checksum | undefined): ChecksumMembers {
  if (!checksum) return {};
  const { value, kind: ChecksumType } = checksum;
  switch (checksum.algorithm) {
    case 'CRC32':
      return { ChecksumCRC32: value, ChecksumType };
    case 'CRC32C':
      return { ChecksumCRC32C: value, ChecksumType };
    case 'CRC64NVME':
      return { ChecksumCRC64NVME: value, ChecksumType };
    case 'SHA1':
      return { ChecksumSHA1: value, ChecksumType };
    case 'SHA256':
      return { ChecksumSHA256: value, ChecksumType };
    case 'SHA512':
      return { ChecksumSHA512: value, ChecksumType };
  }
}

/** Version ids are told once versioning has been on, `null` included. */
export function versionMember(bucket: BucketRow, row: { readonly versionId: string }): { VersionId?: string } {
  return bucket.versioning ? { VersionId: row.versionId } : {};
}

export interface DescribingMembers extends ChecksumMembers, EncryptionMembers {
  AcceptRanges: string;
  LastModified: Date;
  ETag: string;
  ContentType: string;
  Metadata?: Record<string, string>;
  VersionId?: string;
  CacheControl?: string;
  ContentDisposition?: string;
  ContentEncoding?: string;
  ContentLanguage?: string;
  Expires?: Date;
  ExpiresString?: string;
  WebsiteRedirectLocation?: string;
  StorageClass?: 'STANDARD';
}

/** The headers of GET and HEAD. @param input whose customer key, if any, is the right one */
export function describingMembers(bucket: BucketRow, row: ObjectRow, input: CustomerKeyInput): DescribingMembers {
  const headers = row.headers;
  return {
    AcceptRanges: 'bytes',
    LastModified: new Date(row.lastModified),
    ETag: quoted(row.etag),
    ContentType: headers?.contentType ?? 'binary/octet-stream',
    ...encryptionMembers(row.encryption, input),
    ...versionMember(bucket, row),
    ...(row.metadata && { Metadata: row.metadata }),
    ...(headers?.cacheControl !== undefined && { CacheControl: headers.cacheControl }),
    ...(headers?.contentDisposition !== undefined && { ContentDisposition: headers.contentDisposition }),
    ...(headers?.contentEncoding !== undefined && { ContentEncoding: headers.contentEncoding }),
    ...(headers?.contentLanguage !== undefined && { ContentLanguage: headers.contentLanguage }),
    ...(headers?.expires !== undefined && { Expires: new Date(headers.expires) }),
    ...(headers?.websiteRedirect !== undefined && { WebsiteRedirectLocation: headers.websiteRedirect }),
    ...(row.storageClass !== undefined && { StorageClass: row.storageClass as 'STANDARD' }),
  };
}
