/** The bytes of an object: one blob, or the blobs of the parts that a multipart upload left. */
import type { Blobs, Change } from '../../store/store.ts';
import type { DataKey } from './encryption/data-key.ts';
import { type BucketRow, type ManifestPart, manifests, type ObjectRow, type Piece } from './state.ts';

/** What the object consists of, in order. */
export async function contentPieces(change: Change, bucket: BucketRow, row: ObjectRow): Promise<readonly Piece[]> {
  const { content } = row;
  if (!content) return [];
  if ('manifest' in content) return contentParts(change, bucket, row);
  if (!('inRow' in content)) return [content];
  if (!row.bytes) throw new Error(`the bytes of an object in ${bucket.name} are missing`);
  return [{ ...content, bytes: row.bytes }];
}

/** How a row holds one piece. */
export function contentOf(piece: Piece): Pick<ObjectRow, 'content' | 'bytes'> {
  if ('blob' in piece || typeof piece.bytes === 'string') return { content: piece };
  const { bytes, ...sealing } = piece;
  return { content: { inRow: true, ...sealing }, bytes };
}

/** A row holds one piece as bytes; what holds several holds them as text. */
export function base64Of(bytes: Uint8Array | string): string {
  if (typeof bytes === 'string') return bytes;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');
}

/** Plaintext bytes. */
export function pieceSize(piece: Piece): number {
  if (piece.size !== undefined) return piece.size;
  if ('blob' in piece) return piece.blob.size;
  return typeof piece.bytes === 'string' ? Buffer.byteLength(piece.bytes, 'base64') : piece.bytes.length;
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

/** Makes what was received permanent with the change. */
export function adoptPiece(change: Change, piece: Piece): void {
  if ('blob' in piece) change.adopt(piece.blob);
}

/** Removes the bytes once the change is durable; those in a row go with it. */
export function discardPiece(change: Change, piece: Piece): void {
  if ('blob' in piece) change.discard(piece.blob);
}

/** The same for all that an object consists of. */
export async function discardContent(change: Change, bucket: BucketRow, row: ObjectRow): Promise<void> {
  const { content } = row;
  if (!content) return;
  if ('blob' in content) change.discard(content.blob);
  if (!('manifest' in content)) return;
  for (const part of await contentParts(change, bucket, row)) discardPiece(change, part);
  change.delete(manifests, bucket.id, content.manifest);
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
  const { salt } = piece;
  if (salt === undefined) return keptAtOnce(blobs, piece, start, end) ?? readPiece(blobs, piece, start, end, dataKey);
  const sealed = keptAtOnce(blobs, piece);
  if (!sealed || !dataKey) return readPiece(blobs, piece, start, end, dataKey);
  return dataKey.frames(Buffer.from(salt, 'base64')).openAll(sealed, pieceSize(piece), start, end);
}

/** Everything, at once where it lies in memory. */
export function readWhole(
  blobs: Blobs,
  pieces: readonly Piece[],
  size: number,
  dataKey: DataKey | undefined,
): Uint8Array | AsyncIterable<Uint8Array> {
  const [only] = pieces;
  return only && pieces.length === 1
    ? readOne(blobs, only, 0, size, dataKey)
    : readPieces(blobs, pieces, 0, size, dataKey);
}

/** What is kept of a piece, as it is kept; undefined where it lies in a file. */
function keptAtOnce(blobs: Blobs, piece: Piece, start?: number, end?: number): Uint8Array | undefined {
  if ('blob' in piece) return blobs.readAtOnce(piece.blob, start, end);
  const bytes = typeof piece.bytes === 'string' ? Buffer.from(piece.bytes, 'base64') : piece.bytes;
  return bytes.subarray(start, end);
}

function readPiece(
  blobs: Blobs,
  piece: Piece,
  start: number,
  end: number,
  dataKey: DataKey | undefined,
): AsyncIterable<Uint8Array> {
  const { salt } = piece;
  const read = (from: number, to: number) =>
    'blob' in piece ? blobs.read(piece.blob, from, to) : once(keptAtOnce(blobs, piece, from, to));
  if (salt === undefined) return read(start, end);
  if (!dataKey) throw new Error('sealed bytes of an object are read without its data key');
  return dataKey.frames(Buffer.from(salt, 'base64')).open(read, pieceSize(piece), start, end);
}

async function* once(bytes: Uint8Array | undefined): AsyncGenerator<Uint8Array> {
  if (bytes?.length) yield bytes;
}
