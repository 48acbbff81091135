/** Signing and verifying by algorithm: what node:crypto does, and what digests and mu need beyond it. */
import { constants, createPublicKey, sign, verify } from 'node:crypto';
import { VaultError } from '../../services/kms/ports.ts';
import {
  type DigestCurve,
  type MlDsaSpec,
  signDigest,
  signEdDigest,
  signMu,
  verifyDigest,
  verifyEdDigest,
  verifyMu,
} from './foreign.ts';
import { privateKey, spkiOf } from './quick.ts';
import { signPkcs1, signPss, verifyPkcs1, verifyPss } from './rsa-digest.ts';
import { messageDigest, signSm2, verifySm2 } from './sm2.ts';

const hashOf = (algorithm: string): string => `sha${algorithm.slice(-3)}`;

function unsupported(algorithm: string): VaultError {
  return new VaultError('unsupported', `The vault does not sign with ${algorithm}.`);
}

const pss = (hash: string) => ({
  padding: constants.RSA_PKCS1_PSS_PADDING,
  saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
  hash,
});

export function signWith(spec: string, pkcs8: Buffer, algorithm: string, message: Buffer, messageType: string): Buffer {
  const raw = messageType === 'RAW';
  const key = privateKey(pkcs8);
  const hash = hashOf(algorithm);
  if (algorithm.startsWith('RSASSA_PSS_')) {
    return raw ? sign(hash, message, { key, ...pss(hash) }) : signPss(key, hash, message);
  }
  if (algorithm.startsWith('RSASSA_PKCS1_V1_5_')) return raw ? sign(hash, message, key) : signPkcs1(key, hash, message);
  if (algorithm.startsWith('ECDSA_'))
    return raw ? sign(hash, message, key) : signDigest(spec as DigestCurve, pkcs8, message);
  if (algorithm === 'ED25519_SHA_512') return sign(null, message, key);
  if (algorithm === 'ED25519_PH_SHA_512') return signEdDigest(pkcs8, message);
  if (algorithm === 'ML_DSA_SHAKE_256')
    return raw ? sign(null, message, key) : signMu(spec as MlDsaSpec, pkcs8, message);
  if (algorithm === 'SM2DSA') return signSm2(pkcs8, raw ? messageDigest(spkiOf(pkcs8), message) : message);
  throw unsupported(algorithm);
}

export function verifyWith(
  spec: string,
  spki: Buffer,
  algorithm: string,
  message: Buffer,
  messageType: string,
  signature: Buffer,
): boolean {
  const raw = messageType === 'RAW';
  const key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
  const hash = hashOf(algorithm);
  // OpenSSL takes a signature that lost its leading zeros; RFC 8017 does not.
  if (
    algorithm.startsWith('RSASSA_') &&
    signature.length !== Math.ceil((key.asymmetricKeyDetails?.modulusLength ?? 0) / 8)
  ) {
    return false;
  }
  if (algorithm.startsWith('RSASSA_PSS_')) {
    return raw ? verify(hash, message, { key, ...pss(hash) }, signature) : verifyPss(key, hash, message, signature);
  }
  if (algorithm.startsWith('RSASSA_PKCS1_V1_5_')) {
    return raw ? verify(hash, message, key, signature) : verifyPkcs1(key, hash, message, signature);
  }
  if (algorithm.startsWith('ECDSA_')) {
    return raw ? verify(hash, message, key, signature) : verifyDigest(spec as DigestCurve, spki, message, signature);
  }
  if (algorithm === 'ED25519_SHA_512') return verify(null, message, key, signature);
  if (algorithm === 'ED25519_PH_SHA_512') return verifyEdDigest(spki, message, signature);
  if (algorithm === 'ML_DSA_SHAKE_256') {
    return raw ? verify(null, message, key, signature) : verifyMu(spec as MlDsaSpec, spki, message, signature);
  }
  if (algorithm === 'SM2DSA') return verifySm2(spki, raw ? messageDigest(spki, message) : message, signature);
  throw unsupported(algorithm);
}
