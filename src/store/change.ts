/** A change in the making: it remembers what was read, and holds what shall be written. */
import { checkAddress, compareIds, inRange } from './order.ts';
import { bytesOf, joined, textOf } from './row-body.ts';
import type { Found, Scanned, State } from './state.ts';
import { type BlobRef, type Change, ConflictError, type Entry, type Range, type Row, type Table } from './store.ts';

/** One row to write; `text` is its JSON, undefined for a delete. */
export interface Write {
  readonly table: string;
  readonly partition: string;
  readonly id: string;
  readonly text: string | undefined;
  /** What it keeps beside its JSON. */
  readonly bytes: Uint8Array | undefined;
}

interface RowRead {
  readonly table: string;
  readonly partition: string;
  readonly id: string;
  readonly found: Found;
}

interface Collection {
  readonly table: string;
  readonly partition: string;
  readonly writes: Map<string, Write>;
}

/** Calls read the same few rows again and again; beyond so many it is cheaper to ask again than to search. */
const SEARCHED_READS = 8;

interface RangeRead {
  readonly table: string;
  readonly partition: string;
  readonly range: Range;
  readonly seen: Scanned;
}

/** Largest JSON text of one row, in characters, with its bytes. */
const LONGEST_VALUE = 16 * 1024 * 1024;
/** Largest body of one entry, in bytes: four times what a CloudTrail record may have. */
const LARGEST_ENTRY = 1024 * 1024;

export class PendingChange implements Change {
  readonly #state: State;
  readonly #begun: number;
  readonly #rowReads: RowRead[] = [];
  readonly #rangeReads: RangeRead[] = [];
  /** Few, so that they are searched one by one. */
  readonly #collections: Collection[] = [];
  #isSpent = false;
  #list: readonly Write[] | undefined;
  readonly entries: Entry[] = [];
  readonly adopted: BlobRef[] = [];
  readonly discarded: BlobRef[] = [];

  constructor(state: State) {
    this.#state = state;
    this.#begun = state.newest;
  }

  get<T>(table: Table<T>, partition: string, id: string): Promise<T | undefined> {
    const own = this.#writesOf(table.name, partition)?.get(id);
    if (own) return Promise.resolve(readBack(own) as T | undefined);
    try {
      return Promise.resolve(this.#find(table.name, partition, id).value as T | undefined);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #find(table: string, partition: string, id: string): Found {
    if (this.#rowReads.length <= SEARCHED_READS) {
      for (const read of this.#rowReads) {
        if (read.id === id && read.table === table && read.partition === partition) return read.found;
      }
    }
    const found = this.#state.find(table, partition, id);
    this.#rowReads.push({ table, partition, id, found });
    return found;
  }

  async list<T>(table: Table<T>, partition: string, range: Range = {}): Promise<readonly Row<T>[]> {
    const own = this.#writesOf(table.name, partition);
    if (!own) return this.#scan(table.name, partition, range) as readonly Row<T>[];
    // Own deletes hide rows, so as many more are read.
    const widened = range.limit === undefined ? range : { ...range, limit: range.limit + own.size };
    const rows = this.#scan(table.name, partition, widened).filter(({ id }) => !own.has(id));
    for (const write of own.values()) {
      if (write.text !== undefined && inRange(write.id, range)) rows.push({ id: write.id, value: readBack(write) });
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
    const bytes = bytesOf(value);
    const text = textOf(value, bytes);
    if (text === undefined) throw new TypeError(`${table.name} ${id}: a row must be a JSON value`);
    if (text.length + (bytes?.length ?? 0) > LONGEST_VALUE) {
      throw new RangeError(`${table.name} ${id}: a row holds at most 16 Mi characters`);
    }
    this.#write({ table: table.name, partition, id, text, bytes });
  }

  delete<T>(table: Table<T>, partition: string, id: string): void {
    this.#write({ table: table.name, partition, id, text: undefined, bytes: undefined });
  }

  #write(write: Write): void {
    this.#assertOpen();
    checkAddress(write.table, write.partition, write.id);
    const { table, partition } = write;
    let writes = this.#writesOf(table, partition);
    if (!writes) {
      writes = new Map();
      this.#collections.push({ table, partition, writes });
    }
    writes.set(write.id, write);
  }

  #writesOf(table: string, partition: string): Map<string, Write> | undefined {
    for (const one of this.#collections) if (one.table === table && one.partition === partition) return one.writes;
    return undefined;
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

  /** In the order in which rows were first written; complete once the change is spent. */
  get writes(): readonly Write[] {
    if (this.#list) return this.#list;
    const list: Write[] = [];
    for (const { writes } of this.#collections) for (const write of writes.values()) list.push(write);
    if (this.#isSpent) this.#list = list;
    return list;
  }

  /** Changes that only append are never in conflict. */
  get onlyAppends(): boolean {
    return this.#collections.length === 0 && this.adopted.length === 0 && this.discarded.length === 0;
  }

  /** Whether this needs no more room than its entries: what a full disk still takes. */
  get onlyFrees(): boolean {
    if (this.adopted.length > 0) return false;
    for (const write of this.writes) if (write.text !== undefined) return false;
    return true;
  }

  /** Throws a ConflictError if anything that was read has another version now. */
  validate(): void {
    if (this.onlyAppends) return;
    const state = this.#state;
    for (const { table, partition, id, found } of this.#rowReads) {
      if (!state.changedSince(table, partition, this.#begun)) continue;
      if (state.find(table, partition, id).version !== found.version) {
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

function readBack({ text, bytes }: Write): unknown {
  return text === undefined ? undefined : joined(text, bytes);
}
