/** Opens a data folder after a crash and checks that all that was acknowledged is there, and nothing is there in half. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect } from 'vitest';
import { blobIdOfKey } from '../../src/store/blob-id.ts';
import { openStore } from '../../src/store/sqlite.ts';
import { blobs, bytesOf, entryOf, rows } from './writes.ts';

/** @param acknowledged numbers that the child said were committed */
export async function checkFolder(dir: string, acknowledged: Iterable<number>): Promise<void> {
  const store = await openStore({ dir, clock: Date.now, reserveBytes: 0 });
  try {
    for (const n of acknowledged) {
      expect(await store.get(rows, 'p', `row-${n}`), `row ${n}`).toEqual({ n });
      const found = await store.entry('audit', `entry-${n}`);
      expect(found && Buffer.from(found.body).toString(), `entry ${n}`).toBe(`entry ${n}`);
    }
    const present = new Set<number>();
    for (const { value } of await store.list(rows, 'p')) {
      present.add(value.n);
      expect(await store.entry('audit', `entry-${value.n}`), `a row without its entry: ${value.n}`).toBeDefined();
    }
    for (const { id, value } of await store.list(blobs, 'p')) {
      expect(present.has(value.n), `a blob without its row: ${value.n}`).toBe(true);
      const newest = Math.max(...[...present].filter((n) => `blob-${n % 10}` === id));
      // Writers in flight together may commit in another order than they began.
      expect(value.n).toBeGreaterThan(newest - 100);
      const parts: Uint8Array[] = [];
      for await (const part of store.blobs.read(value)) parts.push(part);
      expect(Buffer.concat(parts).equals(bytesOf(value.n)), `blob of ${value.n}`).toBe(true);
    }
    const some = [...present].filter((_, index) => index % 20 === 0);
    for (const n of some) {
      const tag = { name: 'n', value: String(n) };
      const { entries } = await store.query({ stream: 'audit', partition: 'a', tag, limit: 2 });
      expect(entries.map(({ id }) => id)).toEqual([entryOf(n).id]);
    }
  } finally {
    await store.close();
  }
  const database = new DatabaseSync(join(dir, 'store.db'));
  expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
  const inDatabase = database.prepare('SELECT id FROM blob WHERE body IS NULL').all();
  database.close();
  const files = readdirSync(join(dir, 'blobs'), { recursive: true, withFileTypes: true }).filter((file) =>
    file.isFile(),
  );
  expect(files.map((file) => file.name).sort()).toEqual(inDatabase.map(({ id }) => blobIdOfKey(id as number)).sort());
}
