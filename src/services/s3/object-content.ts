/** The bytes of an object: one blob, or the blobs of the parts that a multipart upload left. */
import type { BlobRef, Blobs, Change } from '../../store/store.ts';
import { type BucketRow, type ManifestPart, manifests, type ObjectRow } from './state.ts';

/** The blobs in order. */
export async function contentBlobs(change: Change, bucket: BucketRow, row: ObjectRow): Promise<readonly BlobRef[]> {
  if (!row.content) return [];
  if ('blob' in row.content) return [row.content.blob];
  return (await contentParts(change, bucket, row)).map((part) => part.blob);
}

/** The parts of a multipart object; none for others. */
export async function contentParts(
  change: Change,
  bucket: BucketRow,
  row: ObjectRow,
): Promise<readonly ManifestPart[]> {
  if (!row.content || !('manifest' in row.content)) return [];
  const manifest = await change.get(manifests, bucket.id, row.content.manifest);
  if (!manifest) throw new Error(`the manifest ${row.content.manifest} of an object in ${bucket.name} is missing`);
  return manifest.parts;
}

/** Removes the bytes once the change is durable. */
export async function discardContent(change: Change, bucket: BucketRow, row: ObjectRow): Promise<void> {
  for (const blob of await contentBlobs(change, bucket, row)) change.discard(blob);
  if (row.content && 'manifest' in row.content) change.delete(manifests, bucket.id, row.content.manifest);
}

/** Plaintext of [start, end) over blobs put together. */
export async function* readBlobs(
  blobs: Blobs,
  sequence: readonly BlobRef[],
  start: number,
  end: number,
): AsyncGenerator<Uint8Array> {
  let offset = 0;
  for (const blob of sequence) {
    const from = Math.max(start - offset, 0);
    const to = Math.min(end - offset, blob.size);
    if (from < to) yield* blobs.read(blob, from, to);
    offset += blob.size;
    if (offset >= end) return;
  }
}
