/** What S3 keeps: buckets, objects and their versions, multipart uploads and their parts. */
import { type BlobRef, table } from '../../store/store.ts';

/** Partition '', id = bucket name: names are unique over all accounts. */
export const buckets = table<BucketRow>('s3.bucket');
/** Partition = account, id = bucket name: for ListBuckets. */
export const ownedBuckets = table<OwnedBucketRow>('s3.owned-bucket');
/** Partition = bucket id, id = key: the current version of each key, unless that is a delete marker. */
export const objects = table<ObjectRow>('s3.object');
/** Partition = bucket id, id = versionRowId: noncurrent versions, and delete markers whether current or not. */
export const versions = table<ObjectRow>('s3.version');
/** Partition = bucket id, id = key: where among `versions` the key's `null` version lies. */
export const nullVersions = table<{ readonly sequence: number }>('s3.null-version');
/** Partition = bucket id, id = manifest id: the parts of which a multipart object consists. */
export const manifests = table<ManifestRow>('s3.manifest');
/** Partition = bucket id, id = key + '\0' + upload id: uploads in progress, in S3's listing order. */
export const uploads = table<UploadRow>('s3.upload');
/** Partition = bucket id, id = partRowId. */
export const parts = table<PartRow>('s3.part');

export interface BucketRow {
  readonly name: string;
  /** Of this incarnation: a bucket that is deleted and created again is another one. */
  readonly id: string;
  readonly account: string;
  readonly region: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  /** Absent: never enabled. */
  readonly versioning?: 'Enabled' | 'Suspended';
  readonly policy?: BucketPolicyRow;
  /** Absent: deleted, so nothing is blocked. */
  readonly publicAccessBlock?: PublicAccessBlock;
  /** Absent: no ownership controls, which S3 treats like BucketOwnerEnforced for a bucket without ACLs. */
  readonly ownership?: 'BucketOwnerEnforced';
  readonly encryption: EncryptionRow;
  readonly cors?: readonly CorsRule[];
  readonly tags?: readonly Tag[] | undefined;
}

export interface OwnedBucketRow {
  readonly createdAt: number;
  readonly region: string;
}

export interface BucketPolicyRow {
  readonly document: string;
  /** ARN → unique id of the users and roles that the document names. */
  readonly principalIds: Readonly<Record<string, string>>;
  /** As Block Public Access defines public. */
  readonly isPublic: boolean;
}

interface PublicAccessBlock {
  readonly BlockPublicAcls: boolean;
  readonly IgnorePublicAcls: boolean;
  readonly BlockPublicPolicy: boolean;
  readonly RestrictPublicBuckets: boolean;
}

interface EncryptionRow {
  /** What writes get that ask for nothing; absent: SSE-S3. */
  readonly algorithm?: 'aws:kms' | 'aws:kms:dsse';
  /** As it was given: an id, an alias, or an ARN of either; absent: the AWS managed key. */
  readonly keyId?: string;
  readonly bucketKeyEnabled: boolean;
  /** Of new buckets since April 2026: SSE-C. */
  readonly blocksCustomerKeys: boolean;
}

export interface CorsRule {
  readonly id?: string;
  readonly allowedHeaders: readonly string[];
  readonly allowedMethods: readonly string[];
  readonly allowedOrigins: readonly string[];
  readonly exposeHeaders: readonly string[];
  readonly maxAgeSeconds?: number;
}

export interface Tag {
  readonly Key: string;
  readonly Value: string;
}

export type ChecksumAlgorithmName = 'CRC32' | 'CRC32C' | 'CRC64NVME' | 'SHA1' | 'SHA256' | 'SHA512';
export type ChecksumKind = 'FULL_OBJECT' | 'COMPOSITE';

export interface Checksum {
  readonly algorithm: ChecksumAlgorithmName;
  readonly kind: ChecksumKind;
  /** Base64; of a composite checksum with `-N`. */
  readonly value: string;
}

/** The headers that S3 stores with an object and sends back. */
export interface ObjectHeaders {
  readonly contentType: string;
  readonly cacheControl?: string | undefined;
  readonly contentDisposition?: string | undefined;
  readonly contentEncoding?: string | undefined;
  readonly contentLanguage?: string | undefined;
  /** Epoch milliseconds. */
  readonly expires?: number | undefined;
  readonly websiteRedirect?: string | undefined;
}

/** How the bytes of an object are encrypted before the store seals them; absent in a row: SSE-S3, the store's sealing. */
export type ObjectEncryption = KmsEncryption | CustomerEncryption;

export interface KmsEncryption {
  readonly kind: 'kms';
  /** Two layers (`aws:kms:dsse`). */
  readonly isDual?: true;
  readonly keyArn: string;
  /** What the writer added to the encryption context. */
  readonly context?: Readonly<Record<string, string>>;
  /** The data key is the bucket's, not the object's. */
  readonly usesBucketKey?: true;
  /** Base64 of the data key as KMS encrypted it. */
  readonly dataKey: string;
}

/** SSE-C: enough to know the key again, and no more. */
export interface CustomerEncryption {
  readonly kind: 'customer';
  /** Base64. */
  readonly salt: string;
  /** Base64 of the HMAC of the key under the salt. */
  readonly mac: string;
}

/** How bytes were sealed under the object's data key; nothing where they were not. */
interface PieceSealing {
  /** Plaintext bytes, where ciphertext is kept. */
  readonly size?: number;
  /** Base64; makes the key of these bytes from the object's data key. Absent: what is kept is plaintext. */
  readonly salt?: string;
}

interface BlobPiece extends PieceSealing {
  readonly blob: BlobRef;
}

/** Few bytes lie in the row itself, which the store seals in one go: a blob of their own would cost as much again. */
interface RowPiece extends PieceSealing {
  /** Text is base64: so they lie in manifests, and in rows of the second format of the data folder. */
  readonly bytes: Uint8Array | string;
}

export type Piece = BlobPiece | RowPiece;

/** The piece whose bytes are those of the row. */
interface InRow extends PieceSealing {
  readonly inRow: true;
}

type ObjectContent =
  | Piece
  | InRow
  | {
      /** Id of a ManifestRow. */
      readonly manifest: string;
      readonly parts: number;
    };

export interface ObjectRow {
  /** `null` for objects written while versioning was off or suspended. */
  readonly versionId: string;
  /** Orders the versions of a key, later ones greater. */
  readonly sequence: number;
  /** Epoch milliseconds, whole seconds. */
  readonly lastModified: number;
  readonly deleteMarker?: true;
  readonly size: number;
  /** Without quotes. */
  readonly etag: string;
  /** Absent only for delete markers. */
  readonly content?: ObjectContent | undefined;
  readonly bytes?: Uint8Array | undefined;
  readonly encryption?: ObjectEncryption | undefined;
  readonly checksum?: Checksum | undefined;
  readonly storageClass?: string | undefined;
  readonly headers?: ObjectHeaders;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly tags?: readonly Tag[] | undefined;
}

interface ManifestMembers {
  readonly number: number;
  /** Base64, of the object's checksum algorithm. */
  readonly checksum?: string;
}

export type ManifestPart = Piece & ManifestMembers;

export interface ManifestRow {
  readonly parts: readonly ManifestPart[];
}

export interface UploadRow {
  readonly key: string;
  readonly uploadId: string;
  /** Epoch milliseconds. */
  readonly initiated: number;
  /** Who began it, as ListParts shows. */
  readonly initiator: { readonly id: string; readonly displayName: string };
  /** Absent when the client named none: then CRC64NVME of the full object is kept. */
  readonly checksumAlgorithm?: ChecksumAlgorithmName;
  readonly checksumKind: ChecksumKind;
  readonly encryption?: ObjectEncryption | undefined;
  readonly storageClass?: string | undefined;
  readonly headers: ObjectHeaders;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly tags?: readonly Tag[] | undefined;
}

interface PartMembers {
  readonly number: number;
  /** Hexadecimal MD5. */
  readonly etag: string;
  /** Base64. */
  readonly checksum: string;
  readonly checksumAlgorithm: ChecksumAlgorithmName;
  /** Epoch milliseconds, whole seconds. */
  readonly lastModified: number;
}

export type PartRow = Piece & PartMembers;

const largest = Number.MAX_SAFE_INTEGER;

/** Sorts after the key's name, newest version first: S3's order in ListObjectVersions. */
export function versionRowId(key: string, sequence: number): string {
  return `${key}\0${(largest - sequence).toString(16).padStart(14, '0')}`;
}

/** The key of a row id made by `versionRowId` or `uploadRowId`. */
export function keyOfRowId(id: string): string {
  return id.slice(0, id.lastIndexOf('\0'));
}

export function uploadRowId(key: string, uploadId: string): string {
  return `${key}\0${uploadId}`;
}

export function partRowId(uploadId: string, number: number): string {
  return `${uploadId}\0${String(number).padStart(5, '0')}`;
}
