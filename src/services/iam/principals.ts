/** Users and roles by ARN and by unique id: policies name principals by ARN, and are bound to the unique id behind it. */
import type { Reader } from '../../store/store.ts';
import { entityArn, parseArn } from './arns.ts';
import { roles, rowId, uniqueIds, users } from './state.ts';

/**
 * The unique id of the user or role that has this ARN now.
 * @returns undefined for ARNs of anything else, and of nobody
 */
export async function resolvePrincipal(reader: Reader, arn: string): Promise<string | undefined> {
  const parsed = parseArn(arn);
  if (parsed?.kind !== 'user' && parsed?.kind !== 'role') return undefined;
  const row =
    parsed.kind === 'user'
      ? await reader.get(users, parsed.account, rowId(parsed.name))
      : await reader.get(roles, parsed.account, rowId(parsed.name));
  return row?.name === parsed.name && row.path === parsed.path ? row.id : undefined;
}

/**
 * The ARN that the user or role with this unique id has now.
 * @returns undefined once it is deleted: then policies show the id itself
 */
export async function describePrincipal(reader: Reader, uniqueId: string): Promise<string | undefined> {
  const found = await reader.get(uniqueIds, '', uniqueId);
  if (found?.kind !== 'user' && found?.kind !== 'role') return undefined;
  const row =
    found.kind === 'user'
      ? await reader.get(users, found.account, rowId(found.name))
      : await reader.get(roles, found.account, rowId(found.name));
  return row?.id === uniqueId ? entityArn(found.kind, found.account, row.path, row.name) : undefined;
}
