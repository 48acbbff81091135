/** Encryption and agreement with asymmetric keys: RSA-OAEP, SM2, ECDH, ML-KEM. */
import * as crypto from 'node:crypto';
import { VaultError } from '../../services/kms/ports.ts';
import { publicBits } from './private-parts.ts';
import { privateKey, spkiOf } from './quick.ts';
import { agreeSm2, decryptSm2, encryptSm2 } from './sm2.ts';
import { isOfSpec } from './specs.ts';

/** As AWS KMS says of SM2PKE. */
const SM2_MOST = 1024;

const { constants, createPublicKey, diffieHellman, privateDecrypt, publicEncrypt } = crypto;

/** First byte of a point that has both its coordinates. */
const UNCOMPRESSED = 4;

const oaep = (algorithm: string) => ({
  padding: constants.RSA_PKCS1_OAEP_PADDING,
  oaepHash: algorithm.endsWith('_SHA_1') ? 'sha1' : 'sha256',
});

const isOaep = (algorithm: string): boolean => algorithm === 'RSAES_OAEP_SHA_1' || algorithm === 'RSAES_OAEP_SHA_256';

const unsupported = (algorithm: string): VaultError =>
  new VaultError('unsupported', `The vault does not encrypt with ${algorithm}.`);

export function encryptAsymmetric(pkcs8: Buffer, algorithm: string, plaintext: Buffer): Buffer {
  const spki = spkiOf(pkcs8);
  if (algorithm === 'SM2PKE') {
    requireFits(algorithm, plaintext, SM2_MOST);
    return encryptSm2(spki, plaintext);
  }
  if (!isOaep(algorithm)) throw unsupported(algorithm);
  const key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
  const digest = algorithm.endsWith('_SHA_1') ? 20 : 32;
  // Of the modulus two digests and two bytes are the padding's.
  requireFits(algorithm, plaintext, (key.asymmetricKeyDetails?.modulusLength ?? 0) / 8 - 2 * digest - 2);
  return publicEncrypt({ key, ...oaep(algorithm) }, plaintext);
}

/** Throws a VaultError `too-long`. */
function requireFits(algorithm: string, plaintext: Buffer, most: number): void {
  if (plaintext.length <= most) return;
  throw new VaultError(
    'too-long',
    `Algorithm ${algorithm} cannot encrypt data larger than ${most} bytes with this key.`,
  );
}

/** Throws a VaultError `invalid-ciphertext`. */
export function decryptAsymmetric(pkcs8: Buffer, algorithm: string, ciphertext: Buffer): Buffer {
  if (algorithm !== 'SM2PKE' && !isOaep(algorithm)) throw unsupported(algorithm);
  const opened = algorithm === 'SM2PKE' ? decryptSm2(pkcs8, ciphertext) : openOaep(pkcs8, algorithm, ciphertext);
  if (!opened) throw new VaultError('invalid-ciphertext', 'The ciphertext does not decrypt.');
  return opened;
}

export function openOaep(pkcs8: Buffer, algorithm: string, ciphertext: Buffer): Buffer | undefined {
  try {
    const key = privateKey(pkcs8);
    // As long as the modulus: OpenSSL would take one that lost its leading zeros.
    if (8 * ciphertext.length !== key.asymmetricKeyDetails?.modulusLength) return undefined;
    return privateDecrypt({ key, ...oaep(algorithm) }, ciphertext);
  } catch {
    return undefined;
  }
}

/** The x coordinate of the shared point. Throws a VaultError `invalid-public-key`. */
export function agree(spec: string, pkcs8: Buffer, spki: Buffer): Buffer {
  try {
    const publicKey = createPublicKey({ key: spki, format: 'der', type: 'spki' });
    // Another curve, compressed points, trailing bytes and other encodings of the same point are refused.
    const isWhole = publicBits(spki)[0] === UNCOMPRESSED;
    if (isWhole && isOfSpec(spec, publicKey) && publicKey.export({ format: 'der', type: 'spki' }).equals(spki)) {
      if (spec === 'SM2') return agreeSm2(pkcs8, spki);
      return diffieHellman({ privateKey: privateKey(pkcs8), publicKey });
    }
  } catch {
    // The same answer whatever is wrong with it.
  }
  throw new VaultError('invalid-public-key', 'The public key is not a valid key of the same curve.');
}

export function encapsulateTo(pkcs8: Buffer): { secret: Buffer; ciphertext: Buffer } {
  const { sharedKey, ciphertext } = crypto.encapsulate(createPublicKey(privateKey(pkcs8)));
  return { secret: sharedKey, ciphertext };
}

/** Throws a VaultError `invalid-ciphertext` for a wrong length; any other ciphertext gives some secret (FIPS 203). */
export function decapsulateWith(pkcs8: Buffer, ciphertext: Buffer): Buffer {
  try {
    return crypto.decapsulate(privateKey(pkcs8), ciphertext);
  } catch {
    throw new VaultError('invalid-ciphertext', 'The ciphertext does not decapsulate.');
  }
}
