/** What stops a store from opening, each with a sentence that says what to do. */
import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, expect, it } from 'vitest';
import { openStore, type StoreOptions } from './sqlite.ts';
import { table } from './store.ts';

const root = mkdtempSync(join(tmpdir(), 'bailey-opening-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let count = 0;
const fresh = () => join(root, String(++count));
const notes = table<number>('test.note');
const open = (dir: string, more: Partial<StoreOptions> = {}) =>
  openStore({ dir, clock: () => 1000, reserveBytes: 0, ...more });

async function used(more: Partial<StoreOptions> = {}): Promise<string> {
  const dir = fresh();
  const store = await open(dir, more);
  await put(store, 'a');
  await store.close();
  return dir;
}

async function put(store: Awaited<ReturnType<typeof open>>, id: string): Promise<void> {
  const change = store.begin();
  change.put(notes, '', id, 1);
  await store.commit(change);
}

it('makes the folder, its key and its database for the owner alone', async () => {
  const dir = await used();
  for (const name of ['root.key', 'root.key.anchor', 'store.db']) {
    expect(statSync(join(dir, name)).mode & 0o777, name).toBe(0o600);
  }
  expect(statSync(dir).mode & 0o777).toBe(0o700);
  expect(readFileSync(join(dir, 'root.key'))).toHaveLength(32);
});

it('refuses a folder that is in use, and names the process', async () => {
  const dir = fresh();
  const store = await open(dir);
  await expect(open(dir)).rejects.toThrow(`process ${process.pid} is using the data folder`);
  await store.close();
  await (await open(dir)).close();
});

it('refuses data without their root key, with another, or with one that others can read', async () => {
  const dir = await used();
  const key = join(dir, 'root.key');
  const saved = readFileSync(key);
  rmSync(key);
  await expect(open(dir)).rejects.toThrow('put the root key back');
  writeFileSync(key, saved, { mode: 0o600 });
  chmodSync(key, 0o640);
  await expect(open(dir)).rejects.toThrow(`chmod 600 ${key}`);
  writeFileSync(key, saved.subarray(1));
  chmodSync(key, 0o600);
  await expect(open(dir)).rejects.toThrow('is not a root key');
  writeFileSync(key, Buffer.alloc(32, 1));
  await expect(open(dir)).rejects.toThrow('was not written with this root key');
  rmSync(join(dir, 'root.key.anchor'));
  await expect(open(dir)).rejects.toThrow('is not the root key of these data');
  writeFileSync(key, saved);
  await expect(open(dir)).rejects.toThrow('root.key.anchor is missing');
});

it('refuses data that are older than the anchor beside a root key elsewhere', async () => {
  const rootKeyFile = join(root, 'elsewhere.key');
  const dir = await used({ rootKeyFile });
  const copy = fresh();
  cpSync(dir, copy, { recursive: true });
  const store = await open(dir, { rootKeyFile });
  await put(store, 'b');
  await store.close();
  await expect(open(copy, { rootKeyFile })).rejects.toThrow('restore the newest backup');
  await expect(open(fresh(), { rootKeyFile })).rejects.toThrow('restore them from a backup');
  const accepted = await open(copy, { rootKeyFile, acceptsOlderData: true });
  expect(await accepted.get(notes, '', 'a')).toBe(1);
  await accepted.close();
  await (await open(copy, { rootKeyFile })).close();
  await expect(open(dir, { rootKeyFile })).rejects.toThrow('older than');
});

it('takes a folder whose first start broke off before there was a database', async () => {
  const dir = await used();
  for (const name of ['store.db', 'root.key.anchor']) rmSync(join(dir, name));
  const store = await open(dir);
  expect(await store.list(notes, '')).toEqual([]);
  await store.close();
});

it('brings a folder of the first format to the newest, and loses nothing', async () => {
  const dir = await used();
  const database = new DatabaseSync(join(dir, 'store.db'));
  database.exec(`
    ALTER TABLE row RENAME TO newer;
    CREATE TABLE row (
      tbl TEXT NOT NULL, partition TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, body BLOB NOT NULL,
      PRIMARY KEY (tbl, partition, id)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO row SELECT tbl, partition, id, version, body FROM newer;
    DROP TABLE newer;
    CREATE TABLE change_log (
      sequence INTEGER PRIMARY KEY, time INTEGER NOT NULL,
      tbl TEXT NOT NULL, partition TEXT NOT NULL, id TEXT NOT NULL, op TEXT NOT NULL
    ) STRICT;
    INSERT INTO change_log SELECT last, time, lines ->> 0, lines ->> 1, lines ->> 2, lines ->> 3 FROM change_group;
    DROP TABLE change_group;
    PRAGMA user_version = 1;
  `);
  database.close();
  const store = await open(dir);
  await put(store, 'b');
  expect(await store.list(notes, '')).toEqual([
    { id: 'a', value: 1 },
    { id: 'b', value: 1 },
  ]);
  const line = { table: 'test.note', partition: '', op: 'put', time: 1000 };
  expect(await store.changes(0, 10)).toEqual([
    { ...line, id: 'a', sequence: 1 },
    { ...line, id: 'b', sequence: 2 },
  ]);
  await store.close();
  await (await open(dir)).close();
});

it('brings a folder of the second format to the newest, and keeps bytes in rows from then on', async () => {
  const dir = await used();
  const database = new DatabaseSync(join(dir, 'store.db'));
  database.exec('PRAGMA user_version = 2');
  database.close();
  const packets = table<{ bytes: Uint8Array }>('test.packet');
  const bytes = Buffer.from('\0"é"');
  const store = await open(dir);
  const change = store.begin();
  change.put(packets, '', 'a', { bytes });
  await store.commit(change);
  await store.close();
  const again = await open(dir);
  expect(await again.get(notes, '', 'a')).toBe(1);
  expect(await again.get(packets, '', 'a')).toEqual({ bytes });
  await again.close();
  // One that knows two formats could not read such a row.
  const format = new DatabaseSync(join(dir, 'store.db'));
  expect(format.prepare('PRAGMA user_version').get()).toEqual({ user_version: 3 });
  format.close();
});

it('refuses a format that a newer Bailey wrote', async () => {
  const dir = await used();
  const database = new DatabaseSync(join(dir, 'store.db'));
  database.exec('PRAGMA user_version = 99');
  database.close();
  await expect(open(dir)).rejects.toThrow('the data folder has format 99');
});
