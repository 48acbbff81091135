/** The bytes of a segment: the entries of one stream in one group commit, with the hashes that find them. */
import { CorruptError } from './store.ts';

export interface SegmentEntry {
  readonly partition: string;
  readonly id: string;
  /** Epoch milliseconds. */
  readonly time: number;
  /** Text stands for its UTF-8 bytes. */
  readonly body: Uint8Array | string;
  /** Low and high halves, one pair after the other. */
  readonly hashes: readonly number[];
}

/** As it is read back. */
export interface ReadEntry extends SegmentEntry {
  readonly body: Uint8Array;
}

/** Per entry: total length u32, time f64, hash count u16, hashes u32…, partition and id each u16 + UTF-8, the body. */
export function encodeSegment(entries: readonly SegmentEntry[]): Buffer {
  let bound = 0;
  for (const entry of entries) {
    const { partition, id, hashes, body } = entry;
    bound += 18 + hashes.length * 4 + (partition.length + id.length) * 3;
    bound += typeof body === 'string' ? Buffer.byteLength(body) : body.length;
  }
  const bytes = Buffer.allocUnsafe(bound);
  let end = 0;
  for (const { partition, id, time, body, hashes } of entries) {
    const start = end;
    end = bytes.writeDoubleBE(time, start + 4);
    end = bytes.writeUInt16BE(hashes.length, end);
    for (const half of hashes) end = bytes.writeUInt32BE(half, end);
    for (const text of [partition, id]) {
      const length = bytes.write(text, end + 2, 'utf8');
      bytes.writeUInt16BE(length, end);
      end += 2 + length;
    }
    if (typeof body === 'string') end += bytes.write(body, end, 'utf8');
    else {
      bytes.set(body, end);
      end += body.length;
    }
    bytes.writeUInt32BE(end - start, start);
  }
  return bytes.subarray(0, end);
}

/** The entry at this index of a segment; its body is a copy. */
export function decodeEntry(segment: Buffer, index: number): ReadEntry {
  let start = 0;
  for (let skipped = 0; skipped < index; skipped++) start += lengthAt(segment, start);
  return decodeAt(segment, start);
}

export function* decodeSegment(segment: Buffer): Generator<ReadEntry> {
  for (let start = 0; start < segment.length; start += lengthAt(segment, start)) yield decodeAt(segment, start);
}

/** Segments are sealed, so a wrong length would be a fault of this program: it stops rather than loops. */
function lengthAt(segment: Buffer, start: number): number {
  const length = start + 4 <= segment.length ? segment.readUInt32BE(start) : 0;
  if (length === 0 || start + length > segment.length) throw new CorruptError('a segment has no such entry');
  return length;
}

function decodeAt(segment: Buffer, start: number): ReadEntry {
  const stop = start + lengthAt(segment, start);
  const time = segment.readDoubleBE(start + 4);
  const count = segment.readUInt16BE(start + 12);
  let at = start + 14;
  const hashes: number[] = [];
  for (let i = 0; i < count; i++, at += 4) hashes.push(segment.readUInt32BE(at));
  const texts: string[] = [];
  for (let i = 0; i < 2; i++) {
    const length = segment.readUInt16BE(at);
    texts.push(segment.toString('utf8', at + 2, at + 2 + length));
    at += 2 + length;
  }
  return {
    time,
    hashes,
    partition: texts[0]!,
    id: texts[1]!,
    body: Uint8Array.prototype.slice.call(segment, at, stop),
  };
}
