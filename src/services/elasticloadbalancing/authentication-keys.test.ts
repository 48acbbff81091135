import { expect, test } from 'vitest';
import { seededRandom } from '../../../test/support/call.ts';
import { openMemoryStore } from '../../store/memory.ts';
import { keepKeyFor, keysOf, rotationJob } from './authentication-keys.ts';

const hour = 3_600_000;
const day = 24 * hour;
const longestSession = 7 * day;
/** Until every node has a new key. */
const settling = 60_000;

test.each([
  ['in time', hour],
  ['late', hour + 17_000],
  ['long asleep', 13 * hour],
])('a key outlives every session that it can have sealed, and not for long: jobs are %s', async (_when, every) => {
  const store = openMemoryStore();
  const random = seededRandom(1);
  const job = rotationJob({ store });
  const from = Date.now();
  const change = store.begin();
  await keepKeyFor({ change, random, now: from }, [{ Type: 'authenticate-oidc' }]);
  await store.commit(change);
  const made = new Map<string, number>();
  const gone = new Map<string, number>();
  for (let now = from; now < from + 30 * day; now += every) {
    await job.run({ now, random } as never);
    const keys = await keysOf(store);
    for (const { id, createdAt } of keys) made.set(id, createdAt);
    for (const id of made.keys()) if (!keys.some((key) => key.id === id) && !gone.has(id)) gone.set(id, now);
  }
  const all = [...made];
  expect(gone.size).toBeGreaterThan(15);
  for (const [index, [id, createdAt]] of all.entries()) {
    const end = gone.get(id);
    if (end === undefined) continue;
    const [, next] = all[index + 1] as [string, number];
    expect(end).toBeGreaterThanOrEqual(next + settling + longestSession);
    expect(end - createdAt).toBeLessThan(12 * day);
  }
});
