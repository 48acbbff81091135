/** Lists in pages: NextToken and MaxItems. Tokens are sealed. */
import type { CheckCall } from '../service.ts';
import { invalidArgs } from './errors.ts';

export interface Page<T> {
  readonly items: readonly T[];
  /** To be spread into the answer. */
  readonly rest: { readonly NextToken?: string };
}

const most = 1000;

/**
 * One page of what is in memory.
 * @param id unique
 * @throws AwsError InvalidArgsException for a token that this operation did not give
 */
export function pageOf<T>(
  call: CheckCall,
  { NextToken, MaxItems }: { readonly NextToken?: string | undefined; readonly MaxItems?: number | undefined },
  all: readonly T[],
  id: (item: T) => string,
): Page<T> {
  const purpose = `acm token ${call.operation} ${call.scope.account}/${call.scope.region}`;
  const opened = NextToken === undefined ? undefined : call.sealer.open(purpose, NextToken);
  if (NextToken !== undefined && !opened) throw invalidArgs('The NextToken is not valid.');
  const last = opened && Buffer.from(opened).toString();
  const start = last === undefined ? 0 : all.findIndex((item) => id(item) === last) + 1;
  const items = all.slice(start, start + (MaxItems ?? most));
  const end = items.at(-1);
  if (start + items.length >= all.length || end === undefined) return { items, rest: {} };
  return { items, rest: { NextToken: call.sealer.seal(purpose, id(end)) } };
}
