/** Opens the SQLite database with the settings that durability rests on, and tells its errors apart. */
import { DatabaseSync } from 'node:sqlite';
import { PAGE_BYTES } from './checkpointer.ts';
import { CorruptError } from './store.ts';

const FULL = 13;
const CORRUPT = 11;
const NOT_A_DATABASE = 26;

export function openDatabase(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: 1000 });
  try {
    // Only a new database takes page size and vacuum mode; pages can then be given back when the disk is full.
    database.exec(`
      PRAGMA page_size = ${PAGE_BYTES};
      PRAGMA auto_vacuum = INCREMENTAL;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA cache_size = -16384;
      PRAGMA temp_store = MEMORY;
      PRAGMA trusted_schema = OFF;
    `);
  } catch (error) {
    database.close();
    throw asStoreError(error);
  }
  return database;
}

function codeOf(error: unknown): number | undefined {
  if (!(error instanceof Error && 'errcode' in error && typeof error.errcode === 'number')) return undefined;
  // The low byte is the primary code.
  return error.errcode & 0xff;
}

export function isFull(error: unknown): boolean {
  return codeOf(error) === FULL;
}

/** Whether this came from SQLite at all. */
export function isDatabaseError(error: unknown): boolean {
  return codeOf(error) !== undefined;
}

/** Damage that SQLite itself notices is told like damage that the seals notice. */
export function asStoreError(error: unknown): unknown {
  const code = codeOf(error);
  if (code !== CORRUPT && code !== NOT_A_DATABASE) return error;
  return new CorruptError(`the database is damaged: ${(error as Error).message}`, { cause: error });
}
