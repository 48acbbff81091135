/** RSA signatures over a digest that the caller made: node:crypto signs messages only, so the padding is ours (RFC 8017). */
import {
  constants,
  createHash,
  type KeyObject,
  privateEncrypt,
  publicDecrypt,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import { octets, oid, sequence, tlv } from './der.ts';

const digestOids: Readonly<Record<string, string>> = {
  sha256: '2.16.840.1.101.3.4.2.1',
  sha384: '2.16.840.1.101.3.4.2.2',
  sha512: '2.16.840.1.101.3.4.2.3',
};

function digestInfo(hash: string, digest: Uint8Array): Buffer {
  return sequence(sequence(oid(digestOids[hash] as string), tlv(0x05)), octets(digest));
}

export function signPkcs1(key: KeyObject, hash: string, digest: Uint8Array): Buffer {
  return privateEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, digestInfo(hash, digest));
}

export function verifyPkcs1(key: KeyObject, hash: string, digest: Uint8Array, signature: Uint8Array): boolean {
  if (signature.byteLength !== sizeOf(key)) return false;
  try {
    const found = publicDecrypt({ key, padding: constants.RSA_PKCS1_PADDING }, signature);
    return found.equals(digestInfo(hash, digest));
  } catch {
    return false;
  }
}

const sizeOf = (key: KeyObject): number => (key.asymmetricKeyDetails?.modulusLength ?? 0) / 8;

function mgf1(hash: string, seed: Uint8Array, length: number): Buffer {
  const parts: Buffer[] = [];
  const counter = Buffer.alloc(4);
  for (let made = 0, round = 0; made < length; round += 1) {
    counter.writeUInt32BE(round);
    const part = createHash(hash).update(seed).update(counter).digest();
    parts.push(part);
    made += part.length;
  }
  return Buffer.concat(parts).subarray(0, length);
}

function xor(a: Buffer, b: Buffer): Buffer {
  return Buffer.from(a.map((byte, i) => byte ^ (b[i] as number)));
}

const hashOf = (hash: string, digest: Uint8Array, salt: Uint8Array): Buffer =>
  createHash(hash).update(Buffer.alloc(8)).update(digest).update(salt).digest();

/** EMSA-PSS with a salt as long as the digest; the modulus is a whole number of bytes, so one bit is cleared. */
export function signPss(key: KeyObject, hash: string, digest: Uint8Array): Buffer {
  const size = sizeOf(key);
  const salt = randomBytes(digest.byteLength);
  const proof = hashOf(hash, digest, salt);
  const block = Buffer.alloc(size - proof.length - 1);
  block[block.length - salt.length - 1] = 1;
  salt.copy(block, block.length - salt.length);
  const masked = xor(block, mgf1(hash, proof, block.length));
  masked[0] = (masked[0] as number) & 0x7f;
  const encoded = Buffer.concat([masked, proof, Buffer.from([0xbc])]);
  return privateEncrypt({ key, padding: constants.RSA_NO_PADDING }, encoded);
}

export function verifyPss(key: KeyObject, hash: string, digest: Uint8Array, signature: Uint8Array): boolean {
  const size = sizeOf(key);
  if (signature.byteLength !== size) return false;
  let encoded: Buffer;
  try {
    encoded = publicDecrypt({ key, padding: constants.RSA_NO_PADDING }, signature);
  } catch {
    return false;
  }
  const length = digest.byteLength;
  const masked = encoded.subarray(0, size - length - 1);
  const proof = encoded.subarray(size - length - 1, size - 1);
  if (encoded[size - 1] !== 0xbc || (masked[0] as number) & 0x80) return false;
  const block = xor(masked, mgf1(hash, proof, masked.length));
  block[0] = (block[0] as number) & 0x7f;
  const padding = block.length - length - 1;
  if (block.subarray(0, padding).some((byte) => byte !== 0) || block[padding] !== 1) return false;
  return timingSafeEqual(hashOf(hash, digest, block.subarray(padding + 1)), proof);
}
