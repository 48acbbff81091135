/**
 * Attestation documents of Nitro Enclaves and NitroTPM: a COSE_Sign1 over measurements and a public key, signed by a
 * certificate that leads to a root ("Cryptographic attestation support in AWS KMS", AWS KMS Developer Guide; the format is in
 * "Verifying the root of trust", AWS Nitro Enclaves User Guide).
 */
import { verify, X509Certificate } from 'node:crypto';
import { type CborMap, CborTag, type CborValue, readCbor } from './cbor.ts';

export interface Attestation {
  /** SPKI, DER. */
  readonly publicKey: Buffer;
  /** Platform configuration registers by number. */
  readonly pcrs: ReadonlyMap<number, Buffer>;
  readonly nitroTpmPcrs: ReadonlyMap<number, Buffer>;
}

/** Why a document is not believed. */
export class AttestationError extends Error {
  override readonly name = 'AttestationError';
}

/** "The attestation document must be fresh": how old it may be, and how far a clock may be ahead. */
const longestAgeMs = 5 * 60_000;
const es384 = -35;
const mostCertificates = 8;
const digestSizes: ReadonlySet<number> = new Set([32, 48, 64]);

/**
 * @param roots DER
 * @param now epoch milliseconds
 * @throws AttestationError
 */
export function readAttestation(bytes: Uint8Array, roots: readonly X509Certificate[], now: number): Attestation {
  const { protectedHeader, payload, signature } = envelopeOf(decode(bytes));
  const header = decode(protectedHeader);
  if (!(header instanceof Map) || header.size !== 1 || header.get(1) !== es384) {
    throw new AttestationError('The attestation document is not signed with ES384.');
  }
  const document = decode(payload);
  if (!(document instanceof Map)) throw malformed();
  const leaf = chainOf(document, roots, now);
  const signed = signedBytes(protectedHeader, payload);
  if (!verify('sha384', signed, { key: leaf.publicKey, dsaEncoding: 'ieee-p1363' }, signature)) {
    throw new AttestationError('The signature of the attestation document is not valid.');
  }
  if (document.get('digest') !== 'SHA384' || typeof document.get('module_id') !== 'string') throw malformed();
  const timestamp = document.get('timestamp');
  if (typeof timestamp !== 'number' || Math.abs(now - timestamp) > longestAgeMs) {
    throw new AttestationError('The attestation document has expired.');
  }
  const publicKey = document.get('public_key');
  if (!Buffer.isBuffer(publicKey) || publicKey.length === 0) {
    throw new AttestationError('The attestation document has no public key.');
  }
  const pcrs = registers(document.get('pcrs'));
  const nitroTpmPcrs = registers(document.get('nitrotpm_pcrs'));
  if (pcrs.size + nitroTpmPcrs.size === 0) throw malformed();
  return { publicKey, pcrs, nitroTpmPcrs };
}

const malformed = () => new AttestationError('The attestation document is malformed.');

function decode(bytes: Uint8Array): CborValue {
  try {
    return readCbor(bytes);
  } catch {
    throw malformed();
  }
}

function envelopeOf(value: CborValue) {
  const bare = value instanceof CborTag && value.tag === 18 ? value.value : value;
  if (!Array.isArray(bare) || bare.length !== 4) throw malformed();
  const [protectedHeader, unprotected, payload, signature] = bare as readonly CborValue[];
  const isWhole = Buffer.isBuffer(protectedHeader) && Buffer.isBuffer(payload) && Buffer.isBuffer(signature);
  if (!isWhole || !(unprotected instanceof Map) || unprotected.size > 0) throw malformed();
  return { protectedHeader, payload, signature };
}

/** The certificate that signed, once it leads to a root. */
function chainOf(document: CborMap, roots: readonly X509Certificate[], now: number): X509Certificate {
  const bundle = document.get('cabundle');
  const own = document.get('certificate');
  if (!Array.isArray(bundle) || bundle.length === 0 || bundle.length > mostCertificates || !Buffer.isBuffer(own)) {
    throw malformed();
  }
  const [first, ...between] = [...(bundle as readonly CborValue[]), own].map(certificate) as [X509Certificate];
  const root = roots.find((one) => one.raw.equals(first.raw));
  if (!root) throw new AttestationError('The attestation document does not lead to a root that is trusted here.');
  let issuer = root;
  requireValid(root, now);
  for (const [index, next] of (between as X509Certificate[]).entries()) {
    const isLeaf = index === between.length - 1;
    requireValid(next, now);
    if (!issuer.ca || next.ca === isLeaf || !next.checkIssued(issuer) || !next.verify(issuer.publicKey)) {
      throw new AttestationError('The certificates of the attestation document do not lead to its root.');
    }
    issuer = next;
  }
  const { asymmetricKeyType, asymmetricKeyDetails } = issuer.publicKey;
  if (asymmetricKeyType !== 'ec' || asymmetricKeyDetails?.namedCurve !== 'secp384r1') throw malformed();
  return issuer;
}

function certificate(der: CborValue): X509Certificate {
  try {
    if (Buffer.isBuffer(der)) return new X509Certificate(der);
  } catch {
    // The same answer as for another kind of value.
  }
  throw malformed();
}

function requireValid(one: X509Certificate, now: number): void {
  if (now >= one.validFromDate.getTime() && now <= one.validToDate.getTime()) return;
  throw new AttestationError('A certificate of the attestation document is not valid now.');
}

function registers(value: CborValue | undefined): ReadonlyMap<number, Buffer> {
  const found = new Map<number, Buffer>();
  if (value === undefined || value === null) return found;
  if (!(value instanceof Map) || value.size > 32) throw malformed();
  for (const [index, digest] of value) {
    if (typeof index !== 'number' || index < 0 || index > 31) throw malformed();
    if (!Buffer.isBuffer(digest) || !digestSizes.has(digest.length)) throw malformed();
    found.set(index, digest);
  }
  return found;
}

/** Sig_structure of RFC 9052, section 4.4: what the signature is over. */
function signedBytes(protectedHeader: Buffer, payload: Buffer): Buffer {
  const context = Buffer.from('Signature1');
  return Buffer.concat([
    Buffer.from([0x84, 0x60 + context.length]),
    context,
    head(protectedHeader.length),
    protectedHeader,
    head(0),
    head(payload.length),
    payload,
  ]);
}

/** The head of a byte string. */
function head(length: number): Buffer {
  if (length < 24) return Buffer.from([0x40 + length]);
  if (length < 0x100) return Buffer.from([0x58, length]);
  if (length < 0x10000) return Buffer.from([0x59, length >> 8, length & 0xff]);
  const wide = Buffer.alloc(5, 0x5a);
  wide.writeUInt32BE(length, 1);
  return wide;
}
