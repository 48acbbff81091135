/** Lists in pages: Markers are sealed, so that only those that this operation gave in this account are taken. */
import { createHash } from 'node:crypto';
import type { Row } from '../../store/store.ts';
import type { CheckCall } from '../service.ts';
import { validationError } from './errors.ts';

export interface PageRequest {
  readonly Marker?: string | undefined;
  readonly MaxItems?: number | undefined;
}

export interface Page<T> {
  readonly items: T[];
  /** `IsTruncated` and, if it is true, `Marker`: to be spread into the answer. */
  readonly rest: { readonly IsTruncated: boolean; readonly Marker?: string };
}

/** AWS's default: "If you do not include this parameter, the number of items defaults to 100." */
const defaultItems = 100;

/**
 * One page of rows in the order of their ids.
 * @param fetch reads up to `limit` rows with ids greater than `after`
 * @param keep leaves rows out, such as those under other paths
 * @throws ValidationError for a Marker that was not given by this operation
 */
export async function pageOfRows<T>(
  call: CheckCall,
  request: PageRequest,
  fetch: (after: string | undefined, limit: number) => Promise<readonly Row<T>[]>,
  keep: (value: T) => boolean = () => true,
): Promise<Page<T>> {
  const wanted = request.MaxItems ?? defaultItems;
  let after = openMarker(call, request.Marker);
  const found: Row<T>[] = [];
  while (found.length <= wanted) {
    const batch = Math.max(wanted + 1, defaultItems);
    const rows = await fetch(after, batch);
    for (const row of rows) if (found.length <= wanted && keep(row.value)) found.push(row);
    if (rows.length < batch) break;
    after = rows.at(-1)?.id;
  }
  return cut(call, found, wanted);
}

/** One page of what is already in memory, in the order of `id`, which must be unique. Throws as `pageOfRows`. */
export function pageOf<T>(call: CheckCall, request: PageRequest, all: readonly T[], id: (item: T) => string): Page<T> {
  const wanted = request.MaxItems ?? defaultItems;
  const after = openMarker(call, request.Marker);
  const rows = all
    .map((value) => ({ id: shortened(id(value)), value }))
    .filter((row) => after === undefined || row.id > after)
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  return cut(call, rows, wanted);
}

/** "Marker: maximum length of 320": what a longer id (an ARN with a long path) ends in is told apart by its digest. */
function shortened(id: string): string {
  return id.length <= 160
    ? id
    : `${id.slice(0, 120)}${createHash('sha256').update(id).digest('base64url').slice(0, 32)}`;
}

function cut<T>(call: CheckCall, rows: readonly Row<T>[], wanted: number): Page<T> {
  const shown = rows.slice(0, wanted);
  const items = shown.map((row) => row.value);
  const last = shown.at(-1);
  if (rows.length <= wanted || last === undefined) return { items, rest: { IsTruncated: false } };
  return { items, rest: { IsTruncated: true, Marker: call.sealer.seal(purpose(call), last.id) } };
}

function openMarker(call: CheckCall, marker: string | undefined): string | undefined {
  if (marker === undefined) return undefined;
  const opened = call.sealer.open(purpose(call), marker);
  if (!opened) throw validationError('Invalid Marker.');
  return new TextDecoder().decode(opened);
}

function purpose(call: CheckCall): string {
  return `iam marker ${call.operation} ${call.scope.account}`;
}
