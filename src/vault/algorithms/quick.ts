/** Signatures that are made in so little time that no thread is worth it, and what needs nothing but node:crypto. */
import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';

/** Whose work is done at once; all else runs in worker.ts. */
export function isQuick(spec: string, algorithm: string, messageType: string): boolean {
  if (messageType !== 'RAW') return false;
  return (spec === 'ECC_NIST_P256' && algorithm === 'ECDSA_SHA_256') || algorithm === 'ED25519_SHA_512';
}

const digestOf = (algorithm: string): string | null => (algorithm === 'ED25519_SHA_512' ? null : 'sha256');

export function signQuick(pkcs8: Buffer, algorithm: string, message: Uint8Array): Buffer {
  return sign(digestOf(algorithm), message, privateKey(pkcs8));
}

export function verifyQuick(pkcs8: Buffer, algorithm: string, message: Uint8Array, signature: Uint8Array): boolean {
  return verify(digestOf(algorithm), message, createPublicKey(privateKey(pkcs8)), signature);
}

export function privateKey(pkcs8: Buffer): KeyObject {
  return createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
}

export function spkiOf(pkcs8: Buffer): Buffer {
  return createPublicKey(privateKey(pkcs8)).export({ format: 'der', type: 'spki' });
}
