/** A file that only takes up room: it is removed when the disk is full, since then even deletes need some. */
import { closeSync, existsSync, fsyncSync, openSync, renameSync, statfsSync, unlinkSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

const PIECE = Buffer.alloc(256 * 1024, 'bailey keeps this room free for deletes when the disk is full. ');

/** Bytes: the log of the database and the files beside it, while they are opened. */
const NEEDED_TO_OPEN = 1024 * 1024;

export class Reserve {
  readonly #path: string;
  readonly #bytes: number;

  constructor(path: string, bytes: number) {
    this.#path = path;
    this.#bytes = bytes;
  }

  get #isHeld(): boolean {
    return existsSync(this.#path);
  }

  /** Bytes that the file system still gives to this process. */
  get #free(): number {
    const { bavail, bsize } = statfsSync(dirname(this.#path));
    return bavail * bsize;
  }

  /** Whether what the reserve has left is enough for more than deletes. */
  get hasSlack(): boolean {
    return this.#free > this.#bytes / 2;
  }

  /** @returns whether the reserve is held now: there must be room for it and as much again */
  take(): boolean {
    if (this.#bytes === 0 || this.#isHeld) return true;
    try {
      if (this.#free < this.#bytes * 2) return false;
      const beside = `${this.#path}.new`;
      const file = openSync(beside, 'w', 0o600);
      try {
        for (let left = this.#bytes; left > 0; ) left -= writeSync(file, PIECE, 0, Math.min(PIECE.length, left));
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(beside, this.#path);
      return true;
    } catch {
      // Not enough room after all: half a reserve would only take it from others.
      if (existsSync(`${this.#path}.new`)) unlinkSync(`${this.#path}.new`);
      return false;
    }
  }

  /** For before the database opens, which takes a little room itself. */
  releaseIfFull(): void {
    if (this.#free < NEEDED_TO_OPEN) this.release();
  }

  release(): void {
    if (this.#isHeld) unlinkSync(this.#path);
  }
}
