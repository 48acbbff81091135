/** What the parts of the conformance suite share: a fresh store for each test, and short ways to fill it. */
import { type Entry, type Store, table } from './store.ts';

export const notes = table<{ text: string }>('test.note');

/** Its store is another one in each test. */
export class StoreBench {
  store!: Store;

  readonly put = async (partition: string, ...ids: string[]): Promise<void> => {
    const change = this.store.begin();
    for (const id of ids) change.put(notes, partition, id, { text: id });
    await this.store.commit(change);
  };

  readonly append = async (...entries: Entry[]): Promise<void> => {
    const change = this.store.begin();
    for (const one of entries) change.append(one);
    await this.store.commit(change);
  };

  readonly ids = async (partition: string, range = {}): Promise<string[]> =>
    (await this.store.list(notes, partition, range)).map((row) => row.id);
}

export function entry(id: string, time: number, more: Partial<Entry> = {}): Entry {
  const body = Buffer.from(`body of ${id}`);
  return { stream: 'audit', partition: 'a', id, time, tags: {}, body, ...more };
}
