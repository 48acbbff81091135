/** Reads what an external key store proxy answers: nothing in it is believed before it was looked at. */
import { isProxyError, XksFailure } from './failures.ts';
import type { OuterCiphertext } from './integrity.ts';

const malformed = (): XksFailure => new XksFailure('malformed');
/** The specification's most: plaintexts of 4,300 bytes, which are as long as their ciphertexts. */
const mostBytes = 8192;

/** @throws XksFailure for every answer but a success with a JSON object */
export function readAnswer(status: number, body: Uint8Array): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw malformed();
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed();
  const answer = value as Record<string, unknown>;
  if (status === 200) return answer;
  if (status >= 400 && isProxyError(answer.errorName)) throw new XksFailure(answer.errorName);
  throw malformed();
}

/** Strict base64 of a length that the caller names. @throws XksFailure */
function bytes(value: unknown, allows: (length: number) => boolean): Buffer {
  if (typeof value !== 'string' || value.length > 2 * mostBytes) throw malformed();
  const decoded = Buffer.from(value, 'base64');
  if (decoded.toString('base64') !== value || !allows(decoded.length)) throw malformed();
  return decoded;
}

/** Whether some key manager is able to serve. @throws XksFailure */
export function readHealth(answer: Record<string, unknown>): void {
  const { xksProxyFleetSize, xksProxyVendor, xksProxyModel, ekmVendor, ekmFleetDetails } = answer;
  if (!Number.isSafeInteger(xksProxyFleetSize) || (xksProxyFleetSize as number) < 1) throw malformed();
  if ([xksProxyVendor, xksProxyModel, ekmVendor].some((text) => typeof text !== 'string')) throw malformed();
  if (!Array.isArray(ekmFleetDetails) || ekmFleetDetails.length < 1 || ekmFleetDetails.length > 10) throw malformed();
  const states = ekmFleetDetails.map((entry: Record<string, unknown> | null) => {
    if (typeof entry?.id !== 'string' || typeof entry.model !== 'string') throw malformed();
    if (!['ACTIVE', 'DEGRADED', 'UNAVAILABLE'].includes(entry.healthStatus as string)) throw malformed();
    return entry.healthStatus;
  });
  if (states.every((state) => state === 'UNAVAILABLE')) throw new XksFailure('unavailable');
}

/** Whether a key serves for a KMS key: 256-bit AES that encrypts and decrypts, and is enabled. @throws XksFailure */
export function readMetadata({ keySpec, keyUsage, keyStatus }: Record<string, unknown>): void {
  if (typeof keySpec !== 'string' || (keyStatus !== 'ENABLED' && keyStatus !== 'DISABLED')) throw malformed();
  if (!Array.isArray(keyUsage) || keyUsage.length > 10) throw malformed();
  if (keyStatus === 'DISABLED') throw new XksFailure('InvalidStateException');
  if (keySpec !== 'AES_256' || !['ENCRYPT', 'DECRYPT'].every((usage) => keyUsage.includes(usage))) {
    throw new XksFailure('InvalidKeyUsageException');
  }
}

/** @throws XksFailure */
export function readEncrypted(
  answer: Record<string, unknown>,
  size: number,
): { made: OuterCiphertext; integrity: Buffer } {
  const { ciphertext, ciphertextMetadata = '', initializationVector, authenticationTag } = answer;
  return {
    made: {
      body: bytes(ciphertext, (length) => length === size),
      metadata: bytes(ciphertextMetadata, (length) => length <= 20),
      iv: bytes(initializationVector, (length) => length === 12 || length === 16),
      tag: bytes(authenticationTag, (length) => length === 16),
    },
    integrity: bytes(answer.ciphertextDataIntegrityValue, (length) => length === 32),
  };
}

/** @throws XksFailure */
export function readDecrypted({ plaintext }: Record<string, unknown>, size: number): Buffer {
  return bytes(plaintext, (length) => length === size);
}
