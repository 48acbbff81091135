/** Raw numbers out of PKCS #8 and SubjectPublicKeyInfo, for the algorithms that node:crypto does not offer. */
import { children, readTlv } from './der.ts';

/** The content of the private key field. */
function privateField(pkcs8: Buffer): Buffer {
  const [, , key] = children(readTlv(pkcs8).value);
  if (key?.tag !== 0x04) throw new Error('not PKCS #8');
  return key.value;
}

/** The scalar of an elliptic curve key (RFC 5915). */
export function ecScalar(pkcs8: Buffer): Buffer {
  const [, scalar] = children(readTlv(privateField(pkcs8)).value);
  if (scalar?.tag !== 0x04) throw new Error('not an EC key');
  return scalar.value;
}

/** The 32-byte seed of an Ed25519 key (RFC 8410). */
export function edSeed(pkcs8: Buffer): Buffer {
  return readTlv(privateField(pkcs8)).value;
}

/** The 32-byte seed of an ML-DSA key: alone ([0]), or before the expanded key (RFC 9881). */
export function mlDsaSeed(pkcs8: Buffer): Buffer {
  const field = readTlv(privateField(pkcs8));
  const seed = field.tag === 0x30 ? children(field.value)[0]?.value : field.tag === 0x80 ? field.value : undefined;
  if (seed?.length !== 32) throw new Error('an ML-DSA key without its seed');
  return seed;
}

/** The bits of a public key: a point, or raw bytes. */
export function publicBits(spki: Buffer): Buffer {
  const [, bits] = children(readTlv(spki).value);
  if (bits?.tag !== 0x03 || bits.value[0] !== 0) throw new Error('not a public key');
  return bits.value.subarray(1);
}
