/** The versions of a key: which one is current, how a new one takes its place, what deleting does in each state. */
import type { Change } from '../../store/store.ts';
import type { Random } from '../service.ts';
import { deletedKey, noSuchKey, noSuchVersion } from './errors.ts';
import { discardContent } from './object-content.ts';
import { type BucketRow, nullVersions, type ObjectRow, objects, versionRowId, versions } from './state.ts';
import { newVersionId, nullVersion, sequenceOf } from './version-ids.ts';

/** Time and randomness of the call, for sequences and ids. */
export interface VersionSource {
  /** Epoch milliseconds. */
  readonly now: number;
  readonly random: Random;
}

/** A new object, before it has a place among the versions. */
export type NewObject = Omit<ObjectRow, 'versionId' | 'sequence' | 'deleteMarker'>;

/** The object that a GET without a version id answers; undefined if there is none or it is deleted. */
export function currentObject(change: Change, bucket: BucketRow, key: string): Promise<ObjectRow | undefined> {
  return change.get(objects, bucket.id, key);
}

/** A version by its id, delete markers included. @throws AwsError InvalidArgument */
export async function findVersion(
  change: Change,
  bucket: BucketRow,
  key: string,
  versionId: string,
): Promise<ObjectRow | undefined> {
  const current = await currentObject(change, bucket, key);
  if (current?.versionId === versionId) return current;
  if (versionId === nullVersion) {
    const pointer = await change.get(nullVersions, bucket.id, key);
    return pointer && change.get(versions, bucket.id, versionRowId(key, pointer.sequence));
  }
  const row = await change.get(versions, bucket.id, versionRowId(key, sequenceOf(versionId)));
  return row?.versionId === versionId ? row : undefined;
}

/** What a read asks for. @throws AwsError NoSuchKey (with the delete marker's headers), NoSuchVersion, InvalidArgument */
export async function requireObject(
  change: Change,
  bucket: BucketRow,
  key: string,
  versionId: string | undefined,
): Promise<ObjectRow> {
  if (versionId !== undefined) {
    const row = await findVersion(change, bucket, key, versionId);
    if (!row) throw noSuchVersion(key, versionId);
    return row;
  }
  const current = await currentObject(change, bucket, key);
  if (current) return current;
  const marker = bucket.versioning && (await newestNoncurrent(change, bucket, key));
  throw marker?.deleteMarker ? deletedKey(key, marker.versionId) : noSuchKey(key);
}

/** Makes the object current, keeping or replacing what was there as the bucket's versioning says. */
export async function putVersion(
  change: Change,
  bucket: BucketRow,
  key: string,
  object: NewObject,
  source: VersionSource,
): Promise<ObjectRow> {
  const sequence = await makeRoom(change, bucket, key, source);
  const versionId = bucket.versioning === 'Enabled' ? newVersionId(sequence, source.random) : nullVersion;
  const row: ObjectRow = { ...object, versionId, sequence };
  change.put(objects, bucket.id, key, row);
  return row;
}

export interface Deleted {
  readonly versionId?: string;
  /** The marker that was made, or that was deleted. */
  readonly deleteMarker?: boolean;
}

/** DELETE without a version id: a delete marker where versioning is or was on. */
export async function deleteCurrent(
  change: Change,
  bucket: BucketRow,
  key: string,
  source: VersionSource,
): Promise<Deleted> {
  if (!bucket.versioning) {
    const current = await currentObject(change, bucket, key);
    if (!current) return {};
    await discardContent(change, bucket, current);
    change.delete(objects, bucket.id, key);
    return {};
  }
  const sequence = await makeRoom(change, bucket, key, source);
  const versionId = bucket.versioning === 'Enabled' ? newVersionId(sequence, source.random) : nullVersion;
  change.delete(objects, bucket.id, key);
  keepNoncurrent(change, bucket, key, {
    versionId,
    sequence,
    deleteMarker: true,
    size: 0,
    etag: '',
    lastModified: wholeSeconds(source.now),
  });
  return { versionId, deleteMarker: true };
}

/** DELETE of one version, for good; the newest that remains becomes current. Nothing happens if it is not there. */
export async function deleteVersion(
  change: Change,
  bucket: BucketRow,
  key: string,
  versionId: string,
): Promise<Deleted> {
  const row = await findVersion(change, bucket, key, versionId);
  if (!row) return { versionId };
  await discardContent(change, bucket, row);
  const current = await currentObject(change, bucket, key);
  if (current?.versionId === versionId) change.delete(objects, bucket.id, key);
  else forgetNoncurrent(change, bucket, key, row);
  if (!current || current.versionId === versionId) await promote(change, bucket, key);
  return row.deleteMarker ? { versionId, deleteMarker: true } : { versionId };
}

/** S3 shows whole seconds everywhere. */
export function wholeSeconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000) * 1000;
}

/** Moves or removes what a new version replaces; returns a sequence later than every other of the key. */
async function makeRoom(change: Change, bucket: BucketRow, key: string, source: VersionSource): Promise<number> {
  const current = await currentObject(change, bucket, key);
  const newest = current ?? (bucket.versioning ? await newestNoncurrent(change, bucket, key) : undefined);
  const sequence = Math.max(source.now, (newest?.sequence ?? 0) + 1);
  if (bucket.versioning !== 'Enabled') await dropNullVersion(change, bucket, key, current);
  if (current && (bucket.versioning === 'Enabled' || current.versionId !== nullVersion)) {
    keepNoncurrent(change, bucket, key, current);
  }
  return sequence;
}

async function dropNullVersion(
  change: Change,
  bucket: BucketRow,
  key: string,
  current: ObjectRow | undefined,
): Promise<void> {
  if (current?.versionId === nullVersion) return discardContent(change, bucket, current);
  if (!bucket.versioning) return;
  const row = await findVersion(change, bucket, key, nullVersion);
  if (!row) return;
  await discardContent(change, bucket, row);
  forgetNoncurrent(change, bucket, key, row);
}

async function promote(change: Change, bucket: BucketRow, key: string): Promise<void> {
  const newest = await newestNoncurrent(change, bucket, key);
  if (!newest || newest.deleteMarker) return;
  forgetNoncurrent(change, bucket, key, newest);
  change.put(objects, bucket.id, key, newest);
}

async function newestNoncurrent(change: Change, bucket: BucketRow, key: string): Promise<ObjectRow | undefined> {
  const [newest] = await change.list(versions, bucket.id, { prefix: `${key}\0`, limit: 1 });
  return newest?.value;
}

function keepNoncurrent(change: Change, bucket: BucketRow, key: string, row: ObjectRow): void {
  change.put(versions, bucket.id, versionRowId(key, row.sequence), row);
  if (row.versionId === nullVersion) change.put(nullVersions, bucket.id, key, { sequence: row.sequence });
}

function forgetNoncurrent(change: Change, bucket: BucketRow, key: string, row: ObjectRow): void {
  change.delete(versions, bucket.id, versionRowId(key, row.sequence));
  if (row.versionId === nullVersion) change.delete(nullVersions, bucket.id, key);
}
