/** The port as tests: rows, and who may write them. */
import { beforeEach, describe, expect, it } from 'vitest';
import { entry, notes, type StoreBench } from './conformance.fixture.ts';
import { ConflictError, type Store, table } from './store.ts';

const packets = table<{ text: string; bytes?: Uint8Array }>('test.packet');

export function describeRows(bench: StoreBench): void {
  const { put, ids } = bench;

  describe('rows', () => {
    let store: Store;
    beforeEach(() => {
      ({ store } = bench);
    });

    it('keeps what was committed, apart by table and partition', async () => {
      await put('p', 'one');
      expect(await store.get(notes, 'p', 'one')).toEqual({ text: 'one' });
      expect(await store.get(notes, 'q', 'one')).toBeUndefined();
      expect(await store.get(table('test.other'), 'p', 'one')).toBeUndefined();
      expect(await store.list(notes, 'p')).toEqual([{ id: 'one', value: { text: 'one' } }]);
    });

    it('shows a change its own writes, and nobody else', async () => {
      await put('p', 'a', 'b', 'c');
      const change = store.begin();
      change.put(notes, 'p', 'bb', { text: 'new' });
      change.delete(notes, 'p', 'a');
      change.put(notes, 'p', 'c', { text: 'changed' });
      expect(await change.get(notes, 'p', 'a')).toBeUndefined();
      expect(await change.get(notes, 'p', 'bb')).toEqual({ text: 'new' });
      expect((await change.list(notes, 'p')).map((row) => [row.id, row.value.text])).toEqual([
        ['b', 'b'],
        ['bb', 'new'],
        ['c', 'changed'],
      ]);
      expect((await change.list(notes, 'p', { limit: 2 })).map((row) => row.id)).toEqual(['b', 'bb']);
      expect((await change.list(notes, 'p', { limit: 1, reverse: true })).map((row) => row.id)).toEqual(['c']);
      expect(await ids('p')).toEqual(['a', 'b', 'c']);
      await store.commit(change);
      expect(await ids('p')).toEqual(['b', 'bb', 'c']);
    });

    it.each([0, 1, 5000])('keeps %i bytes of a row as they are, and moves them with it', async (size) => {
      const bytes = Buffer.alloc(size, '\0{"x"}é');
      const packet = { text: 'né', bytes };
      const first = store.begin();
      first.put(packets, 'p', 'a', packet);
      expect(await first.get(packets, 'p', 'a')).toEqual(packet);
      expect(await first.list(packets, 'p')).toEqual([{ id: 'a', value: packet }]);
      await store.commit(first);
      const second = store.begin();
      second.put(packets, 'q', 'b', (await second.get(packets, 'p', 'a'))!);
      second.put(packets, 'q', 'none', { text: 'none' });
      await store.commit(second);
      expect(await store.list(packets, 'q')).toEqual([
        { id: 'b', value: packet },
        { id: 'none', value: { text: 'none' } },
      ]);
      expect((await store.get(packets, 'q', 'b'))?.bytes).toBeInstanceOf(Uint8Array);
    });

    it('counts the bytes of a row into its size', async () => {
      const change = store.begin();
      const bytes = new Uint8Array(16 * 1024 * 1024);
      expect(() => change.put(packets, 'p', 'a', { text: '', bytes })).toThrow('a row holds at most');
    });

    it('gives the same object while a row is unchanged, and another after a write', async () => {
      await put('p', 'a');
      const first = await store.get(notes, 'p', 'a');
      await put('p', 'b');
      expect(await store.get(notes, 'p', 'a')).toBe(first);
      expect((await store.list(notes, 'p'))[0]!.value).toBe(first);
      await put('p', 'a');
      expect(await store.get(notes, 'p', 'a')).not.toBe(first);
    });

    it('takes a value as it was at put', async () => {
      const value = { text: 'before' };
      const change = store.begin();
      change.put(notes, 'p', 'a', value);
      value.text = 'after';
      await store.commit(change);
      expect(await store.get(notes, 'p', 'a')).toEqual({ text: 'before' });
    });

    it('lists by UTF-8 bytes within every kind of bound', async () => {
      const all = ['', 'a', 'a\0x', 'a/1', 'a/2', 'aé', 'b', '\ud7ff', '\ue000', '\uffff', '😀', '\u{10ffff}'];
      await put('p', ...all.toReversed());
      expect(await ids('p')).toEqual(all);
      expect(await ids('p', { reverse: true })).toEqual(all.toReversed());
      expect(await ids('p', { prefix: 'a/' })).toEqual(['a/1', 'a/2']);
      expect(await ids('p', { prefix: 'a', reverse: true, limit: 2 })).toEqual(['aé', 'a/2']);
      expect(await ids('p', { prefix: '\ud7ff' })).toEqual(['\ud7ff']);
      expect(await ids('p', { prefix: '\u{10ffff}' })).toEqual(['\u{10ffff}']);
      expect(await ids('p', { prefix: 'a', after: 'a/1' })).toEqual(['a/2', 'aé']);
      expect(await ids('p', { from: 'b', limit: 2 })).toEqual(['b', '\ud7ff']);
      expect(await ids('p', { after: 'a/1', reverse: true })).toEqual(['a\0x', 'a', '']);
      expect(await ids('p', { from: 'a/1', reverse: true })).toEqual(['a/1', 'a\0x', 'a', '']);
      expect(await ids('p', { limit: 0 })).toEqual([]);
      expect(await ids('p', { prefix: 'zz' })).toEqual([]);
    });

    it('refuses addresses that would be stored under another name', async () => {
      const change = store.begin();
      expect(() => change.put(notes, 'p', '\ud800', { text: '' })).toThrow(TypeError);
      expect(() => change.put(notes, 'p', 'x'.repeat(5000), { text: '' })).toThrow(RangeError);
      expect(() => change.put(table<unknown>('test.note'), 'p', 'x', undefined)).toThrow(TypeError);
    });
  });

  describe('conflicts', () => {
    let store: Store;
    beforeEach(() => {
      ({ store } = bench);
    });

    it('rejects a writer whose rows have changed, were made or were deleted since', async () => {
      await put('p', 'a', 'gone');
      for (const id of ['a', 'new', 'gone']) {
        const change = store.begin();
        await change.get(notes, 'p', id);
        change.put(notes, 'q', 'copy', { text: 'x' });
        if (id === 'gone') {
          const other = store.begin();
          other.delete(notes, 'p', 'gone');
          await store.commit(other);
        } else await put('p', id);
        await expect(store.commit(change)).rejects.toThrow(ConflictError);
      }
      expect(await store.get(notes, 'q', 'copy')).toBeUndefined();
    });

    it('rejects a writer whose listing has changed, and only then', async () => {
      await put('p', 'a/1', 'a/2', 'b/1');
      const racing = store.begin();
      await racing.list(notes, 'p', { prefix: 'a/' });
      racing.put(notes, 'q', 'racing', { text: '' });
      const calm = store.begin();
      await calm.list(notes, 'p', { prefix: 'b/' });
      calm.put(notes, 'q', 'calm', { text: '' });
      await put('p', 'a/3');
      await expect(store.commit(racing)).rejects.toThrow(ConflictError);
      await store.commit(calm);
      expect(await ids('q')).toEqual(['calm']);
    });

    it('lets one of two racing writers win when they arrive together', async () => {
      await put('p', 'counter');
      const results = await Promise.allSettled(
        [1, 2].map(async (n) => {
          const change = store.begin();
          await change.get(notes, 'p', 'counter');
          change.put(notes, 'p', 'counter', { text: `by ${n}` });
          change.append(entry(`by-${n}`, n));
          await store.commit(change);
        }),
      );
      expect(results.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected']);
      expect((await store.query({ stream: 'audit', partition: 'a', limit: 9 })).entries).toHaveLength(1);
    });

    it('never rejects a change that only reads and appends', async () => {
      await put('p', 'a');
      const change = store.begin();
      await change.get(notes, 'p', 'a');
      await change.list(notes, 'p');
      change.append(entry('read', 1));
      await put('p', 'a', 'b');
      await store.commit(change);
      expect(await store.entry('audit', 'read')).toBeDefined();
    });

    it('sees the writes of others that lie before its reads', async () => {
      const change = store.begin();
      await put('p', 'a');
      expect(await change.get(notes, 'p', 'a')).toEqual({ text: 'a' });
      change.put(notes, 'p', 'b', { text: 'b' });
      await store.commit(change);
      expect(await ids('p')).toEqual(['a', 'b']);
    });

    it.each([0, 20])('rejects what was decided on two states of a row (%i other rows read between)', async (count) => {
      const many = Array.from({ length: count }, (_, index) => `other ${index}`);
      await put('p', 'a', ...many);
      const change = store.begin();
      expect(await change.get(notes, 'p', 'a')).toEqual({ text: 'a' });
      for (const id of many) await change.get(notes, 'p', id);
      const writer = store.begin();
      writer.put(notes, 'p', 'a', { text: 'newer' });
      await store.commit(writer);
      await change.get(notes, 'p', 'a');
      change.put(notes, 'q', 'b', { text: 'from what was read' });
      await expect(store.commit(change)).rejects.toThrow(ConflictError);
    });

    it('commits a change once', async () => {
      const change = store.begin();
      change.put(notes, 'p', 'a', { text: 'a' });
      await store.commit(change);
      await expect(store.commit(change)).rejects.toThrow(TypeError);
      expect(() => change.delete(notes, 'p', 'a')).toThrow(TypeError);
    });

    it('conflicts with a clearing of the store', async () => {
      await put('p', 'a');
      const change = store.begin();
      await change.get(notes, 'p', 'a');
      change.put(notes, 'p', 'b', { text: 'b' });
      await store.clear();
      await expect(store.commit(change)).rejects.toThrow(ConflictError);
    });
  });
}
