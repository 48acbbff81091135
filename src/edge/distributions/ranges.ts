/** Parts of answers that lie whole in the cache (RFC 9110, 14): one range, or the whole. */
import type { CachedAnswer } from './cache.ts';

interface Part {
  readonly status: number;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly body: Buffer;
}

const wholly = /^bytes=(?:(\d{1,15})-(\d{0,15})|-(\d{1,15}))$/;

/**
 * @param range the header of that name; what is none, or more than one, means the whole
 * @param condition `If-Range`: whose part is wanted, or all of another
 */
export function partOf(found: CachedAnswer, range: string | undefined, condition: string | undefined): Part {
  const { status, headers, body, etag } = found;
  const whole = { status, headers, body };
  if (range === undefined || status !== 200 || (condition !== undefined && condition !== etag)) return whole;
  const match = wholly.exec(range);
  if (!match) return whole;
  const [, first = '', last = '', suffix = ''] = match;
  const size = body.length;
  const from = first === '' ? Math.max(0, size - Number(suffix)) : Number(first);
  const to = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (first !== '' && last !== '' && Number(last) < Number(first)) return whole;
  if (from >= size || Number(suffix || 1) === 0) {
    return { status: 416, headers: ['content-range', `bytes */${size}`], body: Buffer.alloc(0) };
  }
  return {
    status: 206,
    headers: [...headers, 'content-range', `bytes ${from}-${to}/${size}`],
    body: body.subarray(from, to + 1),
  };
}
