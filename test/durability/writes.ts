/** What the child of the durability tests writes, so that its parent can check it, number by number. */
import { type BlobRef, type Entry, table } from '../../src/store/store.ts';

export const rows = table<{ n: number }>('test.row');
export const blobs = table<BlobRef & { n: number }>('test.blob');

/** Small ones, and every seventh so large that it becomes a file. */
export function bytesOf(n: number): Buffer {
  return Buffer.alloc(n % 7 === 0 ? 150_000 + n : 100 + n, `${n} `);
}

export function entryOf(n: number): Entry {
  const body = Buffer.from(`entry ${n}`);
  return { stream: 'audit', partition: 'a', id: `entry-${n}`, time: 1000 + n, tags: { n: String(n) }, body };
}
