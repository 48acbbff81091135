/** SSE-C: keys that the customer sends with each request. None is ever kept, only a salted HMAC to know it again. */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { decodeBase64 } from '../checksums/digest.ts';
import { accessDenied, invalidArgument, invalidRequest } from '../errors.ts';
import type { CustomerEncryption } from '../state.ts';

/** The three headers, of the object or of the source of a copy. */
export interface CustomerKeyInput {
  readonly SSECustomerAlgorithm?: string | undefined;
  readonly SSECustomerKey?: string | undefined;
  readonly SSECustomerKeyMD5?: string | undefined;
}

export interface CustomerKey {
  readonly bytes: Buffer;
  /** Base64, as answers repeat it. */
  readonly md5: string;
}

const keyBytes = 32;
const header = 'x-amz-server-side-encryption-customer';
const opening = 'Requests specifying Server Side Encryption with Customer provided keys must provide';

/** Undefined where the request names no key. @throws AwsError InvalidArgument */
export function readCustomerKey(input: CustomerKeyInput): CustomerKey | undefined {
  const { SSECustomerAlgorithm: algorithm, SSECustomerKey: key, SSECustomerKeyMD5: md5 } = input;
  if (algorithm === undefined && key === undefined && md5 === undefined) return undefined;
  if (algorithm === undefined) {
    throw invalidArgument(`${opening} a valid encryption algorithm.`, `${header}-algorithm`, 'null');
  }
  if (algorithm !== 'AES256') {
    throw invalidArgument('The encryption method specified is not supported', `${header}-algorithm`, algorithm);
  }
  if (key === undefined) throw invalidArgument(`${opening} an appropriate secret key.`, `${header}-key`, 'null');
  if (md5 === undefined) {
    throw invalidArgument(`${opening} the client calculated MD5 of the secret key.`, `${header}-key-MD5`, 'null');
  }
  // The key itself is never repeated, not even where it is wrong.
  const bytes = decodeBase64(key, keyBytes);
  if (!bytes) throw invalidArgument('The secret key was invalid for the specified algorithm.', `${header}-key`, 'null');
  const given = decodeBase64(md5, 16);
  if (!given?.equals(createHash('md5').update(bytes).digest())) {
    throw invalidArgument(
      'The calculated MD5 hash of the key did not match the hash that was provided.',
      `${header}-key-MD5`,
      md5.slice(0, 64),
    );
  }
  return { bytes, md5 };
}

export function rememberCustomerKey(key: CustomerKey): CustomerEncryption {
  const salt = randomBytes(32);
  return { kind: 'customer', salt: salt.toString('base64'), mac: macOf(key, salt).toString('base64') };
}

/** @throws AwsError InvalidRequest without a key, AccessDenied with another one */
export function requireSameKey(stored: CustomerEncryption, key: CustomerKey | undefined): CustomerKey {
  if (!key) throw keyWanted();
  if (isSame(stored, key)) return key;
  throw accessDenied();
}

/** A part of an upload must come with the key that the upload began with. */
export function requireUploadKey(stored: CustomerEncryption, key: CustomerKey | undefined): CustomerKey {
  if (!key) {
    throw invalidRequest(
      'The multipart upload initiate requested encryption. Subsequent part requests must include the appropriate encryption parameters.',
    );
  }
  if (isSame(stored, key)) return key;
  throw invalidRequest('The provided encryption parameters did not match the ones used originally.');
}

/** For objects that are not encrypted this way. @throws AwsError InvalidRequest */
export function refuseCustomerKey(input: CustomerKeyInput): void {
  if (!readCustomerKey(input)) return;
  throw invalidRequest('The encryption parameters are not applicable to this object.');
}

const keyWanted = () =>
  invalidRequest(
    'The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object.',
  );

function isSame(stored: CustomerEncryption, key: CustomerKey): boolean {
  return timingSafeEqual(Buffer.from(stored.mac, 'base64'), macOf(key, Buffer.from(stored.salt, 'base64')));
}

function macOf(key: CustomerKey, salt: Uint8Array): Buffer {
  return createHmac('sha256', salt).update('bailey s3 customer key').update(key.bytes).digest();
}
