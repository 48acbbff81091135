/**
 * Signatures that node:crypto does not make: over digests for elliptic curves, Ed25519ph, ML-DSA with an external mu.
 * The numbers become BigInts here, which nobody can wipe: this runs only in short-lived threads (worker.ts).
 */
import { eddsa } from '@noble/curves/abstract/edwards.js';
import { ed25519 } from '@noble/curves/ed25519.js';
import { p256, p384, p521 } from '@noble/curves/nist.js';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { ml_dsa44, ml_dsa65, ml_dsa87 } from '@noble/post-quantum/ml-dsa.js';
import { ecScalar, edSeed, mlDsaSeed, publicBits } from './private-parts.ts';

const ecdsa = { ECC_NIST_P256: p256, ECC_NIST_P384: p384, ECC_NIST_P521: p521, ECC_SECG_P256K1: secp256k1 };
const mlDsa = { ML_DSA_44: ml_dsa44, ML_DSA_65: ml_dsa65, ML_DSA_87: ml_dsa87 };

export type DigestCurve = keyof typeof ecdsa;
export type MlDsaSpec = keyof typeof mlDsa;

const options = { prehash: false, lowS: false, format: 'der' } as const;

export function signDigest(spec: DigestCurve, pkcs8: Buffer, digest: Uint8Array): Buffer {
  return Buffer.from(ecdsa[spec].sign(digest, ecScalar(pkcs8), options));
}

export function verifyDigest(spec: DigestCurve, spki: Buffer, digest: Uint8Array, signature: Uint8Array): boolean {
  try {
    return ecdsa[spec].verify(signature, digest, publicBits(spki), options);
  } catch {
    return false;
  }
}

const dom2 = Buffer.from('SigEd25519 no Ed25519 collisions\x01\x00', 'latin1');

/** RFC 8032 Ed25519ph whose message was already hashed with SHA-512. */
const prehashed = eddsa(ed25519.Point, sha512, {
  adjustScalarBytes(bytes: Uint8Array) {
    bytes[0] = (bytes[0] as number) & 248;
    bytes[31] = ((bytes[31] as number) & 127) | 64;
    return bytes;
  },
  domain: (data: Uint8Array) => Buffer.concat([dom2, data]),
});

export function signEdDigest(pkcs8: Buffer, digest: Uint8Array): Buffer {
  return Buffer.from(prehashed.sign(digest, edSeed(pkcs8)));
}

export function verifyEdDigest(spki: Buffer, digest: Uint8Array, signature: Uint8Array): boolean {
  try {
    return prehashed.verify(signature, digest, publicBits(spki), { zip215: false });
  } catch {
    return false;
  }
}

export function signMu(spec: MlDsaSpec, pkcs8: Buffer, mu: Uint8Array): Buffer {
  const { secretKey } = mlDsa[spec].keygen(mlDsaSeed(pkcs8));
  try {
    return Buffer.from(mlDsa[spec].internal.sign(mu, secretKey, { externalMu: true }));
  } finally {
    secretKey.fill(0);
  }
}

export function verifyMu(spec: MlDsaSpec, spki: Buffer, mu: Uint8Array, signature: Uint8Array): boolean {
  try {
    return mlDsa[spec].internal.verify(signature, mu, publicBits(spki), { externalMu: true });
  } catch {
    return false;
  }
}
