/** A full disk: writes fail with a clear error, reads and deletes go on, nothing is damaged, and it recovers by itself. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmdirSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { openStore } from '../../src/store/sqlite.ts';
import { type BlobRef, FullError, type Store, table } from '../../src/store/store.ts';

const MEBIBYTE = 1024 * 1024;
const mount = mkdtempSync(join(tmpdir(), 'bailey-full-'));
const isMounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', mount]).status === 0;
afterAll(() => {
  if (isMounted) spawnSync('umount', [mount]);
  rmdirSync(mount);
});
if (!isMounted) console.warn('SKIPPED: full disks need the right to mount a tmpfs, which is not here');

const objects = table<{ text: string; blob?: BlobRef }>('test.object');

async function* zeros(bytes: number): AsyncGenerator<Uint8Array> {
  for (let left = bytes; left > 0; left -= 65_536) yield Buffer.alloc(Math.min(left, 65_536));
}

async function put(store: Store, id: string, blobBytes?: number): Promise<void> {
  const change = store.begin();
  if (blobBytes === undefined) change.put(objects, '', id, { text: 'x'.repeat(20_000) });
  else {
    const blob = await store.blobs.write(zeros(blobBytes));
    change.adopt(blob);
    change.put(objects, '', id, { text: '', blob });
  }
  append(change, id);
  await store.commit(change);
}

function append(change: ReturnType<Store['begin']>, id: string): void {
  change.append({ stream: 'audit', partition: 'a', id: `e-${id}`, time: 1, tags: {}, body: Buffer.from(id) });
}

async function remove(store: Store, id: string): Promise<void> {
  const change = store.begin();
  const old = await change.get(objects, '', id);
  if (old?.blob) change.discard(old.blob);
  change.delete(objects, '', id);
  append(change, `deleted-${id}`);
  await store.commit(change);
}

async function fill(write: (n: number) => Promise<void>): Promise<number> {
  for (let n = 0; n < 10_000; n++) {
    try {
      // Once more as a client would: the first failure lets the store give back what it does not need.
      await write(n).catch(() => write(n));
    } catch (error) {
      expect(error).toBeInstanceOf(FullError);
      return n;
    }
  }
  throw new Error('the disk never got full');
}

describe.skipIf(!isMounted)('a full disk', () => {
  const dir = join(mount, 'data');
  let opened: Store | undefined;
  const open = async () => {
    opened = await openStore({ dir, clock: () => 1000, reserveBytes: 2 * MEBIBYTE });
    return opened;
  };
  afterEach(() => opened?.close());

  it('filled by rows: refuses puts, goes on to read, record and delete, then takes puts again', async () => {
    const store = await open();
    expect(statSync(join(dir, 'reserve')).size).toBe(2 * MEBIBYTE);
    const kept = await fill((n) => put(store, `row-${n}`));
    expect(kept).toBeGreaterThan(100);
    expect(existsSync(join(dir, 'reserve'))).toBe(false);
    for (let n = 0; n < kept; n++) expect((await store.get(objects, '', `row-${n}`))?.text).toHaveLength(20_000);
    expect(await store.get(objects, '', `row-${kept}`)).toBeUndefined();
    await expect(put(store, 'more')).rejects.toThrow('the disk is full');
    const read = store.begin();
    await read.get(objects, '', 'row-0');
    append(read, 'read');
    await store.commit(read);
    for (let n = 0; n < kept / 2; n++) await remove(store, `row-${n}`);
    await put(store, 'after');
    expect(statSync(join(dir, 'reserve')).size).toBe(2 * MEBIBYTE);
    expect(await store.entry('audit', 'e-deleted-row-0')).toBeDefined();
    await store.close();
    const again = await open();
    expect(await again.get(objects, '', 'row-0')).toBeUndefined();
    expect(await again.get(objects, '', 'after')).toBeDefined();
    for (let n = Math.ceil(kept / 2); n < kept; n++) await remove(again, `row-${n}`);
    await again.close();
    sound();
  });

  it('filled by large blobs: the upload fails, leaves nothing behind, and deletes make room', async () => {
    const store = await open();
    const kept = await fill((n) => put(store, `blob-${n}`, MEBIBYTE));
    expect(kept).toBeGreaterThan(3);
    for (let n = 0; n < kept; n++) await remove(store, `blob-${n}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await put(store, 'after', MEBIBYTE);
    await remove(store, 'after');
    await store.close();
    const files = readdirSync(join(dir, 'blobs'), { recursive: true, withFileTypes: true });
    expect(files.filter((file) => file.isFile())).toEqual([]);
    sound();
  });

  it('filled by others to the last byte: the store opens, reads and deletes', async () => {
    const store = await open();
    await put(store, 'a');
    await put(store, 'b');
    await store.close();
    const filler = join(mount, 'filler');
    try {
      writeFileSync(filler, Buffer.alloc(30 * MEBIBYTE));
    } catch {
      // As intended.
    }
    const again = await open();
    expect(await again.get(objects, '', 'a')).toBeDefined();
    await fill((n) => put(again, `c-${n}`));
    await remove(again, 'a');
    expect(await again.get(objects, '', 'a')).toBeUndefined();
    unlinkSync(filler);
    await put(again, 'd');
    await again.close();
    sound();
  });

  function sound(): void {
    const database = new DatabaseSync(join(dir, 'store.db'));
    expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
    database.close();
  }
});
