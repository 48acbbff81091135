/** Lists in pages: KMS says Limit, Marker, Truncated and NextMarker. Markers are sealed. */
import type { Row } from '../../store/store.ts';
import { AwsError, type CheckCall } from '../service.ts';

export interface PageRequest {
  readonly Limit?: number | undefined;
  readonly Marker?: string | undefined;
}

export interface Page<T> {
  readonly rows: readonly Row<T>[];
  /** To be spread into the answer. */
  readonly rest: { readonly Truncated: boolean; readonly NextMarker?: string };
}

/**
 * @param most items of a page when the request names no Limit
 * @param fetch reads up to `limit` rows with ids greater than `after`
 * @throws AwsError InvalidMarkerException
 */
export async function page<T>(
  call: CheckCall,
  { Limit, Marker }: PageRequest,
  most: number,
  fetch: (after: string | undefined, limit: number) => Promise<readonly Row<T>[]>,
): Promise<Page<T>> {
  const wanted = Limit ?? most;
  const purpose = `kms marker ${call.operation} ${call.scope.account}/${call.scope.region}`;
  const opened = Marker === undefined ? undefined : call.sealer.open(purpose, Marker);
  if (Marker !== undefined && !opened) throw new AwsError('InvalidMarkerException', 'Could not deserialize marker');
  const rows = await fetch(opened && Buffer.from(opened).toString(), wanted + 1);
  const shown = rows.slice(0, wanted);
  const last = shown.at(-1);
  if (rows.length <= wanted || !last) return { rows: shown, rest: { Truncated: false } };
  return { rows: shown, rest: { Truncated: true, NextMarker: call.sealer.seal(purpose, last.id) } };
}
