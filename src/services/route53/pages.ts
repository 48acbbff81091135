/** Pages of Route 53 begin at a name or id that the caller gives back: its markers have no room for more than an id. */
import { invalid } from './errors.ts';

/**
 * @param all in the order of their ids
 * @param form of these ids
 * @throws InvalidInput for markers that are no such id; one that is gone since is none the worse
 */
export function pageOf<T extends { readonly id: string }>(
  { Marker: marker, MaxItems: most }: { readonly Marker?: string | undefined; readonly MaxItems?: number | undefined },
  all: readonly T[],
  form: RegExp,
): { readonly items: readonly T[]; readonly next: string | undefined; readonly size: number } {
  const size = sizeOf(most);
  const from = marker === '' ? undefined : marker;
  if (from !== undefined && !form.test(from)) throw invalid('The marker is not valid.');
  const rest = from === undefined ? all : all.filter(({ id }) => id >= from);
  return { items: rest.slice(0, size), next: rest[size]?.id, size };
}

/** @throws InvalidInput unless it is a number from 1 on; more than 300 are never shown */
export function sizeOf(most: number | string | undefined): number {
  const size = most === undefined ? 100 : Number(most);
  if (!Number.isInteger(size) || size < 1) throw invalid('MaxItems must be a number from 1 to 300.');
  return Math.min(size, 300);
}
