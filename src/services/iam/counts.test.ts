import { expect, test } from 'vitest';
import { openMemoryStore } from '../../store/memory.ts';
import { table } from '../../store/store.ts';
import { EntityCounts } from './counts.ts';

const things = table<{ readonly size: number }>('iam.test-thing');

test('counts follow creations, changes and deletions, by account', async () => {
  const store = openMemoryStore();
  const counts = new EntityCounts(store);
  const write = async (partition: string, id: string, present: boolean): Promise<void> => {
    const change = store.begin();
    if (present) change.put(things, partition, id, { size: 1 });
    else change.delete(things, partition, id);
    await store.commit(change);
  };
  await write('a', '1', true);
  expect(await counts.count(things, 'a')).toBe(1);
  await write('a', '2', true);
  await write('a', '2', true);
  await write('b', '1', true);
  expect([await counts.count(things, 'a'), await counts.count(things, 'b')]).toEqual([2, 1]);
  await write('a', '1', false);
  expect(await counts.count(things, 'a')).toBe(1);
  await store.clear();
  counts.forget();
  expect(await counts.count(things, 'a')).toBe(0);
});
