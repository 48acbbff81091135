/**
 * The ciphertext of symmetric keys: self-describing, versioned, the same for ever (golden blobs in the tests).
 *
 * | bytes | what |
 * |---|---|
 * | 2 | 0xBA, version 1 |
 * | 6 | account, as a number |
 * | 1 + n | length of the key id, the key id in ASCII |
 * | 32 | id of the key material |
 * | 16 | nonce of the derived key |
 * | 12 | initialization vector |
 * | m + 16 | AES-256-GCM of the plaintext, and its tag |
 *
 * All that stands before the ciphertext, and the encryption context, is authenticated. Each call derives a key of its own
 * from the backing key and the nonce (SP 800-108), so that no number of calls wears one key out.
 */
import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomFillSync } from 'node:crypto';
import { type CiphertextHead, type EncryptionContext, VaultError } from '../services/kms/ports.ts';
import { kbkdf } from './kbkdf.ts';

const MAGIC = 0xba;
const VERSION = 1;
const MATERIAL = 32;
const NONCE = 16;
const IV = 12;
const TAG = 16;
const label = Buffer.from('Bailey KMS encrypt\0');
/** The length of the derived key in bits, which ends the fixed input. */
const derivedBits = Buffer.from([0, 0, 1, 0]);
const options = { authTagLength: TAG };

interface Layout {
  readonly head: CiphertextHead;
  /** Where the nonce begins. */
  readonly nonceAt: number;
  /** Where the ciphertext begins. */
  readonly bodyAt: number;
}

function layout(bytes: Buffer): Layout | undefined {
  if (bytes.length < 9 || bytes[0] !== MAGIC || bytes[1] !== VERSION) return undefined;
  const account = String(bytes.readUIntBE(2, 6)).padStart(12, '0');
  const idLength = bytes[8] as number;
  const materialAt = 9 + idLength;
  const nonceAt = materialAt + MATERIAL;
  const bodyAt = nonceAt + NONCE + IV;
  if (idLength === 0 || account.length > 12 || bytes.length < bodyAt + TAG) return undefined;
  const keyId = bytes.toString('latin1', 9, materialAt);
  if (!/^[\x21-\x7e]+$/.test(keyId)) return undefined;
  return { head: { account, keyId, materialId: bytes.toString('hex', materialAt, nonceAt) }, nonceAt, bodyAt };
}

export function readHead(ciphertext: Uint8Array): CiphertextHead | undefined {
  return layout(Buffer.from(ciphertext.buffer, ciphertext.byteOffset, ciphertext.byteLength))?.head;
}

/** Names and values with their lengths, in the byte order of the names: no two contexts give the same bytes. */
export function canonicalContext(context: EncryptionContext | undefined): Buffer {
  const pairs = Object.entries(context ?? {}).map(([name, value]) => [Buffer.from(name), Buffer.from(value)] as const);
  pairs.sort(([a], [b]) => Buffer.compare(a, b));
  const length = (bytes: Buffer): Buffer => {
    const prefix = Buffer.alloc(4);
    prefix.writeUInt32BE(bytes.length);
    return prefix;
  };
  return Buffer.concat(pairs.flatMap(([name, value]) => [length(name), name, length(value), value]));
}

function derive(backing: KeyObject, nonce: Uint8Array): KeyObject {
  const bytes = kbkdf(backing, Buffer.concat([label, nonce, derivedBits]), 32);
  try {
    return createSecretKey(bytes);
  } finally {
    bytes.fill(0);
  }
}

/** @param context canonical bytes */
export function encryptWith(
  backing: KeyObject,
  head: CiphertextHead,
  plaintext: Uint8Array,
  context: Uint8Array,
): Buffer {
  const bodyAt = 9 + head.keyId.length + MATERIAL + NONCE + IV;
  const output = Buffer.alloc(bodyAt + plaintext.byteLength + TAG);
  writeHead(output, head);
  const nonceAt = bodyAt - NONCE - IV;
  randomFillSync(output, nonceAt, NONCE + IV);
  const key = derive(backing, output.subarray(nonceAt, nonceAt + NONCE));
  const cipher = createCipheriv('aes-256-gcm', key, output.subarray(bodyAt - IV, bodyAt), options);
  cipher.setAAD(Buffer.concat([output.subarray(0, bodyAt), context]));
  cipher.update(plaintext).copy(output, bodyAt);
  cipher.final();
  cipher.getAuthTag().copy(output, output.length - TAG);
  return output;
}

/** Throws a VaultError `invalid-ciphertext` unless every bit, the key and the context are those of the encryption. */
export function decryptWith(
  backing: KeyObject,
  expected: CiphertextHead,
  ciphertext: Uint8Array,
  context: Uint8Array,
): Buffer {
  const bytes = Buffer.from(ciphertext.buffer, ciphertext.byteOffset, ciphertext.byteLength);
  const found = layout(bytes);
  if (
    !found ||
    found.head.account !== expected.account ||
    found.head.keyId !== expected.keyId ||
    found.head.materialId !== expected.materialId
  ) {
    throw new VaultError('invalid-ciphertext', 'The ciphertext was not made with this key.');
  }
  const { nonceAt, bodyAt } = found;
  const key = derive(backing, bytes.subarray(nonceAt, nonceAt + NONCE));
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(bodyAt - IV, bodyAt), options);
  decipher.setAAD(Buffer.concat([bytes.subarray(0, bodyAt), context]));
  decipher.setAuthTag(bytes.subarray(bytes.length - TAG));
  const plaintext = decipher.update(bytes.subarray(bodyAt, bytes.length - TAG));
  try {
    decipher.final();
  } catch {
    plaintext.fill(0);
    throw new VaultError('invalid-ciphertext', 'The ciphertext does not verify.');
  }
  return plaintext;
}

/** A ciphertext in its parts, for those who must carry them apart. */
export interface CiphertextParts {
  readonly head: CiphertextHead;
  readonly nonce: Uint8Array;
  readonly iv: Uint8Array;
  readonly body: Uint8Array;
  readonly tag: Uint8Array;
}

/** Undefined for what is no ciphertext. */
export function splitCiphertext(ciphertext: Uint8Array): CiphertextParts | undefined {
  const bytes = Buffer.from(ciphertext.buffer, ciphertext.byteOffset, ciphertext.byteLength);
  const found = layout(bytes);
  if (!found) return undefined;
  const { head, nonceAt, bodyAt } = found;
  return {
    head,
    nonce: bytes.subarray(nonceAt, nonceAt + NONCE),
    iv: bytes.subarray(bodyAt - IV, bodyAt),
    body: bytes.subarray(bodyAt, bytes.length - TAG),
    tag: bytes.subarray(bytes.length - TAG),
  };
}

export function joinCiphertext({ head, nonce, iv, body, tag }: CiphertextParts): Buffer {
  const start = Buffer.alloc(9 + head.keyId.length + MATERIAL);
  writeHead(start, head);
  return Buffer.concat([start, nonce, iv, body, tag]);
}

/** Version, account, key and material. */
function writeHead(output: Buffer, { account, keyId, materialId }: CiphertextHead): void {
  output[0] = MAGIC;
  output[1] = VERSION;
  output.writeUIntBE(Number(account), 2, 6);
  output[8] = keyId.length;
  output.write(keyId, 9, 'latin1');
  output.write(materialId, 9 + keyId.length, 'hex');
}
