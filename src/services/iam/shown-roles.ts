/** Roles as the API shows them. */
import type { Role } from '@aws-sdk/client-iam';
import type { Reader } from '../../store/store.ts';
import type { IamPorts } from './ports.ts';
import { boundary, listedRole, percentEncoded } from './shapes.ts';
import type { RoleRow } from './state.ts';
import { tagList } from './tags.ts';
import { shownTime } from './times.ts';
import { presentTrust } from './trust-policy.ts';

/** As ListRoles shows it: "does not return the following attributes: PermissionsBoundary, RoleLastUsed, Tags". */
export async function roleInList(reader: Reader, account: string, row: RoleRow): Promise<Role> {
  const document = await presentTrust(reader, row.trust);
  return { ...listedRole(account, row), AssumeRolePolicyDocument: percentEncoded(document) };
}

/** As GetRole and UpdateRoleDescription show it. */
export async function shownRole(
  reader: Reader,
  account: string,
  row: RoleRow,
  ports: Pick<IamPorts, 'lastUse'>,
): Promise<Role> {
  const use = await ports.lastUse(row.id);
  return {
    ...(await roleInList(reader, account, row)),
    ...(row.boundary !== undefined && { PermissionsBoundary: boundary(row.boundary) }),
    ...(Object.keys(row.tags).length > 0 && { Tags: tagList(row.tags) }),
    RoleLastUsed: use ? { LastUsedDate: shownTime(use.at), Region: use.region } : {},
  };
}
