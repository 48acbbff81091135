/** Key specs, and what makes a key of each. */
import { createPublicKey, type KeyObject } from 'node:crypto';

/** RSA moduli in bits. */
export const rsaBits: Readonly<Record<string, number>> = { RSA_2048: 2048, RSA_3072: 3072, RSA_4096: 4096 };

/** Names of elliptic curves, as node:crypto reports them (`namedCurve`). */
export const curves: Readonly<Record<string, string>> = {
  ECC_NIST_P256: 'prime256v1',
  ECC_NIST_P384: 'secp384r1',
  ECC_NIST_P521: 'secp521r1',
  ECC_SECG_P256K1: 'secp256k1',
  SM2: 'SM2',
};

/** Key types that have neither size nor curve to choose. */
export const plainTypes: Readonly<Record<string, 'ed25519' | 'ml-dsa-44' | 'ml-dsa-65' | 'ml-dsa-87' | 'ml-kem-512'>> =
  {
    ECC_NIST_EDWARDS25519: 'ed25519',
    ML_DSA_44: 'ml-dsa-44',
    ML_DSA_65: 'ml-dsa-65',
    ML_DSA_87: 'ml-dsa-87',
    ML_KEM_512: 'ml-kem-512',
    ML_KEM_768: 'ml-kem-768' as 'ml-kem-512',
    ML_KEM_1024: 'ml-kem-1024' as 'ml-kem-512',
  };

/** Bytes of keys that are nothing but random, fewest and most: imported HMAC keys may be longer than made ones. */
export const rawBytes: Readonly<Record<string, readonly [least: number, most: number]>> = {
  SYMMETRIC_DEFAULT: [32, 32],
  HMAC_224: [28, 64],
  HMAC_256: [32, 64],
  HMAC_384: [48, 128],
  HMAC_512: [64, 128],
};

export const hmacDigests: Readonly<Record<string, string>> = {
  HMAC_SHA_224: 'sha224',
  HMAC_SHA_256: 'sha256',
  HMAC_SHA_384: 'sha384',
  HMAC_SHA_512: 'sha512',
};

/** What a SubjectPublicKeyInfo on the curve SM2 begins with: then comes the whole point. */
const sm2Header = Buffer.from('3059301306072a8648ce3d020106082a811ccf5501822d034200', 'hex');

/** OpenSSL takes SM2 keys that it reads for a type of their own, of which node:crypto tells nothing. */
function isSm2(key: KeyObject): boolean {
  const half = key.type === 'private' ? createPublicKey(key) : key;
  return half.export({ format: 'der', type: 'spki' }).subarray(0, sm2Header.length).equals(sm2Header);
}

/** Whether a key is one of this spec. */
export function isOfSpec(spec: string, key: KeyObject): boolean {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details = {} } = key;
  const bits = rsaBits[spec];
  // Other exponents are refused: AWS makes 65537 only.
  if (bits !== undefined) return type === 'rsa' && details.modulusLength === bits && details.publicExponent === 65537n;
  if (spec === 'SM2') return isSm2(key);
  const curve = curves[spec];
  if (curve !== undefined) return type === 'ec' && details.namedCurve === curve;
  return plainTypes[spec] !== undefined && type === plainTypes[spec];
}
