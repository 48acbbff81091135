/** Pages of Route 53 begin at a name or id that the caller gives back; those with markers seal them. */
import type { CheckCall } from '../service.ts';
import { invalid } from './errors.ts';

export function pageOf<T>(
  call: CheckCall,
  { Marker: marker, MaxItems: most }: { readonly Marker?: string | undefined; readonly MaxItems?: number | undefined },
  all: readonly T[],
  id: (item: T) => string,
): { readonly items: readonly T[]; readonly next: string | undefined; readonly size: number } {
  const size = sizeOf(most);
  const purpose = `route53 page ${call.operation} ${call.scope.account}`;
  const opened = marker === undefined || marker === '' ? undefined : call.sealer.open(purpose, marker);
  if (marker !== undefined && marker !== '' && !opened) throw invalid('The marker is not valid.');
  const from = opened && new TextDecoder().decode(opened);
  const start = from === undefined ? 0 : all.findIndex((item) => id(item) >= from);
  const items = start < 0 ? [] : all.slice(start, start + size);
  const following = start < 0 ? undefined : all[start + size];
  return { items, next: following && call.sealer.seal(purpose, id(following)), size };
}

/** @throws InvalidInput unless it is a number from 1 on; more than 300 are never shown */
export function sizeOf(most: number | string | undefined): number {
  const size = most === undefined ? 100 : Number(most);
  if (!Number.isInteger(size) || size < 1) throw invalid('MaxItems must be a number from 1 to 300.');
  return Math.min(size, 300);
}
