/** One process per data folder: a lock that the operating system lets go when its holder dies, however it dies. */
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export interface Lock {
  release(): void;
}

/** Throws an Error that names the process which holds the folder. */
export function lockFolder(folder: string): Lock {
  const holder = join(folder, 'lock.pid');
  // An open exclusive transaction is a file lock; nothing is ever written to this database. Who can read it can lock it.
  const path = join(folder, 'lock.db');
  if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600));
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    // With its journal in memory it can be locked on a full disk too.
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (!(error instanceof Error && 'errcode' in error && error.errcode === 5)) throw error;
    throw new Error(
      `${nameOf(holder)} is using the data folder ${folder}: stop it first, or choose another with --data`,
    );
  }
  try {
    writeFileSync(holder, `${process.pid}\n`, { mode: 0o600 });
  } catch {
    // On a full disk others are told less.
  }
  return { release: () => database.close() };
}

function nameOf(holder: string): string {
  try {
    const pid = Number.parseInt(readFileSync(holder, 'utf8'), 10);
    if (pid > 0) return `Bailey's process ${pid}`;
  } catch {
    // Told below.
  }
  return 'another process';
}
