/** The order and the cursors of entries: time, then the number in which the store took them. */
import type { EntryQuery } from './store.ts';

export interface Position {
  /** Epoch milliseconds. */
  readonly time: number;
  /** Counts every entry of the store, from 1. */
  readonly number: number;
}

/** Newest first. */
export function newestFirst(a: Position, b: Position): number {
  return b.time - a.time || b.number - a.number;
}

function encodeCursor({ time, number }: Position): string {
  return `${time.toString(36)}.${number.toString(36)}`;
}

/** Throws a RangeError for anything that `encodeCursor` did not make. */
function decodeCursor(cursor: string): Position {
  const [time = -1, number = -1] = cursor.split('.').map((part) => Number.parseInt(part, 36));
  // The round trip refuses every other spelling.
  if (!(time >= 0 && number >= 0) || encodeCursor({ time, number }) !== cursor) {
    throw new RangeError('not a cursor of this store');
  }
  return { time, number };
}

/** The part of a query that positions alone decide. */
export interface Window {
  /** Inclusive. */
  readonly from: number;
  readonly to: number;
  readonly limit: number;
  readonly isForward: boolean;
  /** Exclusive: only what lies beyond it in the direction of the query. */
  readonly cursor: Position | undefined;
}

export function windowOf(query: EntryQuery): Window {
  if (!Number.isSafeInteger(query.limit) || query.limit < 1) throw new RangeError('the limit of a query is at least 1');
  return {
    from: query.from ?? 0,
    to: query.to ?? Number.MAX_SAFE_INTEGER,
    limit: query.limit,
    isForward: query.forward === true,
    cursor: query.cursor === undefined ? undefined : decodeCursor(query.cursor),
  };
}

export function inWindow(window: Window, position: Position): boolean {
  if (position.time < window.from || position.time > window.to) return false;
  if (window.cursor === undefined) return true;
  return window.isForward ? position.number > window.cursor.number : newestFirst(position, window.cursor) > 0;
}

/**
 * Sorts what a query matched, cuts it at the limit and gives the cursor for more. Following a stream goes by number, so
 * that an entry which was committed later with an earlier time is not passed over.
 *
 * @param newest the number of the store's newest entry: who follows a quiet partition goes on from there, not from the
 *   beginning again
 */
export function page<T extends Position>(
  window: Window,
  matches: T[],
  newest: number,
): { rows: T[]; cursor: string | undefined } {
  matches.sort(window.isForward ? (a, b) => a.number - b.number : newestFirst);
  const rows = matches.slice(0, window.limit);
  const last = rows.at(-1);
  if (window.isForward) {
    const isAtEnd = rows.length < window.limit && window.to === Number.MAX_SAFE_INTEGER;
    const number = isAtEnd ? Math.max(newest, window.cursor?.number ?? 0) : (last ?? window.cursor)?.number;
    const reached = { time: (last ?? window.cursor)?.time ?? 0, number: number ?? 0 };
    return { rows, cursor: encodeCursor(reached) };
  }
  return { rows, cursor: matches.length > rows.length && last ? encodeCursor(last) : undefined };
}
