/** The suite that every engine of the store must pass: the port, as tests. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type BlobRef, type ChangedRow, ConflictError, type Entry, type Store, table } from './store.ts';

const notes = table<{ text: string }>('test.note');
const packets = table<{ text: string; bytes?: Uint8Array }>('test.packet');

async function collect(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of bytes) parts.push(part);
  return Buffer.concat(parts);
}

async function* stream(...parts: (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield Buffer.from(part);
}

function entry(id: string, time: number, more: Partial<Entry> = {}): Entry {
  const body = Buffer.from(`body of ${id}`);
  return { stream: 'audit', partition: 'a', id, time, tags: {}, body, ...more };
}

/** @param open makes an empty store; what it returns is closed after each test */
export function describeStore(name: string, open: () => Promise<Store>): void {
  describe(`store: ${name}`, () => {
    let store: Store;
    beforeEach(async () => {
      store = await open();
    });
    afterEach(async () => {
      await store.close();
    });

    async function put(partition: string, ...ids: string[]): Promise<void> {
      const change = store.begin();
      for (const id of ids) change.put(notes, partition, id, { text: id });
      await store.commit(change);
    }
    async function append(...entries: Entry[]): Promise<void> {
      const change = store.begin();
      for (const one of entries) change.append(one);
      await store.commit(change);
    }
    const ids = async (partition: string, range = {}) =>
      (await store.list(notes, partition, range)).map((row) => row.id);

    describe('rows', () => {
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

    describe('entries', () => {
      const query = (more = {}) => store.query({ stream: 'audit', partition: 'a', limit: 50, ...more });
      const found = async (more = {}) => (await query(more)).entries.map(({ id }) => id);

      it('finds the newest first, by time and by tag', async () => {
        await append(
          entry('1', 10, { tags: { user: 'rudy' } }),
          entry('3', 30, { tags: { user: 'rudy', event: 'x' } }),
        );
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

    describe('blobs', () => {
      async function keep(blob: BlobRef): Promise<void> {
        const change = store.begin();
        change.adopt(blob);
        await store.commit(change);
      }

      it('gives back the whole and any part', async () => {
        const bytes = Buffer.from(Array.from({ length: 1000 }, (_, i) => i % 251));
        const blob = await store.blobs.write(stream(bytes.subarray(0, 300), '', bytes.subarray(300)));
        expect(blob.size).toBe(1000);
        await keep(blob);
        expect(await collect(store.blobs.read(blob))).toEqual(bytes);
        expect(await collect(store.blobs.read(blob, 290, 310))).toEqual(bytes.subarray(290, 310));
        expect(await collect(store.blobs.read(blob, 999))).toEqual(bytes.subarray(999));
        expect(await collect(store.blobs.read(blob, 5, 5))).toHaveLength(0);
      });

      it('takes an empty one, and the chunks of a writer who reuses its buffer', async () => {
        const empty = await store.blobs.write(stream());
        await keep(empty);
        expect(empty.size).toBe(0);
        expect(await collect(store.blobs.read(empty))).toHaveLength(0);
        async function* reused() {
          const buffer = Buffer.alloc(4);
          for (const text of ['abcd', 'efgh']) {
            buffer.write(text);
            yield buffer;
          }
        }
        const blob = await store.blobs.write(reused());
        await keep(blob);
        expect((await collect(store.blobs.read(blob))).toString()).toBe('abcdefgh');
      });

      it('keeps and gives small blobs at once', async () => {
        const blob = store.blobs.writeAtOnce(Buffer.from('espresso'));
        if (!blob) throw new Error('a small blob was not taken');
        expect(Buffer.from(store.blobs.readAtOnce(blob, 2, 4)!).toString()).toBe('pr');
        await keep(blob);
        for (const _ of ['from the store', 'again']) {
          expect(Buffer.from(store.blobs.readAtOnce(blob)!).toString()).toBe('espresso');
          expect((await collect(store.blobs.read(blob, 1))).toString()).toBe('spresso');
        }
        expect(() => store.blobs.readAtOnce({ ...blob, id: `${blob.id}0` })).toThrow();
      });

      it('is gone after discard and after release', async () => {
        const discarded = await store.blobs.write(stream('discarded'));
        await keep(discarded);
        const change = store.begin();
        change.discard(discarded);
        await store.commit(change);
        await expect(collect(store.blobs.read(discarded))).rejects.toThrow();
        const released = await store.blobs.write(stream('released'));
        await store.blobs.release(released);
        await expect(collect(store.blobs.read(released))).rejects.toThrow();
      });

      it('passes on what the writer throws', async () => {
        async function* failing() {
          yield Buffer.from('half');
          throw new Error('the client went away');
        }
        await expect(store.blobs.write(failing())).rejects.toThrow('the client went away');
      });
    });

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
