/** Object keys: their limits, and their order (that of their UTF-8 bytes, which is that of their code points). */
import { invalidUri, keyTooLong } from './errors.ts';

/** Bytes of UTF-8: "Naming Amazon S3 objects" in the S3 User Guide. */
const keyLimit = 1024;

/** Throws KeyTooLongError, or InvalidURI for what no listing could name again. */
export function requireKey(key: string): void {
  const size = Buffer.byteLength(key);
  if (size > keyLimit) throw keyTooLong(size, keyLimit);
  // NUL separates keys from versions in row ids; unpaired surrogates are not UTF-8.
  if (key === '' || key.includes('\0') || !key.isWellFormed()) throw invalidUri(encodeURIComponent(key.toWellFormed()));
}

/** The least string that is greater than every string with this prefix; undefined if there is none. */
export function beyondPrefix(prefix: string): string | undefined {
  const points = Array.from(prefix, (character) => character.codePointAt(0)!);
  while (points.length > 0) {
    const last = points.pop()!;
    if (last === 0x10ffff) continue;
    // Surrogates are no code points of their own.
    points.push(last === 0xd7ff ? 0xe000 : last + 1);
    return String.fromCodePoint(...points);
  }
  return undefined;
}

/** Percent-encoding for `encoding-type=url`: like S3's, but for spaces, which every client decodes from `%20`. */
export function encodeKey(key: string): string {
  return encodeURIComponent(key).replaceAll('%2F', '/');
}
