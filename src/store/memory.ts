/** The engine that keeps everything in memory: for tests, and the model that the durable engine is compared with. */
import { PendingChange, type Write } from './change.ts';
import { inWindow, type Position, page, windowOf } from './entry-order.ts';
import { deepFreeze } from './freeze.ts';
import { Listeners } from './listeners.ts';
import { compareIds, inRange } from './order.ts';
import { joined } from './row-body.ts';
import { ABSENT, type Found, type Scanned, type State } from './state.ts';
import type {
  BlobRef,
  Blobs,
  Change,
  ChangedRow,
  ChangeLogRow,
  Entry,
  EntryPage,
  EntryQuery,
  Range,
  Row,
  Store,
  Table,
} from './store.ts';

interface Collection {
  newest: number;
  readonly rows: Map<string, Found>;
  /** The ids in order, made anew after an insert or a delete. */
  sorted: string[] | undefined;
}

class MemoryState implements State {
  newest = 0;
  readonly #collections = new Map<string, Collection>();
  #clearedAt = 0;

  find(table: string, partition: string, id: string): Found {
    return this.#collections.get(`${table}\0${partition}`)?.rows.get(id) ?? ABSENT;
  }

  scan(table: string, partition: string, range: Range): Scanned {
    const collection = this.#collections.get(`${table}\0${partition}`);
    if (!collection) return { rows: [], versions: [] };
    collection.sorted ??= [...collection.rows.keys()].sort(compareIds);
    const ids = range.reverse ? collection.sorted.toReversed() : collection.sorted;
    const rows: Row<unknown>[] = [];
    const versions: number[] = [];
    for (const id of ids) {
      if (rows.length >= (range.limit ?? Number.POSITIVE_INFINITY)) break;
      if (!inRange(id, range)) continue;
      const { value, version } = collection.rows.get(id)!;
      rows.push({ id, value });
      versions.push(version);
    }
    return { rows, versions };
  }

  changedSince(table: string, partition: string, version: number): boolean {
    return Math.max(this.#collections.get(`${table}\0${partition}`)?.newest ?? 0, this.#clearedAt) > version;
  }

  write({ table, partition, id, text, bytes }: Write): void {
    const key = `${table}\0${partition}`;
    let collection = this.#collections.get(key);
    if (!collection) {
      collection = { newest: 0, rows: new Map(), sorted: undefined };
      this.#collections.set(key, collection);
    }
    collection.newest = ++this.newest;
    if (text === undefined ? collection.rows.delete(id) : !collection.rows.has(id)) collection.sorted = undefined;
    if (text !== undefined) {
      const value = deepFreeze(joined(text, bytes && Buffer.from(bytes)));
      collection.rows.set(id, { value, version: this.newest });
    }
  }

  clear(): void {
    this.#clearedAt = ++this.newest;
    this.#collections.clear();
  }
}

class MemoryBlobs implements Blobs {
  readonly #bytes = new Map<string, Buffer>();
  #count = 0;

  async write(bytes: AsyncIterable<Uint8Array>): Promise<BlobRef> {
    const parts: Uint8Array[] = [];
    for await (const part of bytes) parts.push(Buffer.from(part));
    return this.writeAtOnce(Buffer.concat(parts));
  }

  writeAtOnce(bytes: Uint8Array): BlobRef {
    const id = `m${++this.#count}`;
    this.#bytes.set(id, Buffer.from(bytes));
    return { id, size: bytes.length, inline: true };
  }

  async *read(blob: BlobRef, start = 0, end = blob.size): AsyncIterable<Uint8Array> {
    if (end > start) yield this.readAtOnce(blob, start, end);
  }

  readAtOnce(blob: BlobRef, start = 0, end = blob.size): Uint8Array {
    const bytes = this.#bytes.get(blob.id);
    if (!bytes) throw new Error(`there is no blob ${blob.id}`);
    return new Uint8Array(bytes.subarray(start, end));
  }

  async release(blob: BlobRef): Promise<void> {
    this.#bytes.delete(blob.id);
  }

  clear(): void {
    this.#bytes.clear();
  }
}

interface KeptEntry extends Entry, Position {
  readonly body: Uint8Array;
}

class MemoryStore implements Store {
  readonly #state = new MemoryState();
  readonly #listeners = new Listeners();
  readonly #clock: () => number;
  readonly blobs = new MemoryBlobs();
  #entries: KeptEntry[] = [];
  readonly #floors = new Map<string, number>();
  #log: ChangeLogRow[] = [];
  #appended = 0;
  #isClosed = false;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  async get<T>(table: Table<T>, partition: string, id: string): Promise<T | undefined> {
    return this.#state.find(table.name, partition, id).value as T | undefined;
  }

  async list<T>(table: Table<T>, partition: string, range: Range = {}): Promise<readonly Row<T>[]> {
    return this.#state.scan(table.name, partition, range).rows as readonly Row<T>[];
  }

  begin(): Change {
    return new PendingChange(this.#state);
  }

  async commit(change: Change): Promise<void> {
    if (!(change instanceof PendingChange)) throw new TypeError('this change was not begun by a store');
    if (this.#isClosed) throw new TypeError('the store is closed');
    change.spend();
    change.validate();
    const changed: ChangedRow[] = [];
    for (const write of change.writes) {
      const { table, partition, id, text } = write;
      this.#state.write(write);
      changed.push({ table, partition, id });
      const op = text === undefined ? 'delete' : 'put';
      this.#log.push({ sequence: this.#state.newest, time: this.#clock(), table, partition, id, op });
    }
    for (const entry of change.entries) {
      if (entry.time < (this.#floors.get(entry.stream) ?? 0)) continue;
      this.#entries.push({ ...entry, body: Buffer.from(entry.body), number: ++this.#appended });
    }
    for (const blob of change.discarded) await this.blobs.release(blob);
    if (changed.length > 0) this.#listeners.tell(changed);
  }

  async query(query: EntryQuery): Promise<EntryPage> {
    const window = windowOf(query);
    const { tag } = query;
    const matches = this.#entries.filter(
      (entry) =>
        entry.stream === query.stream &&
        entry.partition === query.partition &&
        (!tag || isTagged(entry, tag)) &&
        inWindow(window, entry),
    );
    const { rows, cursor } = page(window, matches, this.#appended);
    const entries = rows.map(({ id, time, body }) => ({ id, time, body }));
    return cursor === undefined ? { entries } : { entries, cursor };
  }

  async entry(stream: string, id: string): Promise<{ partition: string; time: number; body: Uint8Array } | undefined> {
    const found = this.#entries.findLast((entry) => entry.stream === stream && entry.id === id);
    return found && { partition: found.partition, time: found.time, body: found.body };
  }

  async expire(stream: string, before: number): Promise<void> {
    const floor = Math.max(before, this.#floors.get(stream) ?? 0);
    this.#floors.set(stream, floor);
    this.#entries = this.#entries.filter((entry) => entry.stream !== stream || entry.time >= floor);
  }

  async changes(after: number, limit: number): Promise<readonly ChangeLogRow[]> {
    return this.#log.filter(({ sequence }) => sequence > after).slice(0, limit);
  }

  onCommit(listener: (changed: readonly ChangedRow[]) => void): () => void {
    return this.#listeners.add(listener);
  }

  async clear(): Promise<void> {
    this.#state.clear();
    this.#entries = [];
    this.#floors.clear();
    this.#log = [];
    this.blobs.clear();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
  }
}

/** @param options.clock epoch milliseconds, for the change log */
export function openMemoryStore(options: { clock?: () => number } = {}): Store {
  return new MemoryStore(options.clock ?? (() => 0));
}

function isTagged(entry: Entry, tag: NonNullable<EntryQuery['tag']>): boolean {
  const given = entry.tags[tag.name];
  return typeof given === 'string' ? given === tag.value : (given ?? []).includes(tag.value);
}
