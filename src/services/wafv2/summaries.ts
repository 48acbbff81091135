/** How lists and creations show what has a name: the same members for every kind. */
import type { Table } from '../../store/store.ts';
import type { CheckCall } from '../service.ts';
import { arnOf } from './arns.ts';
import { partitionOf, requireScope } from './entity.ts';
import { page } from './pages.ts';
import type { EntityRow, Kind, Scope } from './state.ts';

interface Summary {
  readonly Name: string;
  readonly Id: string;
  readonly Description?: string;
  readonly LockToken: string;
  readonly ARN: string;
}

export function summary(kind: Kind, row: EntityRow): Summary {
  return {
    Name: row.name,
    Id: row.id,
    Description: row.description ?? '',
    LockToken: row.lockToken,
    ARN: arnOf(kind, row),
  };
}

/** One page of a kind, by name. */
export async function listed<T extends EntityRow>(
  call: CheckCall,
  table: Table<T>,
  kind: Kind,
  input: {
    readonly Scope: Scope;
    readonly Limit?: number | undefined;
    readonly NextMarker?: string | undefined;
  },
): Promise<{
  readonly rows: readonly T[];
  readonly summaries: Summary[];
  readonly rest: { readonly NextMarker?: string };
}> {
  requireScope(call, input.Scope);
  const { rows, rest } = await page(call, input, input.Scope, (after, limit) =>
    call.change.list(table, partitionOf(call, input.Scope), { limit, ...(after !== undefined && { after }) }),
  );
  const values = rows.map(({ value }) => value);
  return { rows: values, summaries: values.map((row) => summary(kind, row)), rest };
}
