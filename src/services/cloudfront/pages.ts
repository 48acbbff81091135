/** Lists in pages: markers are ids that the caller gives back, sealed, so that only those of this list are taken. */
import type { CheckCall } from '../service.ts';
import { invalid } from './errors.ts';

export interface Page<T> {
  readonly items: readonly T[];
  readonly head: {
    readonly Marker: string;
    readonly MaxItems: number;
    readonly IsTruncated: boolean;
    readonly Quantity: number;
    readonly NextMarker?: string;
  };
}

const most = 100;

export function pageOf<T>(
  call: CheckCall,
  input: { readonly Marker?: string | undefined; readonly MaxItems?: number | string | undefined },
  all: readonly T[],
  id: (item: T) => string,
): Page<T> {
  const MaxItems = input.MaxItems === undefined ? most : Number(input.MaxItems);
  if (!Number.isInteger(MaxItems) || MaxItems < 1) throw invalid('MaxItems must be a number from 1 on.');
  const size = Math.min(MaxItems, most);
  const marker = input.Marker ?? '';
  const purpose = `cloudfront page ${call.operation} ${call.scope.account}`;
  const opened = marker === '' ? undefined : call.sealer.open(purpose, marker);
  if (marker !== '' && !opened) throw invalid('The marker is not valid.');
  const after = opened && new TextDecoder().decode(opened);
  const start = after === undefined ? 0 : all.findIndex((item) => id(item) === after) + 1;
  const items = all.slice(start, start + size);
  const last = items.at(-1);
  const IsTruncated = last !== undefined && start + size < all.length;
  return {
    items,
    head: {
      Marker: marker,
      MaxItems: size,
      IsTruncated,
      Quantity: items.length,
      ...(IsTruncated && { NextMarker: call.sealer.seal(purpose, id(last)) }),
    },
  };
}
