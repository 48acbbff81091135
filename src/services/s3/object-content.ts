/** The bytes of an object: one blob, or the blobs of the parts that a multipart upload left. */
import type { Blobs, Change } from '../../store/store.ts';
import type { DataKey } from './encryption/data-key.ts';
import { type BucketRow, type ManifestPart, manifests, type ObjectRow, type Piece } from './state.ts';

/** What the object consists of, in order. */
export async function contentPieces(change: Change, bucket: BucketRow, row: ObjectRow): Promise<readonly Piece[]> {
  if (!row.content) return [];
  if ('blob' in row.content) return [row.content];
  return contentParts(change, bucket, row);
}

/** Plaintext bytes. */
export function pieceSize(piece: Piece): number {
  return piece.size ?? piece.blob.size;
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
  for (const { blob } of await contentPieces(change, bucket, row)) change.discard(blob);
  if (row.content && 'manifest' in row.content) change.delete(manifests, bucket.id, row.content.manifest);
}

/** Plaintext of [start, end) over pieces put together. @param dataKey of an object that has one */
export async function* readPieces(
  blobs: Blobs,
  pieces: readonly Piece[],
  start: number,
  end: number,
  dataKey: DataKey | undefined,
): AsyncGenerator<Uint8Array> {
  let offset = 0;
  for (const piece of pieces) {
    const size = pieceSize(piece);
    const from = Math.max(start - offset, 0);
    const to = Math.min(end - offset, size);
    if (from < to) yield* readPiece(blobs, piece, from, to, dataKey);
    offset += size;
    if (offset >= end) return;
  }
}

/** One piece; at once where it lies in memory, so that no later discard disturbs the reader. */
export function readOne(
  blobs: Blobs,
  piece: Piece,
  start: number,
  end: number,
  dataKey: DataKey | undefined,
): Uint8Array | AsyncIterable<Uint8Array> {
  const { blob, salt } = piece;
  if (salt === undefined) return blobs.readAtOnce(blob, start, end) ?? blobs.read(blob, start, end);
  const sealed = blobs.readAtOnce(blob);
  if (!sealed || !dataKey) return readPiece(blobs, piece, start, end, dataKey);
  return dataKey.frames(Buffer.from(salt, 'base64')).openAll(sealed, pieceSize(piece), start, end);
}

function readPiece(
  blobs: Blobs,
  piece: Piece,
  start: number,
  end: number,
  dataKey: DataKey | undefined,
): AsyncIterable<Uint8Array> {
  const { blob, salt } = piece;
  if (salt === undefined) return blobs.read(blob, start, end);
  if (!dataKey) throw new Error('sealed bytes of an object are read without its data key');
  const read = (from: number, to: number) => blobs.read(blob, from, to);
  return dataKey.frames(Buffer.from(salt, 'base64')).open(read, pieceSize(piece), start, end);
}
