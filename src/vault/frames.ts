/** Frames between the API process and the vault: length, id, code, and fields of bytes. Nothing in them becomes a string. */
import type { Duplex } from 'node:stream';

/** Most bytes of one frame, and most fields in it: the vault takes nothing larger than an RSA-4096 import. */
const LARGEST_FRAME = 1024 * 1024;
const MOST_FIELDS = 16;
/** Length (4), id (4), code (1). */
const HEAD = 9;

export interface Frame {
  readonly id: number;
  /** An operation on the way in; 0 or an error on the way out. */
  readonly code: number;
  readonly fields: readonly Buffer[];
}

export type Field = Uint8Array | string;

const sizeOf = (field: Field): number => (typeof field === 'string' ? Buffer.byteLength(field) : field.byteLength);

export function encodeFrame(id: number, code: number, fields: readonly Field[]): Buffer {
  let size = HEAD;
  for (const field of fields) size += 4 + sizeOf(field);
  const frame = Buffer.allocUnsafe(size);
  frame.writeUInt32BE(size - 4, 0);
  frame.writeUInt32BE(id, 4);
  frame[8] = code;
  let at = HEAD;
  for (const field of fields) {
    const length = sizeOf(field);
    if (typeof field === 'string') frame.write(field, at + 4);
    else frame.set(field, at + 4);
    frame.writeUInt32BE(length, at);
    at += 4 + length;
  }
  return frame;
}

/** Cuts a stream of bytes into frames. Throws an Error for anything that no peer of ours would send. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);

  /** The frames that these bytes complete; their fields are copies, so that a caller may wipe them. */
  push(chunk: Buffer): Frame[] {
    const whole = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let bytes = whole;
    const frames: Frame[] = [];
    while (bytes.length >= 4) {
      const size = bytes.readUInt32BE(0);
      if (size < HEAD - 4 || size > LARGEST_FRAME) throw new Error('a frame of an impossible size');
      if (bytes.length < 4 + size) break;
      frames.push(decode(bytes.subarray(0, 4 + size)));
      bytes = bytes.subarray(4 + size);
    }
    const rest = bytes.length === 0 ? Buffer.alloc(0) : Buffer.from(bytes);
    this.#rest.fill(0);
    if (whole !== chunk) whole.fill(0);
    this.#rest = rest;
    return frames;
  }
}

function decode(bytes: Buffer): Frame {
  const fields: Buffer[] = [];
  let at = HEAD;
  while (at < bytes.length) {
    const end = at + 4 + (at + 4 <= bytes.length ? bytes.readUInt32BE(at) : LARGEST_FRAME);
    if (end > bytes.length || fields.length === MOST_FIELDS) throw new Error('a frame whose fields do not fit');
    fields.push(Buffer.from(bytes.subarray(at + 4, end)));
    at = end;
  }
  return { id: bytes.readUInt32BE(4), code: bytes[8] as number, fields };
}

/**
 * Joins what is written in one turn of the event loop into one write to the socket; what was written is wiped. A turn, not a microtask: requests of
 * many connections come in one turn, but each in microtasks of its own, and a write for each cost a fifth of an Encrypt.
 */
export class FrameWriter {
  readonly #socket: Duplex;
  #waiting: Buffer[] = [];

  constructor(socket: Duplex) {
    this.#socket = socket;
  }

  send(frame: Buffer): void {
    this.#waiting.push(frame);
    if (this.#waiting.length > 1) return;
    setImmediate(() => {
      const parts = this.#waiting;
      this.#waiting = [];
      const bytes = parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
      if (parts.length > 1) for (const part of parts) part.fill(0);
      this.#socket.write(bytes, () => bytes.fill(0));
    });
  }
}
