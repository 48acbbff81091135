/** Bodies that are too large for memory, in files without a name: they are gone when nobody holds them, even after a crash. */
import { randomUUID } from 'node:crypto';
import { close, createReadStream, mkdirSync, openSync, read, rmSync, write } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

/** What all requests of the process together hold. */
export class Holdings {
  memory = 0;
  disk = 0;
}

export class Spill {
  readonly #fd: number;
  readonly #holdings: Holdings;
  #size = 0;
  #users = 1;

  constructor(folder: string, holdings: Holdings) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const path = join(folder, randomUUID());
    this.#fd = openSync(path, 'wx+', 0o600);
    rmSync(path);
    this.#holdings = holdings;
  }

  get size(): number {
    return this.#size;
  }

  append(bytes: Uint8Array, done: (error: Error | null) => void): void {
    const at = this.#size;
    this.#size += bytes.length;
    this.#holdings.disk += bytes.length;
    const step = (from: number): void => {
      write(this.#fd, bytes, from, bytes.length - from, at + from, (error, written) => {
        if (error) done(error);
        else if (from + written < bytes.length) step(from + written);
        else done(null);
      });
    };
    this.#users += 1;
    const whole = done;
    done = (error) => {
      this.#leave();
      whole(error);
    };
    step(0);
  }

  /** May be asked for again, from the beginning. */
  stream(): Readable {
    this.#users += 1;
    const stream = createReadStream('', {
      fd: this.#fd,
      autoClose: false,
      start: 0,
      end: this.#size - 1,
      // The file has no name, and its descriptor belongs to all streams.
      fs: { read, close: (_fd: number, done: () => void) => done() },
    });
    stream.once('close', () => this.#leave());
    const giveUp = (): void => void stream.destroy();
    stream.once('end', giveUp).once('error', giveUp);
    return stream;
  }

  /** The request is over. The file lives until the last stream has ended. */
  release(): void {
    this.#leave();
  }

  #leave(): void {
    this.#users -= 1;
    if (this.#users > 0) return;
    this.#holdings.disk -= this.#size;
    close(this.#fd, () => undefined);
  }
}
