/** The Range header of GET and HEAD: one range of bytes; anything else is ignored, as RFC 9110 allows and S3 does. */
import { invalidRange } from './errors.ts';

/** [start, end) in bytes. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * @returns undefined for the whole object
 * @throws AwsError InvalidRange if nothing of the object lies in the range
 */
export function byteRange(header: string | undefined, size: number): ByteRange | undefined {
  const bounds = header === undefined ? undefined : parse(header);
  if (!bounds || header === undefined) return undefined;
  const { first, last } = bounds;
  if (first === undefined) {
    if (last === 0 || size === 0) throw invalidRange(header, size);
    return { start: Math.max(size - last!, 0), end: size };
  }
  if (last !== undefined && last < first) return undefined;
  if (first >= size) throw invalidRange(header, size);
  return { start: first, end: Math.min(last ?? size - 1, size - 1) + 1 };
}

/** `bytes 0-9/100` */
export function contentRange(range: ByteRange, size: number): string {
  return `bytes ${range.start}-${range.end - 1}/${size}`;
}

function parse(header: string): { first: number | undefined; last: number | undefined } | undefined {
  const [unit, value, ...more] = header.split('=');
  if (unit?.trim().toLowerCase() !== 'bytes' || value === undefined || more.length > 0) return undefined;
  const [first, last, ...rest] = value.trim().split('-');
  if (first === undefined || last === undefined || rest.length > 0 || (first === '' && last === '')) return undefined;
  const numbers = { first: toPosition(first), last: toPosition(last) };
  return Number.isNaN(numbers.first) || Number.isNaN(numbers.last) ? undefined : numbers;
}

/** Undefined for '', NaN for what is no position. */
function toPosition(text: string): number | undefined {
  if (text === '') return undefined;
  for (const character of text) if (character < '0' || character > '9') return Number.NaN;
  // Longer numbers lie beyond every object anyway.
  return text.length > 15 ? Number.MAX_SAFE_INTEGER : Number(text);
}
