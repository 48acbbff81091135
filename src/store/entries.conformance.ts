/** The port as tests: streams of entries. */
import { beforeEach, describe, expect, it } from 'vitest';
import { entry, type StoreBench } from './conformance.fixture.ts';
import type { Store } from './store.ts';

export function describeEntries(bench: StoreBench): void {
  const { append } = bench;

  describe('entries', () => {
    let store: Store;
    beforeEach(() => {
      ({ store } = bench);
    });
    const query = (more = {}) => store.query({ stream: 'audit', partition: 'a', limit: 50, ...more });
    const found = async (more = {}) => (await query(more)).entries.map(({ id }) => id);

    it('finds the newest first, by time and by tag', async () => {
      await append(entry('1', 10, { tags: { user: 'rudy' } }), entry('3', 30, { tags: { user: 'rudy', event: 'x' } }));
      await append(entry('2', 20, { tags: { user: 'blaine' } }));
      await append(entry('other', 25, { partition: 'b', tags: { user: 'rudy' } }));
      await append(entry('elsewhere', 25, { stream: 'data', tags: { user: 'rudy' } }));
      expect(await found()).toEqual(['3', '2', '1']);
      expect(await found({ from: 20 })).toEqual(['3', '2']);
      expect(await found({ to: 20 })).toEqual(['2', '1']);
      expect(await found({ from: 20, to: 20 })).toEqual(['2']);
      expect(await found({ tag: { name: 'user', value: 'rudy' } })).toEqual(['3', '1']);
      expect(await found({ tag: { name: 'event', value: 'x' } })).toEqual(['3']);
      expect(await found({ tag: { name: 'event', value: 'rudy' } })).toEqual([]);
      expect(await found({ partition: 'b' })).toEqual(['other']);
      const page = await query({ limit: 1 });
      expect(Buffer.from(page.entries[0]!.body).toString()).toBe('body of 3');
      expect(page.entries[0]!.time).toBe(30);
    });

    it('finds an entry by each value of a tag, and once', async () => {
      await append(entry('1', 10, { tags: { user: ['rudy', 'blaine'] } }), entry('2', 20, { tags: { user: [] } }));
      for (const value of ['rudy', 'blaine']) expect(await found({ tag: { name: 'user', value } })).toEqual(['1']);
      expect(await found({ tag: { name: 'user', value: 'rudy,blaine' } })).toEqual([]);
      expect(await found()).toEqual(['2', '1']);
    });

    it('pages backward through equal times without loss or repetition', async () => {
      for (let commit = 0; commit < 5; commit++) {
        await append(...Array.from({ length: 5 }, (_, i) => entry(`${commit}-${i}`, 100 + (i % 2))));
      }
      const seen: string[] = [];
      let cursor: string | undefined;
      let pages = 0;
      do {
        const page = await query({ limit: 4, ...(cursor && { cursor }) });
        seen.push(...page.entries.map(({ id }) => id));
        cursor = page.cursor;
        pages++;
      } while (cursor !== undefined);
      expect(pages).toBe(7);
      expect(seen).toHaveLength(25);
      expect(new Set(seen).size).toBe(25);
    });

    it('follows a stream forward, each entry once, late ones with early times too', async () => {
      await append(entry('1', 50), entry('2', 60));
      let page = await query({ forward: true });
      expect(page.entries.map(({ id }) => id)).toEqual(['1', '2']);
      page = await query({ forward: true, cursor: page.cursor });
      expect(page.entries).toEqual([]);
      await append(entry('late', 1), entry('other', 2, { partition: 'b' }));
      page = await query({ forward: true, cursor: page.cursor });
      expect(page.entries.map(({ id }) => id)).toEqual(['late']);
      expect((await query({ forward: true, cursor: page.cursor })).entries).toEqual([]);
      const first = await query({ forward: true, limit: 1 });
      expect(await found({ forward: true, limit: 1, cursor: first.cursor })).toEqual(['2']);
    });

    it('follows a partition from where it was quiet, past what others wrote meanwhile', async () => {
      const quiet = await query({ forward: true });
      expect(quiet.entries).toEqual([]);
      await append(entry('other', 5, { partition: 'b' }));
      const still = await query({ forward: true, cursor: quiet.cursor });
      expect(still.cursor).not.toBe(quiet.cursor);
      await append(entry('1', 1), entry('2', 2), entry('3', 3));
      const first = await query({ forward: true, cursor: still.cursor, limit: 2 });
      expect(first.entries.map(({ id }) => id)).toEqual(['1', '2']);
      expect(await found({ forward: true, cursor: first.cursor, limit: 2 })).toEqual(['3']);
      expect(await found({ forward: true, cursor: quiet.cursor })).toEqual(['1', '2', '3']);
      const ended = await query({ forward: true, to: 1 });
      expect(await found({ forward: true, cursor: ended.cursor })).toEqual(['2', '3']);
    });

    it('gives one entry by its id, in whatever partition', async () => {
      await append(entry('x', 7, { partition: 'b' }));
      const one = await store.entry('audit', 'x');
      expect(one).toMatchObject({ partition: 'b', time: 7 });
      expect(Buffer.from(one!.body).toString()).toBe('body of x');
      expect(await store.entry('audit', 'y')).toBeUndefined();
      expect(await store.entry('data', 'x')).toBeUndefined();
    });

    it('expires what is older in one stream', async () => {
      await append(entry('old', 10), entry('new', 20), entry('kept', 10, { stream: 'data' }));
      await store.expire('audit', 20);
      expect(await found()).toEqual(['new']);
      expect(await store.entry('audit', 'old')).toBeUndefined();
      expect(await store.entry('data', 'kept')).toBeDefined();
    });

    it('refuses limits and cursors that it did not give', async () => {
      await expect(query({ limit: 0 })).rejects.toThrow(RangeError);
      for (const cursor of ['', 'x', '1.2.3', '-1.5', '1.5 ', 'zz.__proto__']) {
        await expect(query({ cursor })).rejects.toThrow(RangeError);
      }
    });
  });
}
