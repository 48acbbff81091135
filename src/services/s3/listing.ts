/** Listing keys in order, rolling up common prefixes by seeking past them: never reads what it will not show. */
import { beyondPrefix } from './keys.ts';

/** A row in listing order; `id` orders rows and begins with the key. */
export interface Listed<T> {
  readonly id: string;
  readonly key: string;
  readonly value: T;
}

/** Where a listing goes on: greater than, or from, a row id. */
export interface Position {
  readonly after?: string;
  readonly from?: string;
}

/** Rows in order from a position on, at most `limit`; fewer only at the end. */
export type Source<T> = (position: Position, limit: number) => Promise<readonly Listed<T>[]>;

export type Entry<T> = { readonly row: Listed<T> } | { readonly commonPrefix: string };

export interface Page<T> {
  readonly entries: readonly Entry<T>[];
  /** Set when more follows. */
  readonly next?: Position;
}

export interface PageQuery {
  readonly prefix: string;
  readonly delimiter?: string | undefined;
  readonly start: Position;
  /** Entries: rows and common prefixes together. */
  readonly limit: number;
  /** A marker of an earlier page: the common prefix that it lies in was shown there. */
  readonly marker?: string | undefined;
}

/** How many rows are read at a time while prefixes are being rolled up. */
const firstBatch = 16;
const largestBatch = 1001;

export async function page<T>(source: Source<T>, query: PageQuery): Promise<Page<T>> {
  const { prefix, delimiter, limit, marker } = query;
  if (limit === 0) return { entries: [] };
  const entries: Entry<T>[] = [];
  let position = query.start;
  let batch = delimiter ? firstBatch : Math.min(limit + 1, largestBatch);
  for (;;) {
    const rows = await source(position, batch);
    let rolled: string | undefined;
    for (const row of rows) {
      if (rolled !== undefined && row.key.startsWith(rolled)) continue;
      rolled = commonPrefixOf(row.key, prefix, delimiter);
      if (rolled === undefined) {
        if (entries.length === limit) return { entries, next: position };
        entries.push({ row });
        position = { after: row.id };
      } else if (marker === undefined || !marker.startsWith(rolled)) {
        if (entries.length === limit) return { entries, next: position };
        entries.push({ commonPrefix: rolled });
        const beyond = beyondPrefix(rolled);
        if (beyond === undefined) return { entries };
        position = { from: beyond };
      }
    }
    if (rows.length < batch) return { entries };
    if (rolled !== undefined) {
      const beyond = beyondPrefix(rolled);
      if (beyond === undefined) return { entries };
      position = { from: beyond };
      batch = firstBatch;
    } else {
      position = { after: rows.at(-1)!.id };
      batch = Math.min(batch * 4, largestBatch);
    }
  }
}

/** The part of the key up to the first delimiter after the prefix. */
function commonPrefixOf(key: string, prefix: string, delimiter: string | undefined): string | undefined {
  if (!delimiter) return undefined;
  const at = key.indexOf(delimiter, prefix.length);
  return at < 0 ? undefined : key.slice(0, at + delimiter.length);
}
