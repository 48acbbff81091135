/** Backup and restore: consistent under load, complete, and refusing every change made to a backup. */
import { chmodSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { backupStore } from './backup.ts';
import { restoreStore } from './restore.ts';
import { openStore } from './sqlite.ts';
import { type BlobRef, CorruptError, type Store, table } from './store.ts';

const root = mkdtempSync(join(tmpdir(), 'bailey-backup-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let count = 0;
const fresh = () => join(root, String(++count));
const open = (dir: string) => openStore({ dir, clock: () => 1000, reserveBytes: 0 });
const objects = table<{ n: number; blob: BlobRef }>('test.object');

async function* bytesOf(text: string, times: number): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < times; i++) yield Buffer.from(text.repeat(1024));
}

async function text(store: Store, blob: BlobRef): Promise<string> {
  let all = '';
  for await (const part of store.blobs.read(blob)) all += Buffer.from(part).toString();
  return all;
}

async function putObject(store: Store, n: number): Promise<void> {
  const blob = await store.blobs.write(bytesOf(String(n % 10), n % 2 === 0 ? 1 : 100));
  const change = store.begin();
  const old = await change.get(objects, 'b', `o${n % 5}`);
  if (old) change.discard(old.blob);
  change.adopt(blob);
  change.put(objects, 'b', `o${n % 5}`, { n, blob });
  change.append({
    stream: 'audit',
    partition: 'a',
    id: `e${n}`,
    time: n,
    tags: { n: String(n) },
    body: Buffer.from('e'),
  });
  await store.commit(change);
}

async function restored(backup: string, key: string): Promise<string> {
  const dir = fresh();
  await mkdir(dir);
  cpSync(key, join(dir, 'root.key'));
  chmodSync(join(dir, 'root.key'), 0o600);
  await restoreStore({ source: backup, dir });
  return dir;
}

it('backs up a store in use: every row of the backup has its bytes and its entry', async () => {
  const dir = fresh();
  const store = await open(dir);
  for (let n = 0; n < 10; n++) await putObject(store, n);
  let isWriting = true;
  let n = 10;
  const writer = (async () => {
    while (isWriting) await putObject(store, n++);
  })();
  const target = fresh();
  await backupStore({ dir, target });
  isWriting = false;
  await writer;
  await store.close();

  const again = await open(await restored(target, join(dir, 'root.key')));
  const rows = await again.list(objects, 'b');
  expect(rows).toHaveLength(5);
  for (const { value } of rows) {
    expect(await text(again, value.blob)).toBe(String(value.n % 10).repeat(value.blob.size));
    expect(await again.entry('audit', `e${value.n}`)).toBeDefined();
  }
  // Goes on where the backup ended.
  await putObject(again, 7);
  await again.close();
});

it('refuses a backup of which any file was changed, exchanged or taken away', async () => {
  const dir = fresh();
  const store = await open(dir);
  for (let n = 0; n < 4; n++) await putObject(store, n);
  await store.close();
  const target = fresh();
  await backupStore({ dir, target });
  const blobs = readdirSync(join(target, 'blobs'));
  expect(blobs).toHaveLength(2);
  const damages: ((copy: string) => void)[] = [
    (copy) => flip(join(copy, 'store.db')),
    (copy) => flip(join(copy, 'manifest.json')),
    (copy) => flip(join(copy, 'blobs', blobs[0]!)),
    (copy) => rmSync(join(copy, 'blobs', blobs[0]!)),
    (copy) => cpSync(join(copy, 'blobs', blobs[0]!), join(copy, 'blobs', blobs[1]!)),
  ];
  for (const damage of damages) {
    const copy = fresh();
    cpSync(target, copy, { recursive: true });
    damage(copy);
    await expect(restored(copy, join(dir, 'root.key'))).rejects.toThrow(CorruptError);
  }
  const otherKey = join(root, 'other.key');
  writeFileSync(otherKey, Buffer.alloc(32, 7), { mode: 0o600 });
  await expect(restored(target, otherKey)).rejects.toThrow(CorruptError);
  await expect(backupStore({ dir, target })).rejects.toThrow('is not empty');
  await expect(restoreStore({ source: target, dir })).rejects.toThrow('already holds data');
});

it('starts a new history, so that the anchor takes the restored data and refuses the old', async () => {
  const dir = fresh();
  const store = await open(dir);
  await putObject(store, 1);
  await store.close();
  const target = fresh();
  await backupStore({ dir, target });
  const old = fresh();
  cpSync(dir, old, { recursive: true });
  const later = await open(dir);
  await putObject(later, 2);
  await later.close();
  rmSync(join(dir, 'store.db'));
  await expect(open(dir)).rejects.toThrow('restore them from a backup');
  await restoreStore({ source: target, dir });
  const after = await open(dir);
  expect((await after.list(objects, 'b')).map(({ id }) => id)).toEqual(['o1']);
  await after.close();
  cpSync(join(old, 'store.db'), join(dir, 'store.db'));
  await expect(open(dir)).rejects.toThrow('older than');
});

function flip(path: string): void {
  const bytes = readFileSync(path);
  const at = Math.floor(bytes.length / 2);
  bytes[at] = bytes[at]! ^ 1;
  rmSync(path);
  writeFileSync(path, bytes);
}

it('attack: nothing of a backup can be read by others, whatever folder it was given', async () => {
  const [dir, target] = [fresh(), fresh()];
  const store = await open(dir);
  await putObject(store, 1);
  await mkdir(target, { mode: 0o755 });
  await backupStore({ dir, target });
  await store.close();
  for (const name of readdirSync(target)) expect(statSync(join(target, name)).mode & 0o077, name).toBe(0);
});
