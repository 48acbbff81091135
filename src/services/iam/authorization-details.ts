/** Users, groups, roles and policies with all that hangs on them, as GetAccountAuthorizationDetails shows them. */
import type {
  AttachedPolicy,
  GroupDetail,
  ManagedPolicyDetail,
  PolicyDetail,
  RoleDetail,
  UserDetail,
} from '@aws-sdk/client-iam';
import { awsManagedPolicy, awsManagedPolicyDocument } from '../../models/managed-policies.ts';
import type { Reader } from '../../store/store.ts';
import { entityArn } from './arns.ts';
import type { IamPorts } from './ports.ts';
import { percentEncoded, boundary as shownBoundary, shownGroup, shownInstanceProfile, shownUser } from './shapes.ts';
import { roleInList } from './shown-roles.ts';
import { attachments, groups, instanceProfiles, type PolicyHolder, policies, roles, users } from './state.ts';
import { tagList } from './tags.ts';
import { shownTime } from './times.ts';

/** @param id the row's id, as in all functions below; undefined for a row that has gone since it was listed */
export async function userDetail(reader: Reader, account: string, id: string): Promise<UserDetail | undefined> {
  const row = await reader.get(users, account, id);
  if (!row) return undefined;
  const { PasswordLastUsed: _used, ...user } = shownUser(account, row);
  const groupRows = await Promise.all(row.groups.map((group) => reader.get(groups, account, group)));
  return {
    ...user,
    ...(Object.keys(row.inline).length > 0 && { UserPolicyList: inlineList(row) }),
    GroupList: groupRows.flatMap((group) => (group ? [group.name] : [])),
    AttachedManagedPolicies: attachedList(row),
    Tags: tagList(row.tags),
  };
}

export async function groupDetail(reader: Reader, account: string, id: string): Promise<GroupDetail | undefined> {
  const row = await reader.get(groups, account, id);
  if (!row) return undefined;
  return {
    ...shownGroup(account, row),
    GroupPolicyList: inlineList(row),
    AttachedManagedPolicies: attachedList(row),
  };
}

export async function roleDetail(
  reader: Reader,
  account: string,
  id: string,
  ports: Pick<IamPorts, 'lastUse'>,
): Promise<RoleDetail | undefined> {
  const row = await reader.get(roles, account, id);
  if (!row) return undefined;
  const { Description: _text, MaxSessionDuration: _seconds, ...role } = await roleInList(reader, account, row);
  const profiles = await Promise.all(row.instanceProfiles.map((key) => reader.get(instanceProfiles, account, key)));
  const use = await ports.lastUse(row.id);
  return {
    ...role,
    InstanceProfileList: profiles.flatMap((profile) =>
      profile ? [shownInstanceProfile(account, profile, row, false)] : [],
    ),
    RolePolicyList: inlineList(row),
    AttachedManagedPolicies: attachedList(row),
    ...(row.boundary !== undefined && { PermissionsBoundary: shownBoundary(row.boundary) }),
    Tags: tagList(row.tags),
    RoleLastUsed: use ? { LastUsedDate: shownTime(use.at), Region: use.region } : {},
  };
}

export async function customerManagedDetail(
  reader: Reader,
  account: string,
  id: string,
): Promise<ManagedPolicyDetail | undefined> {
  const row = await reader.get(policies, account, id);
  if (!row) return undefined;
  const arn = entityArn('policy', account, row.path, row.name);
  return {
    PolicyName: row.name,
    PolicyId: row.id,
    Arn: arn,
    Path: row.path,
    DefaultVersionId: row.defaultVersion,
    ...(await usage(reader, account, arn)),
    IsAttachable: true,
    ...(row.description !== undefined && { Description: row.description }),
    CreateDate: shownTime(row.createdAt),
    UpdateDate: shownTime(row.updatedAt),
    PolicyVersionList: row.versions.toReversed().map((version) => ({
      Document: percentEncoded(version.document),
      VersionId: version.id,
      IsDefaultVersion: version.id === row.defaultVersion,
      CreateDate: shownTime(version.createdAt),
    })),
  };
}

/** Only the latest version of AWS's policies is kept, so only that one is listed. */
export async function awsManagedDetail(
  reader: Reader,
  account: string,
  arn: string,
): Promise<ManagedPolicyDetail | undefined> {
  const policy = awsManagedPolicy(arn);
  const document = awsManagedPolicyDocument(arn);
  if (!policy || document === undefined) return undefined;
  return {
    PolicyName: policy.name,
    PolicyId: policy.id,
    Arn: arn,
    Path: policy.path,
    DefaultVersionId: policy.versionId,
    ...(await usage(reader, account, arn)),
    IsAttachable: true,
    CreateDate: shownTime(policy.createdAt),
    UpdateDate: shownTime(policy.updatedAt),
    PolicyVersionList: [
      {
        Document: percentEncoded(document),
        VersionId: policy.versionId,
        IsDefaultVersion: true,
        CreateDate: shownTime(policy.updatedAt),
      },
    ],
  };
}

/** ARNs of the AWS managed policies that are attached or a boundary in this account, in order. */
export async function usedAwsManagedPolicies(reader: Reader, account: string): Promise<string[]> {
  const used = await reader.list(attachments, account, { prefix: 'arn:aws:iam::aws:policy/' });
  return [...new Set(used.map((row) => row.value.policyArn))].sort();
}

async function usage(reader: Reader, account: string, arn: string) {
  const rows = await reader.list(attachments, account, { prefix: `${arn}|` });
  const AttachmentCount = rows.filter((row) => row.value.use === 'PermissionsPolicy').length;
  return { AttachmentCount, PermissionsBoundaryUsageCount: rows.length - AttachmentCount };
}

function inlineList(row: PolicyHolder): PolicyDetail[] {
  return Object.entries(row.inline).map(([PolicyName, document]) => ({
    PolicyName,
    PolicyDocument: percentEncoded(document),
  }));
}

function attachedList(row: PolicyHolder): AttachedPolicy[] {
  return row.attached.map((arn) => ({ PolicyName: arn.slice(arn.lastIndexOf('/') + 1), PolicyArn: arn }));
}
