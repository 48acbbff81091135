/** The suite that every engine of the store must pass: the port, as tests. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeBlobs } from './blobs.conformance.ts';
import { entry, notes, StoreBench } from './conformance.fixture.ts';
import { describeEntries } from './entries.conformance.ts';
import { describeRows } from './rows.conformance.ts';
import type { ChangedRow, Store } from './store.ts';

/** @param open makes an empty store; what it returns is closed after each test */
export function describeStore(name: string, open: () => Promise<Store>): void {
  describe(`store: ${name}`, () => {
    const bench = new StoreBench();
    const { put, append, ids } = bench;
    let store: Store;
    beforeEach(async () => {
      store = await open();
      bench.store = store;
    });
    afterEach(async () => {
      await store.close();
    });

    describeRows(bench);
    describeEntries(bench);
    describeBlobs(bench);

    it('tells listeners of changed rows before the commit resolves, until they stop', async () => {
      const heard: ChangedRow[][] = [];
      const stop = store.onCommit((changed) => heard.push([...changed]));
      await put('p', 'a', 'b');
      expect(heard.flat()).toEqual([
        { table: 'test.note', partition: 'p', id: 'a' },
        { table: 'test.note', partition: 'p', id: 'b' },
      ]);
      await append(entry('1', 1));
      expect(heard).toHaveLength(1);
      stop();
      await put('p', 'c');
      expect(heard).toHaveLength(1);
    });

    it('logs every written row for followers', async () => {
      await put('p', 'a');
      const change = store.begin();
      change.delete(notes, 'p', 'a');
      await store.commit(change);
      const log = await store.changes(0, 10);
      expect(log.map(({ table, partition, id, op }) => [table, partition, id, op])).toEqual([
        ['test.note', 'p', 'a', 'put'],
        ['test.note', 'p', 'a', 'delete'],
      ]);
      expect(await store.changes(log[0]!.sequence, 10)).toEqual(log.slice(1));
      expect(await store.changes(0, 1)).toEqual(log.slice(0, 1));
    });

    it('logs the writes of one change, and of changes that are committed together, each by itself', async () => {
      await Promise.all([put('p', 'a'), put('p', 'b'), put('q', 'c')]);
      const change = store.begin();
      change.put(notes, 'p', 'd', { text: 'd' });
      change.delete(notes, 'q', 'c');
      await store.commit(change);
      const log = await store.changes(0, 10);
      expect(log.map(({ partition, id, op }) => `${op} ${partition} ${id}`).sort()).toEqual(
        ['put p a', 'put p b', 'put q c', 'put p d', 'delete q c'].sort(),
      );
      const [first] = log;
      expect(log.map(({ sequence }) => sequence - first!.sequence)).toEqual([0, 1, 2, 3, 4]);
      for (const [index, { sequence }] of log.entries()) {
        expect(await store.changes(sequence, 2)).toEqual(log.slice(index + 1, index + 3));
      }
    });

    it('is empty after clear, and works on', async () => {
      await put('p', 'a');
      await append(entry('1', 1, { tags: { user: 'rudy' } }));
      await store.clear();
      expect(await store.get(notes, 'p', 'a')).toBeUndefined();
      expect(await ids('p')).toEqual([]);
      expect((await store.query({ stream: 'audit', partition: 'a', limit: 9 })).entries).toEqual([]);
      expect(await store.entry('audit', '1')).toBeUndefined();
      await put('p', 'b');
      expect(await ids('p')).toEqual(['b']);
    });
  });
}
