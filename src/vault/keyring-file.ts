/** The bytes of a keyring's file: a head that says whose it is and how often it was written, and a record for each wrap key. */
import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';

/** A wrap key under the domain key of this generation. */
export interface Wrap {
  readonly generation: number;
  readonly sealed: Buffer;
}

export interface KeyringRecord {
  /** `account/keyId` */
  readonly name: string;
  readonly wrap: Wrap;
}

const magic = Buffer.from('BVK\x01', 'latin1');
/** Magic, counter, MAC over both. */
const HEAD = 4 + 4 + 32;
/** Iv, wrapped key, tag. */
const SEALED = 12 + 32 + 16;
const LONGEST_NAME = 300;
export const LONGEST_RECORD = 2 + LONGEST_NAME + 4 + SEALED;

export function headOf(counter: number, authentication: KeyObject): Buffer {
  const head = Buffer.alloc(8);
  magic.copy(head);
  head.writeUInt32BE(counter, 4);
  return Buffer.concat([head, createHmac('sha256', authentication).update(head).digest()]);
}

/** The counter; undefined for bytes that were not written by this vault. */
export function readHead(bytes: Buffer, authentication: KeyObject): number | undefined {
  if (bytes.length < HEAD || !bytes.subarray(0, 4).equals(magic)) return undefined;
  const counter = bytes.readUInt32BE(4);
  return timingSafeEqual(headOf(counter, authentication), bytes.subarray(0, HEAD)) ? counter : undefined;
}

/** Length of the name (2), the name, generation (4), the sealed key. */
export function recordOf(name: string, { generation, sealed }: Wrap): Buffer {
  const text = Buffer.from(name);
  const head = Buffer.alloc(2);
  head.writeUInt16BE(text.length);
  const number = Buffer.alloc(4);
  number.writeUInt32BE(generation);
  return Buffer.concat([head, text, number, sealed]);
}

/** The whole records behind the head, and where they end: a piece of one may follow. Later ones of a name win. */
export function readRecords(bytes: Buffer): { readonly records: readonly KeyringRecord[]; readonly end: number } {
  const records = new Map<string, KeyringRecord>();
  let at = HEAD;
  for (;;) {
    const found = readRecord(bytes, at);
    if (!found) break;
    records.set(found.name, found);
    at = found.end;
  }
  return { records: [...records.values()], end: at };
}

/** Undefined where no whole record begins. */
function readRecord(bytes: Buffer, at: number): (KeyringRecord & { readonly end: number }) | undefined {
  if (at + 2 > bytes.length) return undefined;
  const length = bytes.readUInt16BE(at);
  if (length === 0 || length > LONGEST_NAME) return undefined;
  const nameEnd = at + 2 + length;
  const end = nameEnd + 4 + SEALED;
  if (end > bytes.length) return undefined;
  return {
    name: bytes.toString('utf8', at + 2, nameEnd),
    wrap: { generation: bytes.readUInt32BE(nameEnd), sealed: Buffer.from(bytes.subarray(nameEnd + 4, end)) },
    end,
  };
}
