/** Lists in pages: Marker, PageSize and NextMarker. Markers are sealed. */
import type { CheckCall } from '../service.ts';
import { validation } from './errors.ts';

export interface PageRequest {
  readonly Marker?: string | undefined;
  readonly PageSize?: number | undefined;
}

export interface Page<T> {
  readonly items: T[];
  /** To be spread into the answer. */
  readonly rest: { readonly NextMarker?: string };
}

const most = 400;

/**
 * One page of what is in memory.
 * @param id unique, and ascending in `all`
 * @throws AwsError ValidationError for a Marker that this operation did not give
 */
export function pageOf<T>(
  call: CheckCall,
  { Marker, PageSize }: PageRequest,
  all: readonly T[],
  id: (item: T) => string,
): Page<T> {
  const purpose = `elasticloadbalancing marker ${call.operation} ${call.scope.account}/${call.scope.region}`;
  const opened = Marker === undefined ? undefined : call.sealer.open(purpose, Marker);
  if (Marker !== undefined && !opened) throw validation(`'${Marker}' is not a valid marker`);
  const after = opened && Buffer.from(opened).toString();
  const left = after === undefined ? all : all.filter((item) => id(item) > after);
  const items = left.slice(0, PageSize ?? most);
  const last = items.at(-1);
  if (left.length <= items.length || last === undefined) return { items, rest: {} };
  return { items, rest: { NextMarker: call.sealer.seal(purpose, id(last)) } };
}
