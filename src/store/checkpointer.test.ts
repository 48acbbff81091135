/** The log of the database goes back into it while commits go on, and nothing read or written meanwhile is lost. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, expect, it } from 'vitest';
import { openStore } from './sqlite.ts';
import { table } from './store.ts';

const root = mkdtempSync(join(tmpdir(), 'bailey-checkpoint-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const rows = table<{ text: string }>('test.row');

it('keeps the log short under a stream of commits', { timeout: 60_000 }, async () => {
  const dir = join(root, 'data');
  const store = await openStore({ dir, clock: () => 1000, reserveBytes: 0 });
  let written = 0;
  const sizes: number[] = [];
  for (let group = 0; group < 150; group++) {
    await Promise.all(
      Array.from({ length: 10 }, async () => {
        const change = store.begin();
        change.put(rows, 'p', `row-${written++}`, { text: 'x'.repeat(20_000) });
        await store.commit(change);
      }),
    );
    sizes.push(statSync(join(dir, 'store.db-wal')).size);
  }
  const total = written * 20_000;
  expect(Math.max(...sizes)).toBeLessThan(total);
  expect(Math.max(...sizes)).toBeLessThan(20 * 1024 * 1024);
  // Without a close: what the other thread moved is in the database already.
  expect(statSync(join(dir, 'store.db')).size).toBeGreaterThan(total / 4);
  for (let n = 0; n < written; n += 37) expect((await store.get(rows, 'p', `row-${n}`))?.text).toHaveLength(20_000);
  await store.close();
  const database = new DatabaseSync(join(dir, 'store.db'));
  expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
  expect(database.prepare('SELECT count(*) AS rows FROM row').get()).toEqual({ rows: written });
  database.close();
});
