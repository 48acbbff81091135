/** Opens the beginning of compressed bodies for inspection: what is sent on stays as it came. */
import type { Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';

export interface Inflated {
  readonly start: Buffer;
  /** Whether `start` is all of it. */
  readonly isWhole: boolean;
}

const openers: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
  zstd: createZstdDecompress,
};

/** Codings over codings: more is nothing that a browser sends. */
const mostCodings = 2;

/** The codings of a Content-Encoding header in the order of their undoing; undefined where one is not known, or none is. */
export function codingsOf(header: string | undefined): readonly string[] | undefined {
  if (header === undefined) return undefined;
  const all = header
    .toLowerCase()
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '' && one !== 'identity')
    .reverse();
  return all.length > 0 && all.length <= mostCodings && all.every((one) => Object.hasOwn(openers, one))
    ? all
    : undefined;
}

/** @returns at most `limit` bytes; undefined for what is not coded as it says: its reader may take it as it is */
export async function inflateStart(
  bytes: Buffer,
  codings: readonly string[],
  limit: number,
): Promise<Inflated | undefined> {
  let inflated: Inflated = { start: bytes, isWhole: true };
  for (const coding of codings) {
    const opened = await open((openers[coding] as () => Transform)(), inflated.start, limit);
    if (!opened) return undefined;
    inflated = { start: opened.start, isWhole: opened.isWhole && inflated.isWhole };
  }
  return inflated;
}

function open(opener: Transform, bytes: Buffer, limit: number): Promise<Inflated | undefined> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const end = (isWhole: boolean): void => {
      opener.destroy();
      resolve(size === 0 && !isWhole ? undefined : { start: Buffer.concat(chunks).subarray(0, limit), isWhole });
    };
    opener.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size > limit) end(false);
    });
    opener.once('end', () => end(true));
    // Cut off, or followed by something else: what came before it counts.
    opener.once('error', () => end(false));
    opener.end(bytes);
  });
}
