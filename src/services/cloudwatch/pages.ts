/** Lists in pages: tokens are sealed, so that only those that this operation gave in this account are taken. */
import type { CheckCall } from '../service.ts';
import { invalidToken } from './errors.ts';

/** @param all in the order they are shown; the token names the last one shown */
export function pageOf<T>(
  call: CheckCall,
  token: string | undefined,
  limit: number,
  all: readonly T[],
  id: (item: T) => string,
): { readonly items: readonly T[]; readonly next: { readonly NextToken?: string } } {
  const purpose = `cloudwatch page ${call.operation} ${call.scope.account} ${call.scope.region}`;
  const opened = token === undefined ? undefined : call.sealer.open(purpose, token);
  if (token !== undefined && !opened) throw invalidToken();
  const after = opened && new TextDecoder().decode(opened);
  const start = after === undefined ? 0 : all.findIndex((item) => id(item) === after) + 1;
  const items = all.slice(start, start + limit);
  const last = items.at(-1);
  const isMore = last !== undefined && start + limit < all.length;
  return { items, next: isMore ? { NextToken: call.sealer.seal(purpose, id(last)) } : {} };
}
