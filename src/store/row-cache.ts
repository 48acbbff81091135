/** Decoded rows and short listings in memory, within a budget of bytes; also what OCC asks about versions. */
import { deepFreeze } from './freeze.ts';
import { decodeRow } from './row-body.ts';
import type { Found, Scanned } from './state.ts';

/** Listings of more rows than this are not kept. */
const LONGEST_LISTING = 256;
/** What an item costs beside its content, roughly. */
const OVERHEAD_BYTES = 200;

interface Item {
  /** Set by every hit; an item survives one round of eviction per hit. */
  wasUsed: boolean;
  readonly bytes: number;
  drop(): void;
}

export class Collection {
  readonly table: string;
  readonly partition: string;
  newest: number;
  readonly rows = new Map<string, CachedRow>();
  readonly listings = new Map<string, CachedListing>();

  constructor(table: string, partition: string, newest: number) {
    this.table = table;
    this.partition = partition;
    this.newest = newest;
  }
}

/** A row (or its absence), parsed when somebody first reads it. */
class CachedRow implements Found, Item {
  readonly version: number;
  readonly bytes: number;
  readonly #collection: Collection;
  readonly #id: string;
  /** As `encodeRow` makes it, until it is read: bytes outside of the heap, where the collector need not move them. */
  #body: Buffer | undefined;
  #value: unknown;
  readonly #freezes: boolean;
  wasUsed = false;

  constructor(collection: Collection, id: string, version: number, body: Buffer | undefined, freezes: boolean) {
    this.#collection = collection;
    this.#id = id;
    this.version = version;
    this.#body = body;
    this.#freezes = freezes;
    this.bytes = OVERHEAD_BYTES + id.length + (body?.length ?? 0) * 3;
  }

  get value(): unknown {
    if (this.#body !== undefined) {
      this.#value = decodeRow(this.#body);
      if (this.#freezes) deepFreeze(this.#value);
      this.#body = undefined;
    }
    return this.#value;
  }

  drop(): void {
    if (this.#collection.rows.get(this.#id) === this) this.#collection.rows.delete(this.#id);
  }
}

class CachedListing implements Item {
  readonly scanned: Scanned;
  readonly bytes: number;
  readonly #collection: Collection;
  readonly #key: string;
  wasUsed = false;

  constructor(collection: Collection, key: string, scanned: Scanned, bytes: number) {
    this.#collection = collection;
    this.#key = key;
    this.scanned = scanned;
    // It keeps its rows alive when they are dropped by themselves.
    this.bytes = OVERHEAD_BYTES + key.length + scanned.rows.length * 100 + bytes * 3;
  }

  drop(): void {
    if (this.#collection.listings.get(this.#key) === this) this.#collection.listings.delete(this.#key);
  }
}

export class RowCache {
  readonly #budget: number;
  readonly #freezes: boolean;
  readonly #collections = new Map<string, Map<string, Collection>>();
  readonly #queue = new Set<Item>();
  #bytes = 0;
  /** Collections made since the empty ones were last dropped. */
  #made = 0;
  /** Collections that are not in memory were last written at or before this version. */
  #forgotten = 0;

  constructor(options: { bytes: number; freezes: boolean; newest: number }) {
    this.#budget = options.bytes;
    this.#freezes = options.freezes;
    this.#forgotten = options.newest;
  }

  find(table: string, partition: string, id: string): Found | undefined {
    const row = this.#collections.get(table)?.get(partition)?.rows.get(id);
    if (row) row.wasUsed = true;
    return row;
  }

  listing(table: string, partition: string, key: string): Scanned | undefined {
    const listing = this.#collections.get(table)?.get(partition)?.listings.get(key);
    if (listing) listing.wasUsed = true;
    return listing?.scanned;
  }

  newestOf(table: string, partition: string): number {
    return this.#collections.get(table)?.get(partition)?.newest ?? this.#forgotten;
  }

  #collection(table: string, partition: string): Collection {
    let partitions = this.#collections.get(table);
    if (!partitions) {
      partitions = new Map();
      this.#collections.set(table, partitions);
    }
    let collection = partitions.get(partition);
    if (!collection) {
      collection = new Collection(table, partition, this.#forgotten);
      partitions.set(partition, collection);
      this.#made++;
    }
    return collection;
  }

  /** Remembers a row as it is in the database. @param body undefined for an absent row */
  remember(table: string, partition: string, id: string, version: number, body: Buffer | undefined): Found {
    const collection = this.#collection(table, partition);
    const row = new CachedRow(collection, id, version, body, this.#freezes);
    const old = collection.rows.get(id);
    if (old) this.#remove(old);
    collection.rows.set(id, row);
    this.#add(row);
    return row;
  }

  /** @param bytes of the JSON of all its rows */
  rememberListing(table: string, partition: string, key: string, scanned: Scanned, bytes: number): void {
    if (scanned.rows.length > LONGEST_LISTING) return;
    const collection = this.#collection(table, partition);
    const listing = new CachedListing(collection, key, scanned, bytes);
    const old = collection.listings.get(key);
    if (old) this.#remove(old);
    collection.listings.set(key, listing);
    this.#add(listing);
  }

  /** A row that was written with this version: listings of its collection are void. */
  wrote(table: string, partition: string, id: string, version: number, body: Buffer | undefined): void {
    const collection = this.#collection(table, partition);
    collection.newest = version;
    for (const listing of collection.listings.values()) this.#remove(listing);
    this.remember(table, partition, id, body === undefined ? 0 : version, body);
  }

  /** Forgets a row whose write was rolled back; readers of its collection are taken to be late. */
  unwrote(table: string, partition: string, id: string, version: number): void {
    const collection = this.#collection(table, partition);
    collection.newest = version;
    for (const listing of collection.listings.values()) this.#remove(listing);
    const row = collection.rows.get(id);
    if (row) this.#remove(row);
  }

  clear(newest: number): void {
    this.#collections.clear();
    this.#queue.clear();
    this.#bytes = 0;
    this.#made = 0;
    this.#forgotten = newest;
  }

  #remove(item: Item): void {
    item.drop();
    if (this.#queue.delete(item)) this.#bytes -= item.bytes;
  }

  #add(item: Item): void {
    this.#queue.add(item);
    this.#bytes += item.bytes;
    while (this.#bytes > this.#budget && this.#queue.size > 1) {
      const oldest = this.#queue.values().next().value!;
      if (oldest.wasUsed) {
        oldest.wasUsed = false;
        this.#queue.delete(oldest);
        this.#queue.add(oldest);
      } else this.#remove(oldest);
    }
    if (this.#made > 20_000) this.#dropEmpty();
  }

  /** Forgets collections of which nothing is cached, which is always safe: readers then look closer than they need. */
  #dropEmpty(): void {
    this.#made = 0;
    for (const partitions of this.#collections.values()) {
      for (const [partition, { rows, listings, newest }] of partitions) {
        if (rows.size > 0 || listings.size > 0) continue;
        partitions.delete(partition);
        this.#forgotten = Math.max(this.#forgotten, newest);
      }
    }
  }
}
