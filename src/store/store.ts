/** The state port: every engine of the store implements this, and one conformance suite runs on each. */

/**
 * A kind of row. Values are JSON (times as epoch milliseconds) and are never mutated by readers. A member `bytes` of a
 * value may be a Uint8Array, which is kept as it is.
 */
export interface Table<T> {
  /** `iam.user` */
  readonly name: string;
  readonly __row?: T;
}

export function table<T>(name: string): Table<T> {
  return { name };
}

/** Ids in ascending UTF-8 byte order. All bounds are optional. */
export interface Range {
  /** Only ids that begin with this. */
  readonly prefix?: string;
  /** Only ids greater than this. */
  readonly after?: string;
  /** Only ids greater than or equal to this. */
  readonly from?: string;
  readonly limit?: number;
  /** Descending order; then `after` means less than, and `from` less than or equal. */
  readonly reverse?: boolean;
}

export interface Row<T> {
  readonly id: string;
  readonly value: T;
}

/** Rows are addressed by table, partition (an account, an account/region, a bucket; '' for the instance) and id. */
export interface Reader {
  get<T>(table: Table<T>, partition: string, id: string): Promise<T | undefined>;
  list<T>(table: Table<T>, partition: string, range?: Range): Promise<readonly Row<T>[]>;
}

/** A fact appended to a stream, newest found first. Tags are stored as keyed hashes, the body is sealed. */
export interface Entry {
  /** `cloudtrail` */
  readonly stream: string;
  readonly partition: string;
  /** Unique in the stream, at most 64 characters. */
  readonly id: string;
  /** Epoch milliseconds. */
  readonly time: number;
  /** A tag may have several values, each once: a query for any of them finds the entry. */
  readonly tags: Readonly<Record<string, string | readonly string[]>>;
  /** Text stands for its UTF-8 bytes. */
  readonly body: Uint8Array | string;
}

export interface EntryQuery {
  readonly stream: string;
  readonly partition: string;
  /** Inclusive, epoch milliseconds. */
  readonly from?: number;
  readonly to?: number;
  /** One tag that must be equal. */
  readonly tag?: { readonly name: string; readonly value: string };
  readonly limit: number;
  /** Opaque, from a previous page. */
  readonly cursor?: string;
  /** Oldest first, from the cursor on: for deliveries that follow a stream. */
  readonly forward?: boolean;
}

export interface EntryPage {
  readonly entries: readonly { readonly id: string; readonly time: number; readonly body: Uint8Array }[];
  /** For the next page, or (forward) to follow the stream from here; undefined when a backward query is exhausted. */
  readonly cursor?: string;
}

/**
 * What a handler has read and wants to write. Commit succeeds only if what was read is still so (`ConflictError`
 * otherwise, and the gateway runs the handler again); its writes, entries and blob adoptions are one durable transaction.
 * Reads see the change's own writes.
 */
export interface Change extends Reader {
  put<T>(table: Table<T>, partition: string, id: string, value: T): void;
  delete<T>(table: Table<T>, partition: string, id: string): void;
  append(entry: Entry): void;
  /** Makes a written blob permanent with this commit. */
  adopt(blob: BlobRef): void;
  /** Removes a blob once this commit is durable. */
  discard(blob: BlobRef): void;
}

/** Sealed bytes of any size: small ones live in the database, large ones in files. */
export interface BlobRef {
  readonly id: string;
  /** Plaintext bytes. */
  readonly size: number;
  readonly inline: boolean;
}

export interface Blobs {
  /** Seals a stream to disk with bounded memory, fsynced before it returns; lost at restart unless adopted. */
  write(bytes: AsyncIterable<Uint8Array>): Promise<BlobRef>;
  /** Plaintext of [start, end), verified; the whole blob by default. Throws CorruptError. */
  read(blob: BlobRef, start?: number, end?: number): AsyncIterable<Uint8Array>;
  /** The same at once for bytes in memory; undefined where they must go to a file, which only `write` does. */
  writeAtOnce(bytes: Uint8Array): BlobRef | undefined;
  /** What `read` gives, at once; undefined for blobs that lie in files. Throws CorruptError. */
  readAtOnce(blob: BlobRef, start?: number, end?: number): Uint8Array | undefined;
  /** Gives up a written blob that no commit has adopted or will adopt (a failed upload). */
  release(blob: BlobRef): Promise<void>;
}

export interface Store extends Reader {
  begin(): Change;
  /** Resolves when durable. Commits that arrive together share one transaction. Rejects with ConflictError or FullError. */
  commit(change: Change): Promise<void>;
  query(query: EntryQuery): Promise<EntryPage>;
  /** One entry by id, in any partition of the stream. */
  entry(
    stream: string,
    id: string,
  ): Promise<{ readonly partition: string; readonly time: number; readonly body: Uint8Array } | undefined>;
  /** Drops the entries of a stream that are older than this (epoch milliseconds), now and when they arrive later. */
  expire(stream: string, before: number): Promise<void>;
  /** Rows written after this sequence number, oldest first: for followers of the store. Old ones are trimmed. */
  changes(after: number, limit: number): Promise<readonly ChangeLogRow[]>;
  readonly blobs: Blobs;
  /** Called after each commit with the tables and partitions that changed. Returns the way to stop. */
  onCommit(listener: (changed: readonly ChangedRow[]) => void): () => void;
  /** Drops every row, entry and blob (`POST /_bailey/reset`). */
  clear(): Promise<void>;
  close(): Promise<void>;
}

export interface ChangedRow {
  readonly table: string;
  readonly partition: string;
  readonly id: string;
}

/** A line of the change log, written in the same transaction as the row. */
export interface ChangeLogRow extends ChangedRow {
  readonly sequence: number;
  /** Epoch milliseconds. */
  readonly time: number;
  readonly op: 'put' | 'delete';
}

/** What was read has changed since: run the handler again. */
export class ConflictError extends Error {
  override readonly name = 'ConflictError';
}

/** The disk is full: reads and deletes go on. */
export class FullError extends Error {
  override readonly name = 'FullError';
}

/** Stored bytes do not verify. */
export class CorruptError extends Error {
  override readonly name = 'CorruptError';
}
