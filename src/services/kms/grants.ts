/** The grants of a key, found by whom they let in and by name, since a key may have tens of thousands. */
import type { Change, Reader } from '../../store/store.ts';
import type { Principal } from '../service.ts';
import { type GrantRow, grantees, grantNames, grants, type KeyRow, keyChildren, retirable } from './state.ts';

type KeyName = Pick<KeyRow, 'account' | 'region' | 'id'>;

/** A user or a role is who it is, whatever it is called. */
const whose = (grant: Pick<GrantRow, 'grantee' | 'granteeId'>): string => grant.granteeId ?? grant.grantee;

/** All that a grant can name a caller by. */
function namesOf(principal: Principal): readonly string[] {
  switch (principal.kind) {
    case 'anonymous':
      return [];
    case 'service':
      return [principal.name];
    case 'root':
      return [accountOf(principal.account)];
    case 'user':
      return [principal.id, accountOf(principal.account)];
    case 'assumed-role':
      return [principal.roleId, principal.arn, accountOf(principal.account)];
    case 'federated-user':
      return [principal.arn, principal.issuer.id, accountOf(principal.account)];
  }
}

const accountOf = (account: string): string => `arn:aws:iam::${account}:root`;

/** So many are looked through in one reading. */
const few = 50;

/** Grants that name the caller; others may be among them, which the engine tells apart. */
export async function grantsFor(reader: Reader, key: KeyName, principal: Principal): Promise<readonly GrantRow[]> {
  const partition = keyChildren(key);
  const names = namesOf(principal);
  const first = await reader.list(grantees, partition, { limit: few + 1 });
  if (first.length === 0) return [];
  const rows =
    first.length <= few
      ? first.filter(({ id }) => names.some((name) => id.startsWith(`${name}/`)))
      : (await Promise.all(names.map((name) => reader.list(grantees, partition, { prefix: `${name}/` })))).flat();
  const found = await Promise.all(rows.map(({ value }) => reader.get(grants, partition, value.grantId)));
  return found.filter((grant) => grant !== undefined);
}

export async function grantsNamed(reader: Reader, key: KeyName, name: string): Promise<readonly GrantRow[]> {
  const partition = keyChildren(key);
  const rows = await reader.list(grantNames, partition, { prefix: `${name}/` });
  const found = await Promise.all(rows.map(({ value }) => reader.get(grants, partition, value.grantId)));
  // A name may go on after a slash.
  return found.filter((grant) => grant?.name === name) as readonly GrantRow[];
}

export function putGrant(change: Change, key: KeyName, grant: GrantRow): void {
  const partition = keyChildren(key);
  const { id } = grant;
  change.put(grants, partition, id, grant);
  change.put(grantees, partition, `${whose(grant)}/${id}`, { grantId: id });
  if (grant.name !== undefined) change.put(grantNames, partition, `${grant.name}/${id}`, { grantId: id });
  if (grant.retiring !== undefined) change.put(retirable, `${key.region}/${grant.retiring}`, retirableId(key, id), {});
}

export function deleteGrant(change: Change, key: KeyName, grant: GrantRow): void {
  const partition = keyChildren(key);
  change.delete(grants, partition, grant.id);
  change.delete(grantees, partition, `${whose(grant)}/${grant.id}`);
  if (grant.name !== undefined) change.delete(grantNames, partition, `${grant.name}/${grant.id}`);
  if (grant.retiring !== undefined)
    change.delete(retirable, `${key.region}/${grant.retiring}`, retirableId(key, grant.id));
}

const retirableId = (key: KeyName, id: string): string => `${key.account}/${key.id}/${id}`;
