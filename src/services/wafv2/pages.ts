/** Lists in pages: WAF says Limit and NextMarker. Markers are sealed. */
import type { Row } from '../../store/store.ts';
import type { CheckCall } from '../service.ts';
import { invalidOperation } from './errors.ts';

export interface PageRequest {
  readonly Limit?: number | undefined;
  readonly NextMarker?: string | undefined;
}

/** The most that a page holds, and what it holds unless a limit is named. */
const most = 100;

/**
 * @param where what the list is of: a marker opens nowhere else
 * @param fetch reads up to `limit` rows with ids greater than `after`
 * @throws AwsError WAFInvalidOperationException for a marker that is none
 */
export async function page<T>(
  call: CheckCall,
  { Limit, NextMarker }: PageRequest,
  where: string,
  fetch: (after: string | undefined, limit: number) => Promise<readonly Row<T>[]> | readonly Row<T>[],
): Promise<{ readonly rows: readonly Row<T>[]; readonly rest: { readonly NextMarker?: string } }> {
  const wanted = Limit ?? most;
  const purpose = `wafv2 marker ${call.operation} ${call.scope.account}/${call.scope.region} ${where}`;
  const opened = NextMarker === undefined ? undefined : call.sealer.open(purpose, NextMarker);
  if (NextMarker !== undefined && !opened) throw invalidOperation('The marker isn’t valid for this list.');
  const rows = await fetch(opened && Buffer.from(opened).toString(), wanted + 1);
  const shown = rows.slice(0, wanted);
  const last = shown.at(-1);
  if (rows.length <= wanted || !last) return { rows: shown, rest: {} };
  return { rows: shown, rest: { NextMarker: call.sealer.seal(purpose, last.id) } };
}

/** For lists that are in memory. Ids must be in ascending order. */
export function slice<T>(rows: readonly Row<T>[]) {
  return (after: string | undefined, limit: number): readonly Row<T>[] =>
    rows.filter(({ id }) => after === undefined || id > after).slice(0, limit);
}
