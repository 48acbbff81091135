/** IAM's rows as the API shows them. */
import type { AttachedPermissionsBoundary, Group, InstanceProfile, Role, User } from '@aws-sdk/client-iam';
import { entityArn } from './arns.ts';
import type { GroupRow, InstanceProfileRow, RoleRow, UserRow } from './state.ts';
import { tagList } from './tags.ts';
import { shownTime } from './times.ts';

/** Lists leave tags and boundary out: "ListUsers … does not return the following attributes". */
export function listedUser(account: string, row: UserRow): User {
  return {
    Path: row.path,
    UserName: row.name,
    UserId: row.id,
    Arn: entityArn('user', account, row.path, row.name),
    CreateDate: shownTime(row.createdAt),
    ...(row.passwordLastUsedAt !== undefined && { PasswordLastUsed: shownTime(row.passwordLastUsedAt) }),
  };
}

export function shownUser(account: string, row: UserRow): User {
  return {
    ...listedUser(account, row),
    ...(row.boundary !== undefined && { PermissionsBoundary: boundary(row.boundary) }),
    ...(Object.keys(row.tags).length > 0 && { Tags: tagList(row.tags) }),
  };
}

export function shownGroup(account: string, row: GroupRow): Group {
  return {
    Path: row.path,
    GroupName: row.name,
    GroupId: row.id,
    Arn: entityArn('group', account, row.path, row.name),
    CreateDate: shownTime(row.createdAt),
  };
}

/** As in lists and inside instance profiles: without tags, boundary and last use. */
export function listedRole(account: string, row: RoleRow): Role {
  return {
    Path: row.path,
    RoleName: row.name,
    RoleId: row.id,
    Arn: entityArn('role', account, row.path, row.name),
    CreateDate: shownTime(row.createdAt),
    AssumeRolePolicyDocument: percentEncoded(row.trust.document),
    ...(row.description !== undefined && { Description: row.description }),
    MaxSessionDuration: row.maxSessionSeconds,
  };
}

/** Inside instance profiles roles show neither description nor session length. */
export function shownInstanceProfile(
  account: string,
  row: InstanceProfileRow,
  role: RoleRow | undefined,
  withTags: boolean,
): InstanceProfile {
  const shown: InstanceProfile = {
    Path: row.path,
    InstanceProfileName: row.name,
    InstanceProfileId: row.id,
    Arn: entityArn('instance-profile', account, row.path, row.name),
    CreateDate: shownTime(row.createdAt),
    Roles: role ? [roleInProfile(account, role)] : [],
  };
  return withTags && Object.keys(row.tags).length > 0 ? { ...shown, Tags: tagList(row.tags) } : shown;
}

function roleInProfile(account: string, row: RoleRow): Role {
  const { Description: _description, MaxSessionDuration: _duration, ...role } = listedRole(account, row);
  return role;
}

export function boundary(arn: string): AttachedPermissionsBoundary {
  // The enumeration's only value is "PermissionsBoundaryPolicy"; IAM really answers "Policy".
  return { PermissionsBoundaryType: 'Policy' as 'PermissionsBoundaryPolicy', PermissionsBoundaryArn: arn };
}

/** "Policies returned by this operation are URL-encoded compliant with RFC 3986." */
export function percentEncoded(document: string): string {
  return encodeURIComponent(document).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
