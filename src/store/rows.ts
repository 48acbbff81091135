/** Rows of the SQLite engine: sealed in the database, decoded in the cache. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Write } from './change.ts';
import { ChangeLog } from './change-log.ts';
import { asStoreError } from './database.ts';
import { afterPrefix, checkAddress, compareIds } from './order.ts';
import { encodeRow } from './row-body.ts';
import { RowCache } from './row-cache.ts';
import { type KeyTree, Seal } from './seal.ts';
import type { Found, Scanned, State } from './state.ts';
import type { ChangeLogRow, Range, Row } from './store.ts';

/** Greater than every text: SQLite orders all text before all blobs. */
const NO_UPPER_BOUND = new Uint8Array();

/** The least id that is greater than this one, in byte order. */
const justAfter = (id: string) => `${id}\0`;

function later(a: string, b: string): string {
  return compareIds(a, b) > 0 ? a : b;
}

/** Bounds of a range: from `lower` up to but without `upper`. */
function boundsOf({ prefix = '', after, from, reverse }: Range): { lower: string; upper: string | Uint8Array } {
  const uppers = [afterPrefix(prefix)];
  let lower = prefix;
  if (reverse) {
    uppers.push(after, from === undefined ? undefined : justAfter(from));
  } else {
    if (after !== undefined) lower = later(lower, justAfter(after));
    if (from !== undefined) lower = later(lower, from);
  }
  let upper: string | undefined;
  for (const bound of uppers) {
    if (bound !== undefined && (upper === undefined || compareIds(bound, upper) < 0)) upper = bound;
  }
  return { lower, upper: upper ?? NO_UPPER_BOUND };
}

export class Rows implements State {
  readonly #seal: Seal;
  readonly #cache: RowCache;
  readonly #select: StatementSync;
  readonly #ascending: StatementSync;
  readonly #descending: StatementSync;
  readonly #replace: StatementSync;
  readonly #delete: StatementSync;
  readonly #log: ChangeLog;
  #newest: number;

  constructor(options: {
    database: DatabaseSync;
    keys: KeyTree;
    clock: () => number;
    cacheBytes: number;
    freezes: boolean;
    /** The version of the newest write, for when the change log no longer knows it. */
    newest: number;
  }) {
    const { database } = options;
    this.#seal = new Seal('row', options.keys);
    this.#select = database.prepare('SELECT version, body FROM row WHERE tbl = ? AND partition = ? AND id = ?');
    const scan = (order: string) =>
      database.prepare(
        `SELECT id, version, body FROM row WHERE tbl = ? AND partition = ? AND id >= ? AND id < ? ORDER BY id ${order} LIMIT ?`,
      );
    this.#ascending = scan('ASC');
    this.#descending = scan('DESC');
    this.#replace = database.prepare(
      `INSERT INTO row (tbl, partition, id, version, body) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (tbl, partition, id) DO UPDATE SET version = excluded.version, body = excluded.body`,
    );
    this.#delete = database.prepare('DELETE FROM row WHERE tbl = ? AND partition = ? AND id = ?');
    this.#log = new ChangeLog(database, options.clock, options.newest);
    this.#newest = Math.max(options.newest, this.#log.last);
    this.#cache = new RowCache({ bytes: options.cacheBytes, freezes: options.freezes, newest: this.#newest });
  }

  get newest(): number {
    return this.#newest;
  }

  find(table: string, partition: string, id: string): Found {
    return this.#cache.find(table, partition, id) ?? this.#read(table, partition, id);
  }

  #read(table: string, partition: string, id: string): Found {
    checkAddress(table, partition, id);
    try {
      const row = this.#select.get(table, partition, id);
      if (!row) return this.#cache.remember(table, partition, id, 0, undefined);
      return this.#remember(table, partition, id, row.version as number, row.body);
    } catch (error) {
      throw asStoreError(error);
    }
  }

  #remember(table: string, partition: string, id: string, version: number, body: unknown): Found {
    const row = this.#seal.open(`row\0${table}\0${partition}\0${id}\0${version}`, body);
    return this.#cache.remember(table, partition, id, version, row);
  }

  scan(table: string, partition: string, range: Range): Scanned {
    const { prefix = '', after = '', from = '', limit = -1, reverse = false } = range;
    // Which of after and from were given matters too.
    const given = (range.after === undefined ? 0 : 1) + (range.from === undefined ? 0 : 2);
    const key = `${limit}${reverse ? 'r' : 'f'}${given}\0${prefix}\0${after}\0${from}`;
    const cached = this.#cache.listing(table, partition, key);
    if (cached) return cached;
    const { lower, upper } = boundsOf(range);
    const rows: Row<unknown>[] = [];
    const versions: number[] = [];
    let bytes = 0;
    try {
      const statement = reverse ? this.#descending : this.#ascending;
      for (const row of statement.all(table, partition, lower, upper, limit)) {
        const id = row.id as string;
        const version = row.version as number;
        bytes += (row.body as Uint8Array).length;
        const known = this.#cache.find(table, partition, id);
        const found =
          known && known.version === version ? known : this.#remember(table, partition, id, version, row.body);
        rows.push({ id, value: found.value });
        versions.push(version);
      }
    } catch (error) {
      throw asStoreError(error);
    }
    const scanned = { rows, versions };
    this.#cache.rememberListing(table, partition, key, scanned, bytes);
    return scanned;
  }

  changedSince(table: string, partition: string, version: number): boolean {
    return this.#cache.newestOf(table, partition) > version;
  }

  /** Writes inside the caller's transaction, which ends with `writeLog`. */
  write({ table, partition, id, text, bytes }: Write): void {
    const version = ++this.#newest;
    const row = text === undefined ? undefined : encodeRow(text, bytes);
    if (row === undefined) this.#delete.run(table, partition, id);
    else {
      const body = this.#seal.seal(`row\0${table}\0${partition}\0${id}\0${version}`, row);
      this.#replace.run(table, partition, id, version, body);
    }
    this.#log.note(table, partition, id, text === undefined ? 'delete' : 'put');
    this.#cache.wrote(table, partition, id, version, row);
  }

  writeLog(): void {
    this.#log.write(this.#newest);
  }

  /** Forgets writes whose transaction failed. */
  unwrite(writes: Iterable<Write>): void {
    this.#log.forget();
    for (const { table, partition, id } of writes) this.#cache.unwrote(table, partition, id, this.#newest);
  }

  get isLogLong(): boolean {
    return this.#log.isLong(this.#newest);
  }

  /** Trims the change log inside the caller's transaction. */
  trimLog(): void {
    this.#log.trim(this.#newest);
  }

  changes(after: number, limit: number): readonly ChangeLogRow[] {
    return this.#log.after(after, limit);
  }

  /** After all rows were deleted: whoever has read any is late. */
  forgetAll(): void {
    this.#cache.clear(++this.#newest);
  }
}
