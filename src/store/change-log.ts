/** The log of written rows for followers of the store: the writes of one group commit share one row of the database. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { ChangeLogRow } from './store.ts';

/** Writes that are kept. */
const KEPT = 100_000;
/** Writes between two trimmings. */
const TRIM_EVERY = 4096;

type Op = ChangeLogRow['op'];

export class ChangeLog {
  readonly #clock: () => number;
  readonly #insert: StatementSync;
  readonly #select: StatementSync;
  readonly #delete: StatementSync;
  /** Table, partition, id and op of each write of this transaction, one after the other. */
  #lines: string[] = [];
  #trimmedAt: number;
  /** The sequence of the last write that is logged, 0 for none. */
  readonly last: number;

  /** @param newest the sequence of the newest write, for when the log no longer knows it */
  constructor(database: DatabaseSync, clock: () => number, newest: number) {
    this.#clock = clock;
    this.#insert = database.prepare('INSERT INTO change_group (last, time, lines) VALUES (?, ?, ?)');
    this.#select = database.prepare('SELECT last, time, lines FROM change_group WHERE last > ? ORDER BY last LIMIT ?');
    this.#delete = database.prepare('DELETE FROM change_group WHERE last <= ?');
    this.last = Number(database.prepare('SELECT max(last) AS last FROM change_group').get()?.last ?? 0);
    this.#trimmedAt = Math.max(this.last, newest);
  }

  note(table: string, partition: string, id: string, op: Op): void {
    this.#lines.push(table, partition, id, op);
  }

  /** Writes what was noted, inside the caller's transaction. @param last the sequence of the last of these writes */
  write(last: number): void {
    if (this.#lines.length === 0) return;
    this.#insert.run(last, this.#clock(), JSON.stringify(this.#lines));
    this.#lines = [];
  }

  /** Forgets what a transaction noted that failed. */
  forget(): void {
    this.#lines = [];
  }

  isLong(newest: number): boolean {
    return newest - this.#trimmedAt >= TRIM_EVERY;
  }

  /** Trims inside the caller's transaction. */
  trim(newest: number): void {
    this.#delete.run(newest - KEPT);
    this.#trimmedAt = newest;
  }

  after(sequence: number, limit: number): readonly ChangeLogRow[] {
    const rows: ChangeLogRow[] = [];
    for (const group of this.#select.all(sequence, limit)) {
      const lines = JSON.parse(group.lines as string) as string[];
      const first = (group.last as number) - lines.length / 4 + 1;
      for (let at = 0; at < lines.length && rows.length < limit; at += 4) {
        const number = first + at / 4;
        if (number <= sequence) continue;
        const [table = '', partition = '', id = ''] = lines.slice(at, at + 3);
        rows.push({ sequence: number, time: group.time as number, table, partition, id, op: lines[at + 3] as Op });
      }
      if (rows.length >= limit) break;
    }
    return rows;
  }
}
