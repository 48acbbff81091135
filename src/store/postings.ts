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
    const sizes = new Array<number>(BLOCKS).fill(0);
    for (let at = 0; at < this.length; at++) sizes[this.#low[at]! % BLOCKS]! += POSTING_BYTES;
    const blocks = sizes.map((size) => Buffer.allocUnsafe(size));
    const ends = new Array<number>(BLOCKS).fill(0);
    for (let at = 0; at < this.length; at++) {
      const which = this.#low[at]! % BLOCKS;
      const block = blocks[which]!;
      let end = block.writeUInt32LE(this.#low[at]!, ends[which]!);
      end = block.writeUInt32LE(this.#high[at]!, end);
      end = block.writeDoubleLE(this.#numbers[at]!, end);
      ends[which] = block.writeDoubleLE(this.#times[at]!, end);
    }
    return blocks;
  }
}

export function* findInBlock(block: Buffer, low: number, high: number): Generator<Position> {
  for (let at = 0; at + POSTING_BYTES <= block.length; at += POSTING_BYTES) {
    if (block.readUInt32LE(at) === low && block.readUInt32LE(at + 4) === high) {
      yield { number: block.readDoubleLE(at + 8), time: block.readDoubleLE(at + 16) };
    }
  }
}
