/** A change in the making: it remembers what was read, and holds what shall be written. */
import { checkAddress, compareIds, inRange } from './order.ts';
import type { Scanned, State } from './state.ts';
import { type BlobRef, type Change, ConflictError, type Entry, type Range, type Row, type Table } from './store.ts';

/** One row to write; `text` is its JSON, undefined for a delete. */
export interface Write {
  readonly table: string;
  readonly partition: string;
  readonly id: string;
  readonly text: string | undefined;
}

interface RowRead {
  readonly table: string;
  readonly partition: string;
  readonly id: string;
  readonly version: number;
}

interface RangeRead {
  readonly table: string;
  readonly partition: string;
  readonly range: Range;
  readonly seen: Scanned;
}

/** Largest JSON text of one row, in characters. */
const LONGEST_VALUE = 16 * 1024 * 1024;
/** Largest body of one entry, in bytes: four times what a CloudTrail record may have. */
const LARGEST_ENTRY = 1024 * 1024;

export class PendingChange implements Change {
  readonly #state: State;
  readonly #begun: number;
  readonly #rowReads: RowRead[] = [];
  readonly #rangeReads: RangeRead[] = [];
  /** By table and partition, then by id: few collections, so a concatenated key is cheap enough. */
  readonly #writes = new Map<string, Map<string, Write>>();
  #isSpent = false;
  readonly entries: Entry[] = [];
  readonly adopted: BlobRef[] = [];
  readonly discarded: BlobRef[] = [];

  constructor(state: State) {
    this.#state = state;
    this.#begun = state.newest;
  }

  get<T>(table: Table<T>, partition: string, id: string): Promise<T | undefined> {
    const own = this.#writes.size === 0 ? undefined : this.#writes.get(`${table.name}\0${partition}`)?.get(id);
    if (own) return Promise.resolve(own.text === undefined ? undefined : (JSON.parse(own.text) as T));
    try {
      const found = this.#state.find(table.name, partition, id);
      this.#rowReads.push({ table: table.name, partition, id, version: found.version });
      return Promise.resolve(found.value as T | undefined);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  async list<T>(table: Table<T>, partition: string, range: Range = {}): Promise<readonly Row<T>[]> {
    const own = this.#writes.get(`${table.name}\0${partition}`);
    if (!own) return this.#scan(table.name, partition, range) as readonly Row<T>[];
    // Own deletes hide rows, so as many more are read.
    const widened = range.limit === undefined ? range : { ...range, limit: range.limit + own.size };
    const rows = this.#scan(table.name, partition, widened).filter(({ id }) => !own.has(id));
    for (const { id, text } of own.values()) {
      if (text !== undefined && inRange(id, range)) rows.push({ id, value: JSON.parse(text) });
    }
    const sign = range.reverse ? -1 : 1;
    rows.sort((a, b) => sign * compareIds(a.id, b.id));
    return rows.slice(0, range.limit) as Row<T>[];
  }

  #scan(table: string, partition: string, range: Range): readonly Row<unknown>[] {
    const seen = this.#state.scan(table, partition, range);
    this.#rangeReads.push({ table, partition, range, seen });
    return seen.rows;
  }

  put<T>(table: Table<T>, partition: string, id: string, value: T): void {
    const text: string | undefined = JSON.stringify(value);
    if (text === undefined) throw new TypeError(`${table.name} ${id}: a row must be a JSON value`);
    if (text.length > LONGEST_VALUE) throw new RangeError(`${table.name} ${id}: a row holds at most 16 Mi characters`);
    this.#write({ table: table.name, partition, id, text });
  }

  delete<T>(table: Table<T>, partition: string, id: string): void {
    this.#write({ table: table.name, partition, id, text: undefined });
  }

  #write(write: Write): void {
    this.#assertOpen();
    checkAddress(write.table, write.partition, write.id);
    const key = `${write.table}\0${write.partition}`;
    const collection = this.#writes.get(key);
    if (collection) collection.set(write.id, write);
    else this.#writes.set(key, new Map([[write.id, write]]));
  }

  append(entry: Entry): void {
    this.#assertOpen();
    if (entry.id.length > 64) throw new RangeError('the id of an entry has at most 64 characters');
    // A text is looked at more closely only where it could be too long.
    const { body } = entry;
    const isLarge = body.length * (typeof body === 'string' ? 3 : 1) > LARGEST_ENTRY;
    if (isLarge && Buffer.byteLength(body) > LARGEST_ENTRY)
      throw new RangeError('the body of an entry has at most 1 MiB');
    if (!Number.isSafeInteger(entry.time) || entry.time < 0) throw new RangeError('the time of an entry is whole ms');
    this.entries.push(entry);
  }

  adopt(blob: BlobRef): void {
    this.#assertOpen();
    this.adopted.push(blob);
  }

  discard(blob: BlobRef): void {
    this.#assertOpen();
    this.discarded.push(blob);
  }

  #assertOpen(): void {
    if (this.#isSpent) throw new TypeError('this change was already committed');
  }

  /** Closes the change: it is committed once or never. */
  spend(): void {
    this.#assertOpen();
    this.#isSpent = true;
  }

  /** In the order in which rows were first written. */
  *writes(): Generator<Write> {
    for (const collection of this.#writes.values()) yield* collection.values();
  }

  /** Changes that only append are never in conflict. */
  get onlyAppends(): boolean {
    return this.#writes.size === 0 && this.adopted.length === 0 && this.discarded.length === 0;
  }

  /** Whether this needs no more room than its entries: what a full disk still takes. */
  get onlyFrees(): boolean {
    if (this.adopted.length > 0) return false;
    for (const write of this.writes()) if (write.text !== undefined) return false;
    return true;
  }

  /** Throws a ConflictError if anything that was read has another version now. */
  validate(): void {
    if (this.onlyAppends) return;
    const state = this.#state;
    for (const { table, partition, id, version } of this.#rowReads) {
      if (!state.changedSince(table, partition, this.#begun)) continue;
      if (state.find(table, partition, id).version !== version) {
        throw new ConflictError(`${table} ${id} has changed since it was read`);
      }
    }
    for (const { table, partition, range, seen } of this.#rangeReads) {
      if (!state.changedSince(table, partition, this.#begun)) continue;
      const now = state.scan(table, partition, range);
      const isSame =
        now.rows.length === seen.rows.length &&
        now.rows.every((row, i) => row.id === seen.rows[i]!.id && now.versions[i] === seen.versions[i]);
      if (!isSame) throw new ConflictError(`a listing of ${table} has changed since it was read`);
    }
  }
}
