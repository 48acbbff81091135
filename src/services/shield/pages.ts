/** Lists in pages: tokens are sealed, so that only those that this operation gave in this account are taken. */
import type { CheckCall } from '../service.ts';
import { badToken } from './errors.ts';

const size = 10_000;
const standard = 20;

export function pageOf<T>(
  call: CheckCall,
  {
    NextToken: token,
    MaxResults: most,
  }: { readonly NextToken?: string | undefined; readonly MaxResults?: number | undefined },
  all: readonly T[],
  id: (item: T) => string,
): { readonly items: readonly T[]; readonly next: { readonly NextToken?: string } } {
  const purpose = `shield page ${call.operation} ${call.scope.account}`;
  const opened = token === undefined ? undefined : call.sealer.open(purpose, token);
  if (token !== undefined && !opened) throw badToken();
  const after = opened && new TextDecoder().decode(opened);
  const start = after === undefined ? 0 : all.findIndex((item) => id(item) === after) + 1;
  const limit = Math.min(most ?? standard, size);
  const items = all.slice(start, start + limit);
  const last = items.at(-1);
  const isMore = last !== undefined && start + limit < all.length;
  return { items, next: isMore ? { NextToken: call.sealer.seal(purpose, id(last)) } : {} };
}
