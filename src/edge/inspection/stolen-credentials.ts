/**
 * The operator's file of stolen credentials: on each line the SHA-256 of a user name, a zero byte and a password, in
 * hexadecimal, in order. It is never read as a whole, but halved until the line is found or is not there.
 */
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

const digits = 64;
const lineBytes = digits + 1;
const lineShape = /^[0-9a-f]{64}\n$/;
/** Sixty million lines. */
const mostBytes = 4 * 1024 * 1024 * 1024;

export class StolenCredentials {
  #file: string | undefined;
  #version: string | undefined;
  #descriptor: number | undefined;
  #lines = 0;

  /**
   * @param version another where a file of the same name is another
   * @throws the system's error for a file that cannot be opened: what was used until then is used still
   */
  use(file: string | undefined, version?: string): void {
    if (file === this.#file && version === this.#version) return;
    const before = this.#descriptor;
    // Opened first: of a descriptor that is closed and kept, another file would be read, or closed.
    const descriptor = file === undefined ? undefined : openSync(file, 'r');
    this.#lines = descriptor === undefined ? 0 : Math.floor(fstatSync(descriptor).size / lineBytes);
    this.#descriptor = descriptor;
    this.#file = file;
    this.#version = version;
    if (before !== undefined) closeSync(before);
  }

  has(userName: string, password: string): boolean {
    if (this.#descriptor === undefined) return false;
    const wanted = createHash('sha256').update(`${userName}\0${password}`).digest('hex');
    const line = Buffer.alloc(digits);
    let [low, high] = [0, this.#lines];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      readSync(this.#descriptor, line, 0, digits, middle * lineBytes);
      const found = line.toString('latin1');
      if (found === wanted) return true;
      if (found < wanted) low = middle + 1;
      else high = middle;
    }
    return false;
  }
}

/** Reads all of it once: in a file that is out of order nothing would be found. @throws Error that names the line */
export function checkStolenCredentials(file: string): void {
  const descriptor = openSync(file, 'r');
  try {
    const { size } = fstatSync(descriptor);
    if (size > mostBytes) throw new Error(`${file} has over ${mostBytes} bytes.`);
    const chunk = Buffer.alloc(lineBytes * 16_384);
    let before = '';
    for (let at = 0; at < size; ) {
      const read = readSync(descriptor, chunk, 0, chunk.length, at);
      for (let from = 0; from < read; from += lineBytes) {
        const line = chunk.toString('latin1', from, Math.min(from + lineBytes, read));
        const number = (at + from) / lineBytes + 1;
        if (!lineShape.test(line)) throw new Error(`line ${number} of ${file} is not 64 digits from 0 to f.`);
        if (line <= before) throw new Error(`line ${number} of ${file} is not in order: sort -u it.`);
        before = line;
      }
      at += read;
      if (read === 0) break;
    }
  } finally {
    closeSync(descriptor);
  }
}
