/** Group commit: changes that arrive in one turn of the event loop share one transaction and one sync of the disk. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Anchor } from './anchor.ts';
import type { SqliteBlobs } from './blobs.ts';
import { PendingChange } from './change.ts';
import type { Checkpointer } from './checkpointer.ts';
import { asStoreError, isDatabaseError, isFull } from './database.ts';
import type { Appended, Journal } from './journal.ts';
import { Listeners } from './listeners.ts';
import type { Lock } from './lock.ts';
import type { Meta } from './meta.ts';
import type { Reserve } from './reserve.ts';
import type { Rows } from './rows.ts';
import {
  type Change,
  type ChangedRow,
  type ChangeLogRow,
  ConflictError,
  type Entry,
  type EntryPage,
  type EntryQuery,
  FullError,
  type Range,
  type Row,
  type Store,
  type Table,
} from './store.ts';

/** Most changes in one transaction, so that the loop gets its turn. */
const LARGEST_GROUP = 512;

/** When the disk is full, at most so many times so many pages are given back at once: 16 MiB. */
const VACUUM_STEPS = 64;
const VACUUM_PAGES = 64;

interface Waiter {
  readonly change: PendingChange;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

interface Parts {
  readonly database: DatabaseSync;
  readonly checkpointer: Checkpointer;
  readonly rows: Rows;
  readonly journal: Journal;
  readonly blobs: SqliteBlobs;
  readonly meta: Meta;
  readonly reserve: Reserve;
  readonly anchor: Anchor;
  readonly lock: Lock;
}

export class SqliteStore implements Store {
  readonly #parts: Parts;
  readonly #rows: Rows;
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #rollback: StatementSync;
  readonly #listeners = new Listeners();
  #queue: Waiter[] = [];
  #isScheduled = false;
  #isClosed = false;
  #isFull = false;
  /** After a failed write nobody knows what the disk holds: only a restart may write again. */
  #failure: unknown;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#rows = parts.rows;
    this.#begin = parts.database.prepare('BEGIN IMMEDIATE');
    this.#commit = parts.database.prepare('COMMIT');
    this.#rollback = parts.database.prepare('ROLLBACK');
    this.#isFull = !parts.reserve.take();
    parts.blobs.whenFull(() => this.#giveBack());
  }

  get blobs(): SqliteBlobs {
    return this.#parts.blobs;
  }

  get<T>(table: Table<T>, partition: string, id: string): Promise<T | undefined> {
    try {
      return Promise.resolve(this.#rows.find(table.name, partition, id).value as T | undefined);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  async list<T>(table: Table<T>, partition: string, range: Range = {}): Promise<readonly Row<T>[]> {
    return this.#rows.scan(table.name, partition, range).rows as readonly Row<T>[];
  }

  begin(): Change {
    return new PendingChange(this.#rows);
  }

  commit(change: Change): Promise<void> {
    return new Promise((resolve, reject) => {
      if (!(change instanceof PendingChange)) throw new TypeError('this change was not begun by a store');
      if (this.#isClosed) throw new TypeError('the store is closed');
      change.spend();
      this.#queue.push({ change, resolve, reject });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#flush();
      if (this.#queue.length > 0) this.#schedule();
      else this.#tidy();
    });
  }

  #flush(): void {
    const group = this.#queue.splice(0, LARGEST_GROUP);
    if (group.length === 0) return;
    if (this.#isFull) this.#recoverRoom();
    if (this.#isFull) {
      this.#flushWhenFull(group);
      return;
    }
    try {
      this.#transact(group);
    } catch (error) {
      if (isFull(error)) this.#flushAgain(group);
      else for (const { reject } of group) reject(asStoreError(error));
    }
  }

  /** The disk is full: perhaps only of what SQLite can give back. */
  #flushAgain(group: readonly Waiter[]): void {
    this.#parts.reserve.release();
    this.#isFull = true;
    this.#recoverRoom();
    try {
      if (!this.#isFull) {
        this.#transact(group);
        return;
      }
    } catch (error) {
      if (!isFull(error)) {
        for (const { reject } of group) reject(asStoreError(error));
        return;
      }
      this.#parts.reserve.release();
      this.#isFull = true;
    }
    this.#flushWhenFull(group);
  }

  /** Commits what needs no room, each by itself, and refuses the rest. */
  #flushWhenFull(group: readonly Waiter[]): void {
    const refusal = 'the disk is full: delete something, or give the data folder more room';
    for (const waiter of group) {
      const { change, reject } = waiter;
      // Records of reads use up what deletes need, so they stop earlier.
      const mayGo = change.onlyFrees && (!change.onlyAppends || this.#parts.reserve.hasSlack);
      if (!mayGo) {
        reject(new FullError(refusal));
        continue;
      }
      try {
        this.#transact([waiter]);
      } catch (error) {
        reject(isFull(error) ? new FullError(refusal) : asStoreError(error));
      }
    }
  }

  /** Runs one transaction and answers its changes; throws, with nothing written and nobody answered, if it fails. */
  #transact(group: readonly Waiter[]): void {
    if (this.#failure !== undefined) {
      throw new Error('the disk failed an earlier write: restart Bailey', { cause: this.#failure });
    }
    const { blobs, journal, anchor } = this.#parts;
    const taken: Waiter[] = [];
    const refused: { waiter: Waiter; error: unknown }[] = [];
    const entries: Entry[] = [];
    let appended: Appended | undefined;
    let forgotten: readonly string[] = [];
    try {
      this.#begin.run();
      for (const waiter of group) {
        const { change } = waiter;
        try {
          change.validate();
          for (const blob of change.adopted) {
            if (!blobs.isWaiting(blob)) throw new ConflictError(`blob ${blob.id} is no longer there to adopt`);
          }
        } catch (error) {
          if (isDatabaseError(error)) throw error;
          refused.push({ waiter, error });
          continue;
        }
        taken.push(waiter);
        for (const write of change.writes) this.#rows.write(write);
        blobs.apply(change.adopted, change.discarded);
        for (const entry of change.entries) entries.push(entry);
      }
      this.#rows.writeLog();
      if (entries.length > 0) appended = journal.append(entries);
      forgotten = blobs.applyRemoved();
      this.#commit.run();
    } catch (error) {
      this.#undo(taken, error);
      throw error;
    }
    if (appended) journal.keep(appended);
    blobs.settleRemoved(forgotten);
    this.#settle(taken);
    for (const { waiter, error } of refused) waiter.reject(error);
    anchor.reached(this.#position);
    this.#parts.checkpointer.committed();
  }

  #undo(taken: readonly Waiter[], error: unknown): void {
    try {
      if (this.#parts.database.isTransaction) this.#rollback.run();
    } catch (failure) {
      this.#failure = failure;
    }
    if (isDatabaseError(error) && !isFull(error)) this.#failure ??= error;
    this.#rows.unwrite(taken.flatMap(({ change }) => change.writes));
  }

  #settle(taken: readonly Waiter[]): void {
    const changed: ChangedRow[] = [];
    for (const { change } of taken) {
      this.#parts.blobs.settle(change.adopted, change.discarded);
      for (const { table, partition, id } of change.writes) changed.push({ table, partition, id });
    }
    if (changed.length > 0) this.#listeners.tell(changed);
    for (const { resolve } of taken) resolve();
  }

  /** Grows with every commit. */
  get #position(): number {
    return this.#rows.newest + this.#parts.journal.next;
  }

  /** Work that may wait until nobody does: the index of entries and the length of the change log. */
  #tidy(): void {
    const { journal } = this.#parts;
    if (this.#isClosed || this.#isFull || !(journal.isTailFull || this.#rows.isLogLong)) return;
    try {
      this.#ownTransaction(() => {
        const run = journal.isTailFull ? journal.writeRun() : undefined;
        if (this.#rows.isLogLong) this.#rows.trimLog();
        return () => {
          if (run) journal.keepRun(run);
        };
      });
    } catch {
      // Nobody waits for this, and the next commit tells what is wrong with the disk.
    }
  }

  /** Gives freed pages back to the file system, and takes the reserve again if there is room. */
  #recoverRoom(): void {
    const { reserve } = this.#parts;
    if (!reserve.take()) this.#giveBack();
    this.#isFull = !reserve.take();
  }

  /** In small steps, since giving pages back takes some room in the log first. */
  #giveBack(): void {
    const { database } = this.#parts;
    try {
      database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      for (let step = 0; step < VACUUM_STEPS; step++) {
        const { freelist_count: free } = database.prepare('PRAGMA freelist_count').get() as { freelist_count: number };
        if (free === 0) return;
        database.exec(`PRAGMA incremental_vacuum(${VACUUM_PAGES})`);
        database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      }
    } catch {
      // Still full: the next attempt may find more.
    }
  }

  async query(query: EntryQuery): Promise<EntryPage> {
    try {
      return this.#parts.journal.query(query);
    } catch (error) {
      throw asStoreError(error);
    }
  }

  async entry(stream: string, id: string): Promise<{ partition: string; time: number; body: Uint8Array } | undefined> {
    try {
      return this.#parts.journal.entry(stream, id);
    } catch (error) {
      throw asStoreError(error);
    }
  }

  async expire(stream: string, before: number): Promise<void> {
    const { journal, meta } = this.#parts;
    const { hide, deletions } = journal.expire(stream, before);
    this.#ownTransaction(hide);
    for (const deletion of deletions) {
      await new Promise((resolve) => setImmediate(resolve));
      if (this.#isClosed) return;
      this.#ownTransaction(() => {
        deletion();
        return () => undefined;
      });
    }
    let isDone = false;
    while (!isDone && !this.#isClosed) {
      this.#ownTransaction(() => {
        isDone = !journal.deleteOldestRun();
        if (isDone) return () => undefined;
        meta.setNumber('next', journal.afterOldestRun);
        return () => journal.forgetOldestRun();
      });
    }
  }

  /** A transaction of our own; what `work` returns runs once it is durable. Throws, with nothing written, if it fails. */
  #ownTransaction(work: () => () => void): void {
    try {
      this.#begin.run();
      const settle = work();
      this.#commit.run();
      settle();
    } catch (error) {
      this.#undo([], error);
      throw isFull(error) ? new FullError('the disk is full') : asStoreError(error);
    }
  }

  async changes(after: number, limit: number): Promise<readonly ChangeLogRow[]> {
    return this.#rows.changes(after, limit);
  }

  onCommit(listener: (changed: readonly ChangedRow[]) => void): () => void {
    return this.#listeners.add(listener);
  }

  async clear(): Promise<void> {
    const { database, journal, meta, blobs } = this.#parts;
    while (this.#queue.length > 0) this.#flush();
    this.#ownTransaction(() => {
      for (const table of ['row', 'change_group', 'segment', 'run', 'run_block', 'expiry', 'blob', 'discarded_file']) {
        database.exec(`DELETE FROM ${table}`);
      }
      meta.setNumber('newest', this.#rows.newest + 1);
      meta.setNumber('next', journal.next);
      return () => {
        this.#rows.forgetAll();
        journal.forgetAll();
      };
    });
    await blobs.clear();
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    while (this.#queue.length > 0) this.#flush();
    this.#isClosed = true;
    const { blobs, anchor, checkpointer, database, lock } = this.#parts;
    await blobs.finish();
    await checkpointer.close();
    await anchor.close(this.#position);
    database.close();
    lock.release();
  }
}
