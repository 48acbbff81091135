/** Restores a backup into an empty data folder: everything is verified first, and a new history begins. */
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { writeAnchor } from './anchor.ts';
import { MANIFEST_FILE, type Manifest, type ManifestFile, macOf } from './backup.ts';
import { blobIdOfKey } from './blob-id.ts';
import { nodeDisk } from './disk.ts';
import { Journal } from './journal.ts';
import { lockFolder } from './lock.ts';
import { Meta } from './meta.ts';
import { loadRootKey } from './root-key.ts';
import { Rows } from './rows.ts';
import { migrate } from './schema.ts';
import { KeyTree, Seal } from './seal.ts';
import { anchorFileOf, BLOB_FOLDER, DATABASE_FILE, ROOT_KEY_FILE } from './sqlite.ts';
import { CorruptError } from './store.ts';

/** Sealed values opened before the event loop gets its turn. */
const OPENED_PER_TURN = 1000;

/**
 * Restores a backup. The root key must already lie at its place. Rejects with a CorruptError that names the file or row
 * that does not verify, leaving no database behind, or with an Error that says what to do.
 */
export async function restoreStore(options: {
  readonly source: string;
  readonly dir: string;
  readonly rootKeyFile?: string;
}): Promise<void> {
  const source = resolve(options.source);
  const dir = resolve(options.dir);
  const path = join(dir, DATABASE_FILE);
  if (existsSync(path))
    throw new Error(`${dir} already holds data: restore into another folder, or move them away first`);
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const lock = lockFolder(dir);
  try {
    const rootKeyFile = options.rootKeyFile ?? join(dir, ROOT_KEY_FILE);
    const keys = new KeyTree(loadRootKey(rootKeyFile, true));
    const files = await readManifest(source, keys);
    await rm(join(dir, BLOB_FOLDER), { recursive: true, force: true });
    await mkdir(join(dir, BLOB_FOLDER), { mode: 0o700 });
    const folders = new Set<string>();
    for (const file of files) {
      const id = file.path.slice(BLOB_FOLDER.length + 1);
      const folder = file.path === DATABASE_FILE ? dir : join(dir, BLOB_FOLDER, id.slice(-2).padStart(2, '0'));
      await mkdir(folder, { recursive: true, mode: 0o700 });
      folders.add(folder);
      await copyVerified(source, file, file.path === DATABASE_FILE ? `${path}.restored` : join(folder, id));
    }
    for (const folder of [...folders, join(dir, BLOB_FOLDER)]) await nodeDisk.syncFolder(folder);
    const anchored = await beginHistory(`${path}.restored`, keys, rootKeyFile);
    // Before the database is there: a crash in between leaves a folder that asks to be restored again.
    writeAnchor(anchorFileOf(rootKeyFile), keys, anchored);
    await rename(`${path}.restored`, path);
    await nodeDisk.syncFolder(dir);
  } finally {
    await rm(`${path}.restored`, { force: true });
    lock.release();
  }
}

async function readManifest(source: string, keys: KeyTree): Promise<readonly ManifestFile[]> {
  const path = join(source, MANIFEST_FILE);
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) throw new Error(`${source} is not a complete backup: it has no ${MANIFEST_FILE}`);
  try {
    const { files, mac } = JSON.parse(text) as Manifest;
    if (macOf(keys, files) === mac) return files;
  } catch {
    // Not JSON, or not a manifest: told below.
  }
  throw new CorruptError(`${path} was not written with this root key, or was changed`);
}

async function copyVerified(source: string, { path, sha256 }: ManifestFile, to: string): Promise<void> {
  const from = join(source, path);
  if (!existsSync(from)) throw new CorruptError(`${path} is missing from the backup`);
  const hash = createHash('sha256');
  const file = await open(to, 'w', 0o600);
  try {
    for await (const part of createReadStream(from)) {
      hash.update(part as Buffer);
      await file.writeFile(part as Buffer);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  if (hash.digest('hex') !== sha256) throw new CorruptError(`${path} in the backup is not what was backed up`);
}

/** Opens every sealed value once, and gives the database a new epoch. @returns what the anchor shall say */
async function beginHistory(path: string, keys: KeyTree, rootKeyFile: string) {
  const database = new DatabaseSync(path);
  try {
    const check = database.prepare('PRAGMA integrity_check').get()?.integrity_check;
    if (check !== 'ok') throw new CorruptError(`the database in the backup is damaged: ${check}`);
    migrate(database);
    const meta = new Meta(database, keys);
    meta.check(rootKeyFile);
    meta.beginEra();
    await openAll(database, keys);
    const epoch = randomBytes(16).toString('hex');
    meta.begin(epoch);
    const rows = new Rows({
      database,
      keys,
      clock: () => 0,
      cacheBytes: 0,
      freezes: false,
      newest: meta.number('newest'),
    });
    const journal = new Journal(database, keys, Math.max(1, meta.number('next')));
    return { epoch, position: rows.newest + journal.next };
  } finally {
    // Leaves one file: the log of the database is written into it.
    database.exec('PRAGMA journal_mode = DELETE');
    database.close();
  }
}

async function openAll(database: DatabaseSync, keys: KeyTree): Promise<void> {
  const sealed: [purpose: string, query: string, place: (row: Record<string, unknown>) => string][] = [
    ['row', 'SELECT * FROM row', (r) => `row\0${r.tbl}\0${r.partition}\0${r.id}\0${r.version}`],
    ['segment', 'SELECT * FROM segment', (r) => `segment\0${r.stream}\0${r.number}\0${r.count}`],
    ['blob', 'SELECT * FROM blob WHERE body IS NOT NULL', (r) => `blob\0${blobIdOfKey(r.id as number)}`],
  ];
  for (const [purpose, query, place] of sealed) {
    const seal = new Seal(purpose, keys);
    let opened = 0;
    for (const row of database.prepare(query).iterate()) {
      seal.open(place(row), row.body);
      if (++opened % OPENED_PER_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
