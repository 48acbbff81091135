/** Frames between an edge process and the control plane: a length, and JSON. Limits differ by who sends. */

export interface FrameLimits {
  readonly bytes: number;
}

/** From the control plane: whole snapshots with address sets. */
export const fromControl: FrameLimits = { bytes: 256 * 1024 * 1024 };
/** From an edge: reports, which are bounded where they are collected. */
export const fromEdge: FrameLimits = { bytes: 32 * 1024 * 1024 };
/** Before anybody has shown who they are. */
export const fromStranger: FrameLimits = { bytes: 4 * 1024 };

export function encodeFrame(message: object): Buffer {
  const text = JSON.stringify(message);
  const size = Buffer.byteLength(text);
  const frame = Buffer.allocUnsafe(4 + size);
  frame.writeUInt32BE(size, 0);
  frame.write(text, 4);
  return frame;
}

/** Cuts a stream of bytes into messages. Throws an Error for what no peer of ours would send. */
export class FrameReader {
  limits: FrameLimits;
  #chunks: Buffer[] = [];
  #size = 0;

  constructor(limits: FrameLimits) {
    this.limits = limits;
  }

  push(chunk: Buffer): object[] {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    const messages: object[] = [];
    while (this.#size >= 4) {
      const wanted = this.#peekLength();
      if (wanted > this.limits.bytes) throw new Error('a frame that is too long');
      if (this.#size < 4 + wanted) break;
      const whole = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks);
      const message: unknown = JSON.parse(whole.toString('utf8', 4, 4 + wanted));
      if (typeof message !== 'object' || message === null) throw new Error('a frame that is no message');
      messages.push(message);
      const rest = whole.subarray(4 + wanted);
      this.#chunks = rest.length > 0 ? [rest] : [];
      this.#size = rest.length;
    }
    return messages;
  }

  #peekLength(): number {
    const [first] = this.#chunks;
    if (first && first.length >= 4) return first.readUInt32BE(0);
    const whole = Buffer.concat(this.#chunks);
    this.#chunks = [whole];
    return whole.readUInt32BE(0);
  }
}
