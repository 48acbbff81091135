/** Whatever is changed in a data folder behind the store's back is told, never taken for an absence. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TAIL_ENTRIES } from './journal.ts';
import { openStore } from './sqlite.ts';
import { type BlobRef, CorruptError, type Store, table } from './store.ts';

const root = mkdtempSync(join(tmpdir(), 'bailey-corrupt-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const users = table<{ name: string }>('test.user');
const open = (dir: string) => openStore({ dir, clock: () => 1000, reserveBytes: 0 });
const SECRET = 'the-secret-plaintext';
const FRAME = 128 * 1024;
const sound = join(root, 'sound');
let small: BlobRef;
let large: BlobRef;
let other: BlobRef;

async function* pieces(fill: string, bytes: number): AsyncGenerator<Uint8Array> {
  yield Buffer.alloc(bytes, fill);
}

async function readAll(store: Store, blob: BlobRef): Promise<number> {
  let size = 0;
  for await (const part of store.blobs.read(blob)) size += part.length;
  return size;
}

beforeAll(async () => {
  const store = await open(sound);
  small = await store.blobs.write(pieces(SECRET, 1000));
  large = await store.blobs.write(pieces(SECRET, 3 * FRAME));
  other = await store.blobs.write(pieces('other', 3 * FRAME));
  const change = store.begin();
  for (const name of ['rudy', 'blaine']) change.put(users, 'p', name, { name: `${SECRET} ${name}` });
  for (const blob of [small, large, other]) change.adopt(blob);
  await store.commit(change);
  // More than the tail holds, so that there is a run; then some that are only in the tail.
  for (const [first, last] of [
    [0, TAIL_ENTRIES - 1],
    [TAIL_ENTRIES, TAIL_ENTRIES],
    [TAIL_ENTRIES + 1, TAIL_ENTRIES + 1],
    [TAIL_ENTRIES + 2, TAIL_ENTRIES + 2],
  ] as const) {
    const entries = store.begin();
    for (let n = first; n <= last; n++) {
      const tags = { n: `${SECRET} ${n}` };
      entries.append({ stream: 'audit', partition: 'a', id: `e${n}`, time: n, tags, body: Buffer.from(SECRET) });
    }
    await store.commit(entries);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await store.close();
});

async function damaged(name: string, statement: string): Promise<string> {
  const dir = join(root, name);
  cpSync(sound, dir, { recursive: true });
  const database = new DatabaseSync(join(dir, 'store.db'));
  const before = database.prepare('SELECT total_changes() AS n').get()!.n;
  database.exec(statement);
  expect(database.prepare('SELECT total_changes() AS n').get()!.n).not.toBe(before);
  database.close();
  return dir;
}

const query = (store: Store, n: number) =>
  store.query({ stream: 'audit', partition: 'a', tag: { name: 'n', value: `${SECRET} ${n}` }, limit: 5 });

it('the sound folder can be read', async () => {
  const store = await open(sound);
  expect(await store.get(users, 'p', 'rudy')).toEqual({ name: `${SECRET} rudy` });
  expect(await readAll(store, large)).toBe(3 * FRAME);
  for (const n of [0, TAIL_ENTRIES - 1, TAIL_ENTRIES, TAIL_ENTRIES + 2]) {
    expect((await query(store, n)).entries.map(({ id }) => id)).toEqual([`e${n}`]);
  }
  await store.close();
});

it('no file of the folder holds a plaintext', () => {
  let files = 0;
  for (const entry of readdirSync(sound, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    files++;
    expect(readFileSync(join(entry.parentPath, entry.name)).includes(SECRET), entry.name).toBe(false);
  }
  expect(files).toBeGreaterThan(4);
});

it.each([
  ['a flipped body', "UPDATE row SET body = zeroblob(length(body)) WHERE id = 'rudy'"],
  ['a shortened body', "UPDATE row SET body = substr(body, 1, 10) WHERE id = 'rudy'"],
  ["another row's body", "UPDATE row SET body = (SELECT body FROM row WHERE id = 'blaine') WHERE id = 'rudy'"],
  ['another version', "UPDATE row SET version = version + 1 WHERE id = 'rudy'"],
  ['a row under another name', "DELETE FROM row WHERE id = 'rudy'; UPDATE row SET id = 'rudy' WHERE id = 'blaine'"],
  ['a row in another table', "UPDATE row SET tbl = 'test.other'; UPDATE row SET tbl = 'test.user', partition = 'p2'"],
])('a row with %s', async (name, statement) => {
  const store = await open(await damaged(name, statement));
  const partition = name.includes('another table') ? 'p2' : 'p';
  await expect(store.get(users, partition, 'rudy')).rejects.toThrow(/test\.user .* rudy/);
  await expect(store.get(users, partition, 'rudy')).rejects.toThrow(CorruptError);
  await expect(store.list(users, partition)).rejects.toThrow(CorruptError);
  await expect(store.begin().get(users, partition, 'rudy')).rejects.toThrow(CorruptError);
  await store.close();
});

it.each([
  ['a flipped segment', 'UPDATE segment SET body = zeroblob(length(body)) WHERE number = 1'],
  ['a missing segment', 'DELETE FROM segment WHERE number = 1'],
  ['a flipped index block', 'UPDATE run_block SET body = zeroblob(length(body))'],
  ['a missing index block', 'DELETE FROM run_block'],
  ['exchanged index blocks', 'UPDATE run_block SET id = -id; UPDATE run_block SET id = 191 + id'],
])('entries with %s', async (name, statement) => {
  const store = await open(await damaged(name, statement));
  await expect(query(store, 0)).rejects.toThrow(CorruptError);
  await expect(store.entry('audit', 'e0')).rejects.toThrow(CorruptError);
  await store.close();
});

it.each([
  ['a missing entry after the last run', `DELETE FROM segment WHERE number = ${TAIL_ENTRIES + 2}`],
  ['a renumbered entry', `UPDATE segment SET number = number + 1 WHERE number = ${TAIL_ENTRIES + 3}`],
  ['a flipped entry after the last run', `UPDATE segment SET body = zeroblob(99) WHERE number = ${TAIL_ENTRIES + 3}`],
  ['a flipped run', 'UPDATE run SET header = zeroblob(length(header))'],
  ['its oldest run taken away', 'DELETE FROM run; DELETE FROM run_block; DELETE FROM segment WHERE number = 1'],
  ['an expiry that nobody asked for', "INSERT INTO expiry VALUES ('audit', zeroblob(40))"],
  ['a number that it never wrote', "INSERT INTO meta VALUES ('next', 3)"],
])('the store does not open with %s', async (name, statement) => {
  await expect(open(await damaged(name, statement))).rejects.toThrow(CorruptError);
});

it('a store whose newest entries were taken away is older than its anchor', async () => {
  const dir = await damaged('truncated', `DELETE FROM segment WHERE number > ${TAIL_ENTRIES + 1}`);
  await expect(open(dir)).rejects.toThrow('older than');
});

it('a small blob with the bytes of none', async () => {
  const store = await open(await damaged('small', 'UPDATE blob SET body = zeroblob(1050) WHERE body IS NOT NULL'));
  await expect(readAll(store, small)).rejects.toThrow(CorruptError);
  await store.close();
});

const SEALED_FRAME = FRAME + 16;
const HEAD = 24;
it.each<[string, (path: string, otherPath: string) => void]>([
  ['cut at a frame', (path) => truncateSync(path, HEAD + 2 * SEALED_FRAME)],
  ['cut by a byte', (path) => truncateSync(path, HEAD + 3 * SEALED_FRAME - 1)],
  ['exchanged for another blob', (path, otherPath) => cpSync(otherPath, path)],
  ['with a flipped head', (path) => edit(path, (bytes) => bytes.writeUInt8(bytes[9]! ^ 1, 9))],
  ['with another magic', (path) => edit(path, (bytes) => bytes.write('X', 0))],
  ['with a flipped frame', (path) => edit(path, (bytes) => bytes.writeUInt8(bytes[HEAD + 5]! ^ 1, HEAD + 5))],
  [
    'with exchanged frames',
    (path) =>
      edit(path, (bytes) => {
        const first = Buffer.from(bytes.subarray(HEAD, HEAD + SEALED_FRAME));
        bytes.copyWithin(HEAD, HEAD + SEALED_FRAME, HEAD + 2 * SEALED_FRAME);
        first.copy(bytes, HEAD + SEALED_FRAME);
      }),
  ],
  ['that is gone', (path) => rmSync(path)],
])('a large blob %s', async (name, damage) => {
  const dir = join(root, `blob ${name}`);
  cpSync(sound, dir, { recursive: true });
  const pathOf = (blob: BlobRef) => join(dir, 'blobs', blob.id.slice(-2), blob.id);
  damage(pathOf(large), pathOf(other));
  const store = await open(dir);
  await expect(readAll(store, large)).rejects.toThrow(CorruptError);
  await store.close();
});

it('a blob whose row says another size', async () => {
  const store = await open(sound);
  await expect(readAll(store, { ...large, size: 2 * FRAME })).rejects.toThrow(CorruptError);
  await expect(readAll(store, { ...large, size: 3 * FRAME + 1 })).rejects.toThrow(CorruptError);
  await store.close();
});

function edit(path: string, change: (bytes: Buffer) => void): void {
  const bytes = readFileSync(path);
  change(bytes);
  writeFileSync(path, bytes);
}
