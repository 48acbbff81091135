/** Wildcard matching without regular expressions: `*` is any run of characters, `?` any one character. */

/** Stands for `?` inside a segment. A noncharacter: the policy parser refuses it, and `hasReserved` finds it in values. */
export const ANY = '\uffff';

/** A pattern cut at its stars: the text must hold the segments in this order; first and last are anchored. */
export interface Glob {
  readonly segments: readonly string[];
  /** Characters before the first wildcard. */
  readonly prefix: string;
  /** Without wildcards the pattern is one string to compare. */
  readonly literal: boolean;
}

/** True when inserting this text into a pattern would be mistaken for a wildcard. */
export function hasReserved(text: string): boolean {
  return text.includes(ANY);
}

/** Reads `*` and `?` as wildcards. The pattern must not hold `ANY` itself. */
export function glob(pattern: string): Glob {
  return fromSegments(pattern.replaceAll('?', ANY).split('*'));
}

/** Builds a glob from segments in which `ANY` already stands for `?`. Runs of stars collapse. */
export function fromSegments(parts: readonly string[]): Glob {
  const segments =
    parts.length < 3 ? parts : parts.filter((part, at) => at === 0 || at === parts.length - 1 || part !== '');
  const first = segments[0] ?? '';
  const any = first.indexOf(ANY);
  return {
    segments,
    prefix: any < 0 ? first : first.slice(0, any),
    literal: segments.length === 1 && any < 0,
  };
}

/** Whether the whole text matches. Never backtracks over stars: each segment takes its first place after the one before. */
export function matches(pattern: Glob, text: string): boolean {
  const segments = pattern.segments;
  const last = segments.length - 1;
  const first = segments[0]!;
  if (last === 0) return pattern.literal ? first === text : first.length === text.length && segmentAt(first, text, 0);
  const tail = segments[last]!;
  const end = text.length - tail.length;
  if (end < first.length || !segmentAt(first, text, 0) || !segmentAt(tail, text, end)) return false;
  let at = first.length;
  for (let index = 1; index < last; index++) {
    const segment = segments[index]!;
    const found = find(segment, text, at, end);
    if (found < 0) return false;
    at = found + segment.length;
  }
  return at <= end;
}

function segmentAt(segment: string, text: string, at: number): boolean {
  if (!segment.includes(ANY)) return text.startsWith(segment, at);
  for (let index = 0; index < segment.length; index++) {
    const wanted = segment.charCodeAt(index);
    if (wanted !== 0xffff && wanted !== text.charCodeAt(at + index)) return false;
  }
  return true;
}

/** First place of the segment in text[from, end), or -1. */
function find(segment: string, text: string, from: number, end: number): number {
  const stop = end - segment.length;
  if (from > stop) return -1;
  if (!segment.includes(ANY)) {
    const found = segment.length > LONG ? findLong(segment, text, from) : text.indexOf(segment, from);
    return found >= 0 && found <= stop ? found : -1;
  }
  for (let at = from; at <= stop; at++) if (segmentAt(segment, text, at)) return at;
  return -1;
}

/** Above this length `indexOf` may take a time that is the product of both lengths on texts made for it. */
const LONG = 32;

/** Knuth, Morris and Pratt: time is the sum of the lengths. */
function findLong(segment: string, text: string, from: number): number {
  const border = new Uint16Array(segment.length + 1);
  for (let index = 1, length = 0; index < segment.length; ) {
    if (segment.charCodeAt(index) === segment.charCodeAt(length)) border[++index] = ++length;
    else if (length > 0) length = border[length]!;
    else border[++index] = 0;
  }
  for (let at = from, length = 0; at < text.length; ) {
    if (text.charCodeAt(at) === segment.charCodeAt(length)) {
      at++;
      if (++length === segment.length) return at - length;
    } else if (length > 0) length = border[length]!;
    else at++;
  }
  return -1;
}
