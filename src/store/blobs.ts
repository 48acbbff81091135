/** Blobs of the SQLite engine: small ones are rows of the database, large ones files beside it. */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { BlobCache } from './blob-cache.ts';
import { readBlobFile, writeBlobFile } from './blob-file.ts';
import { blobId, blobKey } from './blob-id.ts';
import { type Disk, hasCode, SharedSync } from './disk.ts';
import { type KeyTree, Seal } from './seal.ts';
import { type BlobRef, type Blobs, FullError } from './store.ts';

/** Blobs up to this many bytes live in the database. */
const INLINE_BYTES = 64 * 1024;
/** Small blobs that wait in memory for their commit take at most this; further ones go to files. */
const WAITING_BYTES = 64 * 1024 * 1024;
/** Blobs that no commit has adopted after this are given up. */
const ABANDONED_MS = 60 * 60 * 1000;

interface Waiting {
  readonly blob: BlobRef;
  /** Undefined for files. */
  readonly sealed: Buffer | undefined;
  /** Epoch milliseconds. */
  readonly since: number;
}

export class SqliteBlobs implements Blobs {
  readonly #folder: string;
  readonly #disk: Disk;
  readonly #keys: KeyTree;
  readonly #seal: Seal;
  readonly #clock: () => number;
  readonly #select: StatementSync;
  readonly #insert: StatementSync;
  readonly #delete: StatementSync;
  readonly #insertDiscarded: StatementSync;
  readonly #deleteDiscarded: StatementSync;
  readonly #newSync: SharedSync;
  readonly #waiting = new Map<string, Waiting>();
  readonly #cache = new BlobCache();
  readonly #background = new Set<Promise<void>>();
  /** Files whose removal is durable: the next transaction forgets them. */
  #removed: string[] = [];
  #waitingBytes = 0;
  #onFull: () => void = () => undefined;
  #count = 0;

  constructor(options: {
    folder: string;
    disk: Disk;
    keys: KeyTree;
    database: DatabaseSync;
    clock: () => number;
  }) {
    this.#folder = options.folder;
    this.#disk = options.disk;
    this.#keys = options.keys;
    this.#seal = new Seal('blob', options.keys);
    this.#clock = options.clock;
    this.#newSync = new SharedSync(() => options.disk.syncFolder(this.#newFolder));
    const { database } = options;
    this.#select = database.prepare('SELECT body FROM blob WHERE id = ?');
    this.#insert = database.prepare('INSERT INTO blob (id, size, body) VALUES (?, ?, ?)');
    this.#delete = database.prepare('DELETE FROM blob WHERE id = ?');
    this.#insertDiscarded = database.prepare('INSERT INTO discarded_file (id) VALUES (?)');
    this.#deleteDiscarded = database.prepare('DELETE FROM discarded_file WHERE id = ?');
  }

  /** @param listener called when the disk has no room for a file, so that others may give some back */
  whenFull(listener: () => void): void {
    this.#onFull = listener;
  }

  get #newFolder(): string {
    return join(this.#folder, 'new');
  }

  #newPath(id: string): string {
    return join(this.#newFolder, id);
  }

  #finalFolder(id: string): string {
    return join(this.#folder, id.slice(-2).padStart(2, '0'));
  }

  #finalPath(id: string): string {
    return join(this.#finalFolder(id), id);
  }

  /** Removes what was never adopted and what was discarded, and files away what was adopted. */
  async recover(database: DatabaseSync): Promise<void> {
    await this.#makeFolder(this.#newFolder);
    for (const id of await this.#disk.readdir(this.#newFolder)) {
      if (this.#select.get(blobKey(id))) await this.#fileAway(id);
      else await this.#disk.unlink(this.#newPath(id));
    }
    const discarded = database.prepare('SELECT id FROM discarded_file').all();
    await this.#remove(discarded.map(({ id }) => id as string));
  }

  async write(bytes: AsyncIterable<Uint8Array>): Promise<BlobRef> {
    this.#giveUpOld();
    const id = blobId(this.#keys.era, ++this.#count);
    const parts: Uint8Array[] = [];
    const limit = this.#waitingBytes < WAITING_BYTES ? INLINE_BYTES : 0;
    const iterator = bytes[Symbol.asyncIterator]();
    let size = 0;
    try {
      while (size <= limit) {
        const next = await iterator.next();
        if (next.done) {
          return this.#keepSmall(id, Buffer.concat(parts));
        }
        // Copied, since a stream may use its buffer again.
        parts.push(Buffer.from(next.value));
        size += next.value.length;
      }
      size = await writeBlobFile(this.#disk, this.#keys, this.#newPath(id), id, parts, iterator);
      await this.#newSync.run();
      const blob: BlobRef = { id, size, inline: false };
      this.#wait(blob, undefined);
      return blob;
    } catch (error) {
      await iterator.return?.().catch(() => undefined);
      if (hasCode(error, 'ENOSPC') || hasCode(error, 'EDQUOT')) {
        this.#onFull();
        throw new FullError('the disk is full: the object was not stored');
      }
      throw error;
    }
  }

  writeAtOnce(bytes: Uint8Array): BlobRef | undefined {
    if (bytes.length > INLINE_BYTES || this.#waitingBytes >= WAITING_BYTES) return undefined;
    this.#giveUpOld();
    return this.#keepSmall(blobId(this.#keys.era, ++this.#count), bytes);
  }

  #keepSmall(id: string, bytes: Uint8Array): BlobRef {
    const blob: BlobRef = { id, size: bytes.length, inline: true };
    this.#wait(blob, this.#seal.seal(`blob\0${id}`, bytes));
    return blob;
  }

  #wait(blob: BlobRef, sealed: Buffer | undefined): void {
    this.#waiting.set(blob.id, { blob, sealed, since: this.#clock() });
    this.#waitingBytes += sealed?.length ?? 0;
  }

  #stopWaiting(id: string): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    if (waiting) {
      this.#waiting.delete(id);
      this.#waitingBytes -= waiting.sealed?.length ?? 0;
    }
    return waiting;
  }

  #giveUpOld(): void {
    for (const { blob, since } of this.#waiting.values()) {
      if (since > this.#clock() - ABANDONED_MS) return;
      this.#runInBackground(this.release(blob));
    }
  }

  async release(blob: BlobRef): Promise<void> {
    const waiting = this.#stopWaiting(blob.id);
    if (waiting && !waiting.sealed) await this.#disk.unlink(this.#newPath(blob.id)).catch(() => undefined);
  }

  /** Looks the blob up at once, so that a discard after this call does not disturb the reader of a small blob. */
  read(blob: BlobRef, start = 0, end = blob.size): AsyncIterable<Uint8Array> {
    if (!(start >= 0 && start <= end && end <= blob.size)) throw new RangeError('no such part of the blob');
    const cached = this.#cache.get(blob.id);
    if (cached) return partOf(cached, start, end);
    const waiting = this.#waiting.get(blob.id);
    const row = waiting ? { body: waiting.sealed ?? null } : this.#select.get(blobKey(blob.id));
    return this.#readFound(blob, row, start, end);
  }

  readAtOnce(blob: BlobRef, start = 0, end = blob.size): Uint8Array | undefined {
    if (!(start >= 0 && start <= end && end <= blob.size)) throw new RangeError('no such part of the blob');
    if (!blob.inline) return undefined;
    const { id } = blob;
    const cached = this.#cache.get(id);
    if (cached) return cached.subarray(start, end);
    const waiting = this.#waiting.get(id)?.sealed;
    const sealed = waiting ?? this.#select.get(blobKey(id))?.body;
    if (sealed === undefined) throw new Error(`there is no blob ${id}`);
    const bytes = this.#seal.open(`blob\0${id}`, sealed);
    if (!waiting) this.#cache.set(id, bytes);
    return bytes.subarray(start, end);
  }

  async *#readFound(
    blob: BlobRef,
    row: Record<string, unknown> | undefined,
    start: number,
    end: number,
  ): AsyncGenerator<Uint8Array> {
    if (!row) throw new Error(`there is no blob ${blob.id}`);
    if (row.body !== null) {
      const bytes = this.#seal.open(`blob\0${blob.id}`, row.body);
      if (!this.#waiting.has(blob.id) && this.#select.get(blobKey(blob.id))) this.#cache.set(blob.id, bytes);
      yield* partOf(bytes, start, end);
      return;
    }
    // It may be filed away between two looks.
    const paths = [this.#finalPath(blob.id), this.#newPath(blob.id), this.#finalPath(blob.id)];
    yield* readBlobFile(this.#disk, this.#keys, paths, blob, start, end);
  }

  /** Whether a commit may adopt it. */
  isWaiting(blob: BlobRef): boolean {
    return this.#waiting.has(blob.id);
  }

  /** Writes inside the caller's transaction; call `settle` with the same once that is durable. */
  apply(adopted: readonly BlobRef[], discarded: readonly BlobRef[]): void {
    for (const { id } of adopted) {
      const waiting = this.#waiting.get(id);
      if (waiting) this.#insert.run(blobKey(id), waiting.blob.size, waiting.sealed ?? null);
    }
    for (const { id, inline } of discarded) {
      const { changes } = this.#delete.run(blobKey(id));
      if (changes === 1 && !inline) this.#insertDiscarded.run(id);
    }
  }

  /** Forgets, inside the caller's transaction, files that are gone. */
  applyRemoved(): readonly string[] {
    for (const id of this.#removed) this.#deleteDiscarded.run(id);
    return this.#removed;
  }

  settleRemoved(ids: readonly string[]): void {
    if (ids === this.#removed) this.#removed = [];
  }

  settle(adopted: readonly BlobRef[], discarded: readonly BlobRef[]): void {
    for (const { id, inline } of adopted) {
      this.#stopWaiting(id);
      if (!inline) this.#runInBackground(this.#fileAway(id));
    }
    for (const { id } of discarded) this.#cache.delete(id);
    const files = discarded.filter((blob) => !blob.inline).map(({ id }) => id);
    if (files.length > 0) this.#runInBackground(this.#remove(files));
    for (const blob of discarded) if (this.#waiting.has(blob.id)) this.#runInBackground(this.release(blob));
  }

  #runInBackground(work: Promise<void>): void {
    // What fails here is done again when the store opens.
    const settled = work.catch(() => undefined).finally(() => this.#background.delete(settled));
    this.#background.add(settled);
  }

  async #fileAway(id: string): Promise<void> {
    await this.#makeFolder(this.#finalFolder(id));
    await this.#disk.rename(this.#newPath(id), this.#finalPath(id));
  }

  /** Durably, or a crash could take the folder away with the synced files in it. */
  async #makeFolder(path: string): Promise<void> {
    if (existsSync(path)) return;
    mkdirSync(path, { recursive: true, mode: 0o700 });
    await this.#disk.syncFolder(this.#folder);
  }

  async #remove(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    const folders = new Set([this.#newFolder]);
    for (const id of ids) {
      folders.add(this.#finalFolder(id));
      for (const path of [this.#newPath(id), this.#finalPath(id), this.#newPath(id)]) {
        await this.#disk.unlink(path).catch((error) => {
          if (!hasCode(error, 'ENOENT')) throw error;
        });
      }
    }
    for (const folder of folders) if (existsSync(folder)) await this.#disk.syncFolder(folder);
    this.#removed = [...this.#removed, ...ids];
  }

  /** Drops all files; the caller has deleted the rows. */
  async clear(): Promise<void> {
    await this.finish();
    this.#cache.clear();
    for (const id of [...this.#waiting.keys()]) this.#stopWaiting(id);
    for (const folder of await this.#disk.readdir(this.#folder)) {
      for (const id of await this.#disk.readdir(join(this.#folder, folder))) {
        await this.#disk.unlink(join(this.#folder, folder, id));
      }
    }
    this.#removed = [];
  }

  /** Waits for the work in the background. */
  async finish(): Promise<void> {
    while (this.#background.size > 0) await Promise.all(this.#background);
  }
}

async function* partOf(bytes: Uint8Array, start: number, end: number): AsyncGenerator<Uint8Array> {
  if (end > start) yield bytes.subarray(start, end);
}
