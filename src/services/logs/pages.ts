/** Lists in pages: tokens are sealed, so that only those that this operation gave in this account are taken. */
import type { CheckCall } from '../service.ts';
import { invalid } from './errors.ts';

const purpose = (call: CheckCall): string => `logs page ${call.operation} ${call.scope.account} ${call.scope.region}`;

export const seal = (call: CheckCall, text: string): string => call.sealer.seal(purpose(call), text);

/** @throws InvalidParameterException for tokens that were not given by this operation */
export function open(call: CheckCall, token: string | undefined): string | undefined {
  if (token === undefined) return undefined;
  const opened = call.sealer.open(purpose(call), token);
  if (!opened) throw invalid('The specified nextToken is invalid.');
  return new TextDecoder().decode(opened);
}

/** @param all in the order they are shown; the token names the last one shown */
export function pageOf<T>(
  call: CheckCall,
  token: string | undefined,
  limit: number,
  all: readonly T[],
  id: (item: T) => string,
): { readonly items: readonly T[]; readonly next: { readonly nextToken?: string } } {
  const after = open(call, token);
  const start = after === undefined ? 0 : all.findIndex((item) => id(item) === after) + 1;
  const items = all.slice(start, start + limit);
  const last = items.at(-1);
  return { items, next: last && start + limit < all.length ? { nextToken: seal(call, id(last)) } : {} };
}
