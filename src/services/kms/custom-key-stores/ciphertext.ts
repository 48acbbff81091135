/**
 * The ciphertext of keys in custom key stores: what the vault encrypted, encrypted again in the store. Both are needed.
 *
 * | bytes | what |
 * |---|---|
 * | 2 | 0xBA, version 2 |
 * | 6 | account, as a number |
 * | 1 + n | length of the key id, the key id in ASCII |
 * | 32 | id of the key material in the vault |
 * | 1 + m | length of the store's metadata, the metadata |
 * | 1 + i | length of the initialization vector, the vector |
 * | 16 | the store's authentication tag |
 * | rest | AES-256-GCM, by the store, of the vault's ciphertext |
 *
 * The store authenticates the key's ARN, the material and a digest of the encryption context (`outerData`).
 */
import { createHash } from 'node:crypto';
import { keyArn } from '../arns.ts';
import type { CiphertextHead, EncryptionContext } from '../ports.ts';
import type { KeyRow } from '../state.ts';
import type { OuterCiphertext } from './integrity.ts';

const MAGIC = 0xba;
const VERSION = 2;
const TAG = 16;
const MOST_METADATA = 20;

/** Undefined for whatever is no such ciphertext. */
export function readOuter(ciphertext: Uint8Array): { head: CiphertextHead; made: OuterCiphertext } | undefined {
  const bytes = Buffer.from(ciphertext.buffer, ciphertext.byteOffset, ciphertext.byteLength);
  if (bytes.length < 9 || bytes[0] !== MAGIC || bytes[1] !== VERSION) return undefined;
  let at = 8;
  /** A field behind its length; undefined beyond the end. */
  const field = (): Buffer | undefined => {
    const length = bytes[at];
    if (length === undefined || at + 1 + length > bytes.length) return undefined;
    at += 1 + length;
    return bytes.subarray(at - length, at);
  };
  const id = field()?.toString('latin1');
  const material = bytes.subarray(at, at + 32);
  at += 32;
  const metadata = field();
  const iv = field();
  const tag = bytes.subarray(at, at + TAG);
  if (!id || !/^[\x21-\x7e]+$/.test(id) || !metadata || !iv || tag.length !== TAG) return undefined;
  if (metadata.length > MOST_METADATA || (iv.length !== 12 && iv.length !== 16)) return undefined;
  const account = String(bytes.readUIntBE(2, 6)).padStart(12, '0');
  if (account.length > 12) return undefined;
  return {
    head: { account, keyId: id, materialId: material.toString('hex') },
    made: { metadata, iv, tag, body: bytes.subarray(at + TAG) },
  };
}

export function writeOuter({ account, keyId, materialId }: CiphertextHead, made: OuterCiphertext): Buffer {
  const start = Buffer.alloc(9);
  start[0] = MAGIC;
  start[1] = VERSION;
  start.writeUIntBE(Number(account), 2, 6);
  start[8] = keyId.length;
  return Buffer.concat([
    start,
    Buffer.from(keyId, 'latin1'),
    Buffer.from(materialId, 'hex'),
    Buffer.from([made.metadata.byteLength]),
    made.metadata,
    Buffer.from([made.iv.byteLength]),
    made.iv,
    made.tag,
    made.body,
  ]);
}

/** What the store authenticates beside the ciphertext. The context itself is nobody's business there: a digest binds it. */
export function outerData(key: KeyRow, materialId: string, context: EncryptionContext | undefined): Buffer {
  const pairs = Object.entries(context ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  const digest = createHash('sha256').update(JSON.stringify(pairs)).digest('hex');
  return Buffer.from(`${keyArn(key)} ${materialId} ${digest}`);
}
