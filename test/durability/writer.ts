/**
 * The child of the durability tests: commits rows, entries and blobs without end, and says on stdout what was acknowledged.
 * Arguments: data folder, first number, how many (0: until it is killed), how many in flight.
 */
import { writeSync } from 'node:fs';
import { openStore } from '../../src/store/sqlite.ts';
import { type BlobRef, ConflictError } from '../../src/store/store.ts';
import { blobs, bytesOf, entryOf, rows } from './writes.ts';

const [dir = '', first = '0', count = '0', inFlight = '1'] = process.argv.slice(2);
const store = await openStore({ dir, clock: Date.now, reserveBytes: 0 });
let next = Number(first);
const end = Number(count) === 0 ? Number.POSITIVE_INFINITY : next + Number(count);

async function* stream(n: number): AsyncGenerator<Uint8Array> {
  const bytes = bytesOf(n);
  for (let at = 0; at < bytes.length; at += 50_000) yield bytes.subarray(at, at + 50_000);
}

async function commit(n: number, blob: BlobRef): Promise<boolean> {
  const change = store.begin();
  change.put(rows, 'p', `row-${n}`, { n });
  change.append(entryOf(n));
  // Every blob but the newest of its ten names is discarded.
  const old: BlobRef | undefined = await change.get(blobs, 'p', `blob-${n % 10}`);
  if (old) change.discard(old);
  change.adopt(blob);
  change.put(blobs, 'p', `blob-${n % 10}`, { ...blob, n });
  try {
    await store.commit(change);
    return true;
  } catch (error) {
    if (error instanceof ConflictError) return false;
    throw error;
  }
}

async function write(n: number): Promise<void> {
  const blob = await store.blobs.write(stream(n));
  while (!(await commit(n, blob))) {
    // Another number wrote the same name meanwhile: again, as the gateway does.
  }
  writeSync(1, `${n}\n`);
}

writeSync(1, 'ready\n');
try {
  await Promise.all(
    Array.from({ length: Number(inFlight) }, async () => {
      while (next < end) await write(next++);
    }),
  );
} catch (error) {
  writeSync(1, `failed ${error instanceof Error ? error.message : error}\n`);
  // After a failed sync nothing may be acknowledged any more, as the kernel may have dropped what it could not write.
  const change = store.begin();
  change.put(rows, 'p', 'row-after', { n: -1 });
  await store.commit(change).then(
    () => writeSync(1, 'committed after the failure\n'),
    (refusal) => writeSync(1, `refused ${refusal.message}\n`),
  );
  process.exit(3);
}
await store.close();
