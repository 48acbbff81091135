/** The order of ids: ascending UTF-8 bytes, which is what SQLite compares and AWS lists by (JavaScript compares UTF-16). */
import type { Range } from './store.ts';

/** Longest table name, partition or id, in UTF-16 units: twice an S3 key with its version. */
const LONGEST_ID = 4096;

/** Negative, zero or positive, as a's UTF-8 bytes stand before, at or after b's. */
export function compareIds(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  for (let index = 0; index < shorter; index++) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left !== right) return rank(left) - rank(right);
  }
  return a.length - b.length;
}

/** Surrogates stand for code points above U+FFFF, so they sort after every other unit. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

/** Whether an id lies within the bounds of a range, its limit apart. */
export function inRange(id: string, range: Range): boolean {
  if (range.prefix !== undefined && !id.startsWith(range.prefix)) return false;
  const sign = range.reverse ? -1 : 1;
  if (range.after !== undefined && sign * compareIds(id, range.after) <= 0) return false;
  return range.from === undefined || sign * compareIds(id, range.from) >= 0;
}

/** The least string that is greater than every string with this prefix; undefined when there is none. */
export function afterPrefix(prefix: string): string | undefined {
  const points = Array.from(prefix);
  while (points.length > 0) {
    const last = points.pop()!.codePointAt(0)!;
    if (last === 0x10ffff) continue;
    return points.join('') + String.fromCodePoint(last === 0xd7ff ? 0xe000 : last + 1);
  }
  return undefined;
}

/** Refuses what SQLite would store under another name (lone surrogates) or at any length. */
export function checkAddress(table: string, partition: string, id: string): void {
  if (table.length === 0) throw new TypeError('a table needs a name');
  if (table.length + partition.length + id.length > LONGEST_ID) throw new RangeError('a row address is too long');
  if (!id.isWellFormed() || !partition.isWellFormed()) throw new TypeError('a row address must be well-formed Unicode');
}
