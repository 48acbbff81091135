/** Takes the whole body of a request, whatever its pace, in bounded memory: what is too large goes to the disk. */
import type { Readable } from 'node:stream';
import type { EdgeLimits } from '../snapshot.ts';
import type { Sending } from './pace.ts';
import { type Holdings, Spill } from './spill.ts';

export interface Body {
  readonly size: number;
  /** The first bytes, at least as many as are inspected. */
  readonly start: Buffer;
  /** Undefined where there is none. May be asked for again if the first attempt came to nothing. */
  upstream(): Buffer | AsyncIterable<Buffer> | undefined;
  /** To be called once. */
  release(): void;
}

const nothing = Buffer.alloc(0);

export const emptyBody: Body = { size: 0, start: nothing, upstream: () => undefined, release: () => undefined };

export type Failure = 'too-large' | 'too-slow' | 'broken-off' | 'no-room';

export interface TakeOptions {
  readonly limits: EdgeLimits;
  readonly spillFolder: string;
  readonly holdings: Holdings;
  /** Bytes that must stay in memory for inspection. */
  readonly inspectedBytes: number;
}

/** Counts what has come, for those who watch its pace; ends in `done`, once. */
export class BodyTaking implements Sending {
  received = 0;
  readonly #source: Readable;
  readonly #options: TakeOptions;
  readonly #done: (body: Body | Failure) => void;
  #chunks: Buffer[] = [];
  #inMemory = 0;
  #start: Buffer | undefined;
  #spill: Spill | undefined;
  #isWriting = false;
  #hasEnded = false;
  #isOver = false;

  constructor(source: Readable, options: TakeOptions, done: (body: Body | Failure) => void) {
    this.#source = source;
    this.#options = options;
    this.#done = done;
    source.on('data', (chunk: Buffer) => this.#take(chunk));
    source.on('end', () => {
      this.#hasEnded = true;
      this.#finish();
    });
    const broken = (): void => this.fail('broken-off');
    source.on('error', broken);
    source.on('close', broken);
  }

  cutForPace(): void {
    this.fail('too-slow');
  }

  fail(failure: Failure): void {
    if (this.#isOver || (this.#hasEnded && failure === 'broken-off')) return;
    this.#isOver = true;
    this.#forget();
    this.#spill?.release();
    this.#source.pause();
    this.#done(failure);
  }

  #take(chunk: Buffer): void {
    if (this.#isOver) return;
    const { limits, holdings } = this.#options;
    this.received += chunk.length;
    if (this.received > limits.bodyBytes) {
      this.fail('too-large');
      return;
    }
    if (this.#spill) {
      this.#write(chunk);
      return;
    }
    // Small chunks keep the large buffer alive that they were cut from.
    this.#chunks.push(chunk);
    this.#inMemory += chunk.length;
    holdings.memory += chunk.length;
    if (this.#chunks.length > 64) this.#join();
    const isTooMuch = this.#inMemory > limits.bodyMemoryBytes || holdings.memory > limits.memoryBytes;
    if (isTooMuch && this.#inMemory > this.#options.inspectedBytes) this.#moveToDisk();
  }

  #join(): void {
    const whole = Buffer.concat(this.#chunks);
    this.#chunks = [whole];
  }

  #moveToDisk(): void {
    const whole = Buffer.concat(this.#chunks);
    this.#forget();
    this.#start = Buffer.from(whole.subarray(0, this.#options.inspectedBytes));
    try {
      this.#spill = new Spill(this.#options.spillFolder, this.#options.holdings);
    } catch {
      this.fail('no-room');
      return;
    }
    this.#write(whole);
  }

  #write(chunk: Buffer): void {
    const { limits, holdings } = this.#options;
    const spill = this.#spill as Spill;
    if (holdings.disk + chunk.length > limits.spillBytes) {
      this.fail('no-room');
      return;
    }
    this.#isWriting = true;
    this.#source.pause();
    spill.append(chunk, (error) => {
      this.#isWriting = false;
      if (error) this.fail('no-room');
      else if (this.#hasEnded) this.#finish();
      else if (!this.#isOver) this.#source.resume();
    });
  }

  #finish(): void {
    if (this.#isOver || this.#isWriting) return;
    this.#isOver = true;
    const spill = this.#spill;
    const size = this.received;
    if (spill) {
      const start = this.#start as Buffer;
      this.#done({ size, start, upstream: () => spill.read(), release: () => spill.release() });
      return;
    }
    if (size === 0) {
      this.#done(emptyBody);
      return;
    }
    const whole = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks);
    const held = this.#inMemory;
    const { holdings } = this.#options;
    this.#chunks = [];
    const release = (): void => {
      holdings.memory -= held;
    };
    this.#done({ size, start: whole, upstream: () => whole, release });
  }

  #forget(): void {
    this.#options.holdings.memory -= this.#inMemory;
    this.#inMemory = 0;
    this.#chunks = [];
  }
}
