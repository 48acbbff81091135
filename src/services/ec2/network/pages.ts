/** Lists in pages: tokens are sealed, so that only those that this operation gave in this account are taken. */
import type { CheckCall } from '../../service.ts';
import { invalidValue } from './errors.ts';

const LEAST = 5;
const MOST = 1000;

export interface PageRequest {
  readonly MaxResults?: number | undefined;
  readonly NextToken?: string | undefined;
}

/**
 * @param all in a stable order, each with an id of its own
 * @throws InvalidParameterValue for tokens that were not given here, and for sizes out of range
 */
export function pageOf<T extends { readonly id: string }>(
  call: CheckCall,
  request: PageRequest,
  all: readonly T[],
): { readonly rows: readonly T[]; readonly next: { readonly NextToken?: string } } {
  const { MaxResults: size, NextToken: token } = request;
  if (size !== undefined && (size < LEAST || size > MOST)) {
    throw invalidValue(size, 'maxResults', `Expecting a value between ${LEAST} and ${MOST}.`);
  }
  const purpose = `ec2 page ${call.operation} ${call.scope.account} ${call.scope.region}`;
  const opened = token === undefined ? undefined : call.sealer.open(purpose, token);
  if (token !== undefined && !opened) throw invalidValue(token, 'nextToken', 'The token is not one of this operation.');
  const after = opened && new TextDecoder().decode(opened);
  const sorted = [...all].sort((a, b) => (a.id < b.id ? -1 : 1));
  const rest = after === undefined ? sorted : sorted.filter(({ id }) => id > after);
  const rows = rest.slice(0, size ?? MOST);
  const last = rows.at(-1);
  return { rows, next: last && rest.length > rows.length ? { NextToken: call.sealer.seal(purpose, last.id) } : {} };
}
