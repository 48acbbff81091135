/**
 * Bodies that are too large for memory, in files without a name: they are gone when nobody holds them, even after a crash.
 * What is on the disk is encrypted by a key that nothing but this process ever has.
 */
import {
  type Cipheriv,
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  type KeyObject,
  randomBytes,
  randomUUID,
} from 'node:crypto';
import { close, mkdirSync, openSync, read, rmSync, write } from 'node:fs';
import { join } from 'node:path';

/** What all requests of the process together hold. */
export class Holdings {
  memory = 0;
  disk = 0;
}

const pieceBytes = 128 * 1024;
const algorithm = 'aes-256-ctr';
/** Each file has its own key, so that all may count from zero. */
const counter = Buffer.alloc(16);

export class Spill {
  readonly #fd: number;
  readonly #holdings: Holdings;
  readonly #key: KeyObject;
  /** Written once, from beginning to end: a counter is never used twice. */
  readonly #cipher: Cipheriv;
  #size = 0;
  #users = 1;

  constructor(folder: string, holdings: Holdings) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const path = join(folder, randomUUID());
    this.#fd = openSync(path, 'wx+', 0o600);
    rmSync(path);
    this.#holdings = holdings;
    this.#key = createSecretKey(randomBytes(32));
    this.#cipher = createCipheriv(algorithm, this.#key, counter);
  }

  get size(): number {
    return this.#size;
  }

  /** @param bytes of the caller's no more: their memory is given back when they are written */
  append(bytes: Buffer, done: (error: Error | null) => void): void {
    const at = this.#size;
    this.#size += bytes.length;
    this.#holdings.disk += bytes.length;
    this.#users += 1;
    const sealed = this.#cipher.update(bytes);
    const end = (error: Error | null): void => {
      // Not before: whoever cut these bytes out of the stream is still at it.
      giveBack(bytes);
      giveBack(sealed);
      this.#leave();
      done(error);
    };
    const step = (from: number): void => {
      write(this.#fd, sealed, from, sealed.length - from, at + from, (error, written) => {
        if (error) end(error);
        else if (from + written < sealed.length) step(from + written);
        else end(null);
      });
    };
    step(0);
  }

  /**
   * From the beginning, as often as asked. Each piece holds until the next is asked for: they are longer than what a socket
   * takes without making its writer wait.
   */
  async *read(): AsyncIterable<Buffer> {
    this.#users += 1;
    try {
      const piece = Buffer.allocUnsafeSlow(Math.min(pieceBytes, this.#size));
      const decipher = createDecipheriv(algorithm, this.#key, counter);
      for (let at = 0; at < this.#size; ) {
        const wanted = Math.min(piece.length, this.#size - at);
        const got = await readAt(this.#fd, piece, wanted, at);
        at += got;
        const plain = decipher.update(got === piece.length ? piece : piece.subarray(0, got));
        yield plain;
        // Whole pieces are longer than what a socket takes at once: the next one is asked for when this one has gone. The
        // last may still be on its way.
        if (got === pieceBytes) giveBack(plain);
      }
    } finally {
      this.#leave();
    }
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

/** Rejects where the file is shorter than what was written. */
function readAt(fd: number, into: Buffer, length: number, position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    read(fd, into, 0, length, position, (error, got) => {
      if (error) reject(error);
      else if (got === 0) reject(new Error('a body on the disk has been cut short'));
      else resolve(got);
    });
  });
}

/** Of bytes that nobody else sees: at once, rather than when the collector comes round to it. */
function giveBack({ buffer, byteOffset, byteLength }: Buffer): void {
  if (byteOffset === 0 && byteLength === buffer.byteLength && byteLength > 16 * 1024)
    (buffer as ArrayBuffer).transfer(0);
}
