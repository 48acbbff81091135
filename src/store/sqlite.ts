/** The durable engine: one SQLite database and files beside it, written by one process in group commits. */
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { Anchor, readAnchor, writeAnchor } from './anchor.ts';
import { SqliteBlobs } from './blobs.ts';
import { Checkpointer } from './checkpointer.ts';
import { openDatabase } from './database.ts';
import { type Disk, nodeDisk } from './disk.ts';
import { Journal } from './journal.ts';
import { lockFolder } from './lock.ts';
import { Meta } from './meta.ts';
import { Reserve } from './reserve.ts';
import { loadRootKey } from './root-key.ts';
import { Rows } from './rows.ts';
import { migrate } from './schema.ts';
import { KeyTree } from './seal.ts';
import { SqliteStore } from './sqlite-store.ts';
import type { Store } from './store.ts';

export interface StoreOptions {
  /** The data folder; made if it is missing. */
  readonly dir: string;
  /** Where the root key lies, `root.key` in the data folder by default; its anchor lies beside it. */
  readonly rootKeyFile?: string;
  /** Epoch milliseconds. */
  readonly clock: () => number;
  /** Most bytes of decoded rows in memory, roughly; 64 MiB by default. */
  readonly cacheBytes?: number;
  /** Freezes the rows that readers get, to find those who mutate them. */
  readonly freezes?: boolean;
  /** Bytes of the file that is given up when the disk is full; 16 MiB by default, 0 for none. */
  readonly reserveBytes?: number;
  /** Takes data that are older than the anchor says, and starts a new history: an operator's decision. */
  readonly acceptsOlderData?: boolean;
  /** Entries that the index keeps in memory before it writes a run: 4096. */
  readonly tailEntries?: number;
  readonly disk?: Disk;
}

/** Names of the files in a data folder. */
export const DATABASE_FILE = 'store.db';
export const BLOB_FOLDER = 'blobs';
export const ROOT_KEY_FILE = 'root.key';

export function anchorFileOf(rootKeyFile: string): string {
  return `${rootKeyFile}.anchor`;
}

/**
 * Opens a data folder, or makes one. Rejects with an Error whose message says what to do when another process uses the
 * folder, the root key is missing or can be read by others, or the data are older than their anchor; with a CorruptError
 * when stored bytes do not verify.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const dir = resolve(options.dir);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const lock = lockFolder(dir);
  let database: DatabaseSync | undefined;
  try {
    const path = join(dir, DATABASE_FILE);
    const hasData = existsSync(path);
    const rootKeyFile = options.rootKeyFile ?? join(dir, ROOT_KEY_FILE);
    const anchorFile = anchorFileOf(rootKeyFile);
    const keys = new KeyTree(loadRootKey(rootKeyFile, hasData));
    const anchored = options.acceptsOlderData ? undefined : readAnchor(anchorFile, keys);
    if (!hasData) {
      if (anchored && anchored.position > 0) {
        throw new Error(`${anchorFile} tells of data that ${dir} does not hold: restore them from a backup`);
      }
      // The database takes its mode for its other files too.
      closeSync(openSync(path, 'w', 0o600));
    }
    const reserveBytes = options.reserveBytes ?? 16 * 1024 * 1024;
    const reserve = new Reserve(join(dir, 'reserve'), reserveBytes);
    reserve.releaseIfFull();
    database = openDatabase(path);
    migrate(database);
    const meta = new Meta(database, keys);
    const isFresh = meta.epoch === undefined;
    if (isFresh) {
      const epoch = anchored?.epoch ?? randomBytes(16).toString('hex');
      writeAnchor(anchorFile, keys, { epoch, position: 0 });
      meta.begin(epoch);
    }
    meta.check(rootKeyFile);
    meta.beginEra();
    const { clock } = options;
    const rows = new Rows({
      database,
      keys,
      clock,
      cacheBytes: options.cacheBytes ?? 64 * 1024 * 1024,
      freezes: options.freezes ?? false,
      newest: meta.number('newest'),
    });
    const journal = new Journal(database, keys, Math.max(1, meta.number('next')), options.tailEntries);
    const position = rows.newest + journal.next;
    if (options.acceptsOlderData) {
      meta.begin(randomBytes(16).toString('hex'));
      writeAnchor(anchorFile, keys, { epoch: meta.epoch ?? '', position });
    } else if (!isFresh) {
      if (!anchored) throw new Error(`${anchorFile} is missing: it says how far the data had come; put it back`);
      if (anchored.epoch !== meta.epoch || anchored.position > position) {
        throw new Error(
          `the data in ${dir} are older than ${anchorFile} says (${position} of ${anchored.position}): restore the newest backup`,
        );
      }
    }
    const folder = join(dir, BLOB_FOLDER);
    const disk = options.disk ?? nodeDisk;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    await disk.syncFolder(dir);
    const blobs = new SqliteBlobs({ folder, disk, keys, database, clock });
    await blobs.recover(database);
    const anchor = new Anchor(anchorFile, keys, meta.epoch ?? '', clock);
    const checkpointer = new Checkpointer(database, path, reserveBytes);
    return new SqliteStore({ database, checkpointer, rows, journal, blobs, meta, reserve, anchor, lock });
  } catch (error) {
    database?.close();
    lock.release();
    throw error;
  }
}
