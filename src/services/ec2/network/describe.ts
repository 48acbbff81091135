/** The common course of the Describe operations: named ids must exist, filters leave out, pages cut. */
import type { Filter } from '@aws-sdk/client-ec2';
import type { Table } from '../../../store/store.ts';
import type { Call } from '../../service.ts';
import { type Kind, notFound, requireId } from './errors.ts';
import { type Facts, filtered } from './filters.ts';
import { type PageRequest, pageOf } from './pages.ts';
import { readAll } from './rows.ts';
import { type Tags, tagsOf } from './tags.ts';

export interface Wanted extends PageRequest {
  readonly ids?: readonly string[] | undefined;
  readonly Filters?: readonly Filter[] | undefined;
}

export interface Described<T> {
  readonly table: Table<T>;
  readonly kind: Kind;
  readonly facts: Facts<T>;
}

/** Rows with their tags, and `NextToken` where there are more. */
export async function describe<T extends { readonly id: string }>(
  call: Call,
  wanted: Wanted,
  { table, kind, facts }: Described<T>,
): Promise<{
  readonly rows: readonly (T & { readonly tags: Tags })[];
  readonly next: { readonly NextToken?: string };
}> {
  const ids = wanted.ids ?? [];
  for (const id of ids) requireId(kind, id);
  const keeps = filtered(wanted.Filters, facts);
  const all = await readAll(call.change, table, call.scope);
  const missing = ids.filter((id) => !all.some((row) => row.id === id));
  if (missing.length > 0) throw notFound(kind, ...missing);
  const named = ids.length > 0 ? all.filter((row) => ids.includes(row.id)) : all;
  const tagged = await Promise.all(
    named.map(async (row) => ({ ...row, tags: await tagsOf(call.change, call.scope, row.id) })),
  );
  return pageOf(
    call,
    wanted,
    tagged.filter((row) => keeps(row, row.tags)),
  );
}
