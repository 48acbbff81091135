/** Looks for a secret in every form that a leak might have: in bytes, in files, and in the memory of a process. */
import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Raw, hex, and base64 (both alphabets) wherever in a longer text it may begin; JWK members are base64url. */
export function formsOf(secret: Uint8Array): Buffer[] {
  const raw = Buffer.from(secret);
  const forms = [raw, Buffer.from(raw.toString('hex')), Buffer.from(raw.toString('hex').toUpperCase())];
  for (const before of [0, 1, 2]) {
    const shifted = Buffer.concat([Buffer.alloc(before), raw]);
    // Characters that hold bits of neighbours differ from place to place.
    const from = Math.ceil((before * 8) / 6);
    const to = Math.floor((shifted.length * 8) / 6);
    for (const encoding of ['base64', 'base64url'] as const) {
      forms.push(Buffer.from(shifted.toString(encoding).slice(from, to)));
    }
  }
  const unique = new Map(forms.map((form) => [form.toString('latin1'), form]));
  return [...unique.values()];
}

export function isIn(bytes: Buffer, forms: readonly Buffer[]): boolean {
  return forms.some((form) => bytes.includes(form) || bytes.includes(utf16(form)));
}

/** Strings that hold other characters too are kept with two bytes each. */
function utf16(form: Buffer): Buffer {
  return Buffer.from(form.toString('latin1'), 'utf16le');
}

/** Paths of the files under a folder that hold the secret, and how many were looked at. */
export function filesWith(folder: string, forms: readonly Buffer[]): { found: string[]; seen: number } {
  const found: string[] = [];
  let seen = 0;
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const path = join(folder, name);
    // What is written beside may be gone again.
    if (!statSync(path, { throwIfNoEntry: false })?.isFile()) continue;
    seen += 1;
    if (isIn(readFileSync(path), forms)) found.push(path);
  }
  return { found, seen };
}

const chunkSize = 8 * 1024 * 1024;

/**
 * Places in the writable memory of a process that hold the secret (Linux, same user).
 * @returns `seen`: bytes looked at
 */
export function memoryWith(pid: number, forms: readonly Buffer[]): { found: string[]; seen: number } {
  const found: string[] = [];
  let seen = 0;
  const overlap = Math.max(...forms.map((form) => form.length)) * 2;
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  const chunk = Buffer.alloc(chunkSize + overlap);
  try {
    for (const line of readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n')) {
      const [, start = '', end = ''] = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line) ?? [];
      const last = Number.parseInt(end, 16);
      for (let at = Number.parseInt(start, 16); at < last; at += chunkSize) {
        const size = readAt(memory, chunk, at, Math.min(chunk.length, last - at));
        seen += size;
        if (isIn(chunk.subarray(0, size), forms)) found.push(`${at.toString(16)}: ${line}`);
      }
    }
  } finally {
    closeSync(memory);
    chunk.fill(0);
  }
  return { found, seen };
}

/** Regions may vanish between the map and the reading. */
function readAt(file: number, into: Buffer, at: number, size: number): number {
  try {
    return readSync(file, into, 0, size, at);
  } catch {
    return 0;
  }
}
