/** The SQLite engine passes the conformance suite, and keeps what it acknowledged when it is opened again. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { describeStore } from './conformance.ts';
import { openStore } from './sqlite.ts';
import { table } from './store.ts';

const folder = mkdtempSync(join(tmpdir(), 'bailey-store-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let count = 0;
const clock = () => 1_800_000_000_000;
const open = (dir: string) => openStore({ dir, clock, freezes: true, reserveBytes: 0 });
const freshDir = () => join(folder, String(++count));

describeStore('sqlite', () => open(freshDir()));

const notes = table<{ text: string }>('test.note');

it('finds everything again after it was closed', async () => {
  const dir = freshDir();
  const before = await open(dir);
  const change = before.begin();
  change.put(notes, 'p', 'a', { text: 'kept' });
  change.append({
    stream: 'audit',
    partition: 'a',
    id: '1',
    time: 5,
    tags: { user: 'rudy' },
    body: Buffer.from('entry'),
  });
  await before.commit(change);
  await before.close();
  const after = await open(dir);
  expect(await after.get(notes, 'p', 'a')).toEqual({ text: 'kept' });
  const tag = { name: 'user', value: 'rudy' };
  const { entries } = await after.query({ stream: 'audit', partition: 'a', tag, limit: 5 });
  expect(entries.map(({ id }) => id)).toEqual(['1']);
  await after.close();
});
