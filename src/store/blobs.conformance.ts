/** The port as tests: blobs. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { StoreBench } from './conformance.fixture.ts';
import type { BlobRef, Store } from './store.ts';

async function collect(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of bytes) parts.push(part);
  return Buffer.concat(parts);
}

async function* stream(...parts: (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield Buffer.from(part);
}

export function describeBlobs(bench: StoreBench): void {
  describe('blobs', () => {
    let store: Store;
    beforeEach(() => {
      ({ store } = bench);
    });
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
}
