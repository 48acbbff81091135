/** Blobs on a disk that fails: nothing half written shows, nothing given up stays, readers finish what they began. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { FRAME_BYTES } from './blob-file.ts';
import { type Disk, nodeDisk } from './disk.ts';
import { openStore } from './sqlite.ts';
import { type BlobRef, ConflictError, FullError, type Store } from './store.ts';

const root = mkdtempSync(join(tmpdir(), 'bailey-blobs-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let count = 0;
const fresh = () => join(root, String(++count));
let now = 1000;
const open = (dir: string, disk: Disk = nodeDisk) => openStore({ dir, clock: () => now, reserveBytes: 0, disk });

async function* stream(bytes: number, fill = 'abcdefg'): AsyncGenerator<Uint8Array> {
  for (let left = bytes; left > 0; left -= 100_000) yield Buffer.alloc(Math.min(left, 100_000), fill);
}

async function read(store: Store, blob: BlobRef, start?: number, end?: number): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of store.blobs.read(blob, start, end)) parts.push(part);
  return Buffer.concat(parts);
}

async function keep(store: Store, blob: BlobRef): Promise<void> {
  const change = store.begin();
  change.adopt(blob);
  await store.commit(change);
}

async function discard(store: Store, blob: BlobRef): Promise<void> {
  const change = store.begin();
  change.discard(blob);
  await store.commit(change);
}

function filesIn(dir: string): string[] {
  const entries = readdirSync(join(dir, 'blobs'), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
}

async function eventually(isSo: () => boolean): Promise<void> {
  for (let tries = 0; tries < 200 && !isSo(); tries++) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(isSo()).toBe(true);
}

async function allBytes(size: number): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of stream(size)) parts.push(part);
  return Buffer.concat(parts);
}

it.each([65_536, 65_537, FRAME_BYTES - 1, FRAME_BYTES, FRAME_BYTES + 1, 9 * FRAME_BYTES, 10 * FRAME_BYTES + 5])(
  'a blob of %i bytes, whole, in parts, and after reopening',
  async (size) => {
    const dir = fresh();
    const expected = await allBytes(size);
    const store = await open(dir);
    const blob = await store.blobs.write(stream(size));
    expect(blob).toEqual({ id: blob.id, size, inline: size <= 65_536 });
    expect(await read(store, blob), 'before it is adopted').toEqual(expected);
    await keep(store, blob);
    await store.close();
    const again = await open(dir);
    expect((await read(again, blob)).equals(expected)).toBe(true);
    for (const edge of [0, 1, FRAME_BYTES - 1, FRAME_BYTES, FRAME_BYTES + 1, size - 1]) {
      if (edge >= size) continue;
      expect((await read(again, blob, edge, edge + 1)).equals(expected.subarray(edge, edge + 1))).toBe(true);
      expect((await read(again, blob, edge)).equals(expected.subarray(edge))).toBe(true);
      expect((await read(again, blob, 0, edge)).equals(expected.subarray(0, edge))).toBe(true);
    }
    expect(() => again.blobs.read(blob, 0, size + 1)).toThrow(RangeError);
    await again.close();
  },
);

it('what was never adopted is gone after a restart, and so is its file', async () => {
  const dir = fresh();
  const store = await open(dir);
  const small = await store.blobs.write(stream(10));
  const large = await store.blobs.write(stream(200_000));
  expect(filesIn(dir)).toEqual([large.id]);
  await store.close();
  const again = await open(dir);
  expect(filesIn(dir)).toEqual([]);
  await expect(read(again, small)).rejects.toThrow();
  await expect(read(again, large)).rejects.toThrow();
  const change = again.begin();
  change.adopt(large);
  await expect(again.commit(change)).rejects.toThrow(ConflictError);
  await again.close();
});

it('what nobody adopts within an hour is given up', async () => {
  const dir = fresh();
  const store = await open(dir);
  const forgotten = await store.blobs.write(stream(200_000));
  now += 59 * 60_000;
  await store.blobs.write(stream(1));
  expect(filesIn(dir)).toEqual([forgotten.id]);
  now += 2 * 60_000;
  await store.blobs.write(stream(1));
  await eventually(() => filesIn(dir).length === 0);
  await store.close();
});

it('an upload that breaks off, and one that is released, leave no file', async () => {
  const dir = fresh();
  const store = await open(dir);
  let isClosed = false;
  async function* broken(): AsyncGenerator<Uint8Array> {
    try {
      yield* stream(300_000);
      throw new Error('the client went away');
    } finally {
      isClosed = true;
    }
  }
  await expect(store.blobs.write(broken())).rejects.toThrow('the client went away');
  expect(isClosed).toBe(true);
  await store.blobs.release(await store.blobs.write(stream(300_000)));
  expect(filesIn(dir)).toEqual([]);
  await store.close();
});

it('a discarded file goes, but a reader who had begun reads to the end', async () => {
  const dir = fresh();
  const store = await open(dir);
  const size = 5 * FRAME_BYTES;
  const blob = await store.blobs.write(stream(size));
  await keep(store, blob);
  const reader = store.blobs.read(blob)[Symbol.asyncIterator]();
  let received = (await reader.next()).value.length;
  await discard(store, blob);
  await eventually(() => filesIn(dir).length === 0);
  for (let next = await reader.next(); !next.done; next = await reader.next()) received += next.value.length;
  expect(received).toBe(size);
  await expect(read(store, blob)).rejects.toThrow();
  await store.close();
});

it('syncs the file, then its folder, before the blob is there to adopt', async () => {
  const order: string[] = [];
  const watched: Disk = {
    ...nodeDisk,
    async open(path, flags) {
      const file = await nodeDisk.open(path, flags);
      if (flags !== 'wx') return file;
      return new Proxy(file, {
        get(target, name) {
          const member = Reflect.get(target, name);
          if (typeof member !== 'function') return member;
          return (...args: unknown[]) => {
            if (name === 'write' || name === 'sync') order.push(String(name));
            return Reflect.apply(member, target, args);
          };
        },
      });
    },
    async syncFolder(path) {
      await nodeDisk.syncFolder(path);
      order.push('folder');
    },
  };
  const store = await open(fresh(), watched);
  order.length = 0;
  await store.blobs.write(stream(200_000));
  order.push('returned');
  expect(order).toEqual(['write', 'sync', 'folder', 'returned']);
  await store.close();
});

it.each(['ENOSPC', 'EIO'])('a disk that answers %s in the middle of an upload', async (code) => {
  const dir = fresh();
  let writesLeft = 1;
  const failing: Disk = {
    ...nodeDisk,
    async open(path, flags) {
      const file = await nodeDisk.open(path, flags);
      if (flags !== 'wx') return file;
      return new Proxy(file, {
        get(target, name) {
          const member = Reflect.get(target, name);
          if (typeof member !== 'function') return member;
          return (...args: unknown[]) => {
            if (name === 'write' && writesLeft-- <= 0) {
              return Promise.reject(Object.assign(new Error(code), { code }));
            }
            return Reflect.apply(member, target, args);
          };
        },
      });
    },
  };
  const store = await open(dir, failing);
  const writing = store.blobs.write(stream(20 * FRAME_BYTES));
  await expect(writing).rejects.toThrow(code === 'ENOSPC' ? FullError : code);
  expect(filesIn(dir)).toEqual([]);
  writesLeft = 100;
  const blob = await store.blobs.write(stream(200_000));
  await keep(store, blob);
  expect(await read(store, blob)).toHaveLength(200_000);
  await store.close();
});

it('a discard survives a restart before the file is removed', async () => {
  const dir = fresh();
  const stuck: Disk = { ...nodeDisk, unlink: () => Promise.reject(Object.assign(new Error('stuck'), { code: 'EIO' })) };
  const store = await open(dir, stuck);
  const blob = await store.blobs.write(stream(200_000));
  await keep(store, blob);
  await discard(store, blob);
  await store.close();
  expect(filesIn(dir)).toEqual([blob.id]);
  const again = await open(dir);
  expect(filesIn(dir)).toEqual([]);
  await again.close();
  expect(existsSync(join(dir, 'store.db'))).toBe(true);
});

it('many small uploads that wait do not fill the memory: further ones go to files', async () => {
  const dir = fresh();
  const store = await open(dir);
  let blob = await store.blobs.write(stream(60_000));
  for (let n = 0; blob.inline && n < 2000; n++) blob = await store.blobs.write(stream(60_000));
  expect(blob.inline).toBe(false);
  expect(await read(store, blob)).toHaveLength(60_000);
  await store.close();
});
