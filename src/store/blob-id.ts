/** Names of blobs: the era that wrote them and a count within it; in the database one integer, so that rows need one B-tree. */

/** More blobs than one era ever writes; with it an era of 2²¹ still fits an exact number. */
const PER_ERA = 2 ** 32;

export function blobId(era: number, count: number): string {
  return `${era.toString(36)}-${count.toString(36).padStart(2, '0')}`;
}

/** @returns -1, which no row has, for what is not a name of a blob */
export function blobKey(id: string): number {
  const [era = Number.NaN, count = Number.NaN] = id.split('-').map((part) => Number.parseInt(part, 36));
  return era >= 0 && count >= 0 && blobId(era, count) === id ? era * PER_ERA + count : -1;
}

export function blobIdOfKey(key: number): string {
  return blobId(Math.floor(key / PER_ERA), key % PER_ERA);
}
