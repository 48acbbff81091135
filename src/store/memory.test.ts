/** The memory engine passes the conformance suite, and freezes what it gives. */
import { expect, it } from 'vitest';
import { describeStore } from './conformance.ts';
import { openMemoryStore } from './memory.ts';
import { table } from './store.ts';

describeStore('memory', async () => openMemoryStore());

it('memory rows cannot be mutated by readers', async () => {
  const store = openMemoryStore();
  const things = table<{ list: number[] }>('test.thing');
  const change = store.begin();
  change.put(things, '', 'x', { list: [1] });
  await store.commit(change);
  const value = await store.get(things, '', 'x');
  expect(() => value!.list.push(2)).toThrow(TypeError);
});
