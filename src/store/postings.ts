/** Columns of postings (hash, number, time), as the index of entries is held in memory and in the blocks of its runs. */
import type { Position } from './entry-order.ts';

/** Blocks per run: a look-up reads one of them. */
export const BLOCKS = 64;
const POSTING_BYTES = 24;

export class Postings {
  #low = new Uint32Array(1024);
  #high = new Uint32Array(1024);
  #numbers = new Float64Array(1024);
  #times = new Float64Array(1024);
  length = 0;

  add(low: number, high: number, number: number, time: number): void {
    if (this.length === this.#low.length) this.#grow();
    const at = this.length++;
    this.#low[at] = low;
    this.#high[at] = high;
    this.#numbers[at] = number;
    this.#times[at] = time;
  }

  #grow(): void {
    const size = this.#low.length * 2;
    const grown = <T extends Uint32Array | Float64Array>(column: T, larger: T): T => {
      larger.set(column);
      return larger;
    };
    this.#low = grown(this.#low, new Uint32Array(size));
    this.#high = grown(this.#high, new Uint32Array(size));
    this.#numbers = grown(this.#numbers, new Float64Array(size));
    this.#times = grown(this.#times, new Float64Array(size));
  }

  *find(low: number, high: number): Generator<Position> {
    for (let at = 0; at < this.length; at++) {
      if (this.#low[at] === low && this.#high[at] === high) {
        yield { number: this.#numbers[at]!, time: this.#times[at]! };
      }
    }
  }

  /** The bytes of every block, by the lowest bits of the hash. */
  blocks(): Buffer[] {
    const sizes = new Uint32Array(BLOCKS);
    for (let at = 0; at < this.length; at++) sizes[this.#low[at]! % BLOCKS]!++;
    const blocks = Array.from(sizes, (count) => new DataView(new ArrayBuffer(count * POSTING_BYTES)));
    const ends = new Uint32Array(BLOCKS);
    for (let at = 0; at < this.length; at++) {
      const which = this.#low[at]! % BLOCKS;
      const block = blocks[which]!;
      const start = ends[which]!;
      block.setUint32(start, this.#low[at]!);
      block.setUint32(start + 4, this.#high[at]!);
      block.setFloat64(start + 8, this.#numbers[at]!);
      block.setFloat64(start + 16, this.#times[at]!);
      ends[which] = start + POSTING_BYTES;
    }
    return blocks.map((block) => Buffer.from(block.buffer));
  }
}

export function* findInBlock(block: Buffer, low: number, high: number): Generator<Position> {
  const view = new DataView(block.buffer, block.byteOffset, block.length);
  for (let at = 0; at + POSTING_BYTES <= block.length; at += POSTING_BYTES) {
    if (view.getUint32(at) === low && view.getUint32(at + 4) === high) {
      yield { number: view.getFloat64(at + 8), time: view.getFloat64(at + 16) };
    }
  }
}
