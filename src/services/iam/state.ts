/** What IAM keeps: row types, tables, and how rows are addressed. Times are epoch milliseconds. */
import { type Table, table } from '../../store/store.ts';

/** Tags in the order in which they were given. */
export type Tags = Readonly<Record<string, string>>;

/** What users, groups and roles share, so that one read gives everything a decision needs. */
export interface PolicyHolder {
  /** Unique id: `AIDA…`, `AGPA…`, `AROA…`. */
  readonly id: string;
  /** As given; the row's id is the lower-cased name. */
  readonly name: string;
  /** Begins and ends with `/`. */
  readonly path: string;
  readonly createdAt: number;
  /** Inline policies: name → document as given. */
  readonly inline: Readonly<Record<string, string>>;
  /** ARNs of attached managed policies, in order of attachment. */
  readonly attached: readonly string[];
}

/** A stretched password; the plain one is never kept. */
export interface PasswordHash {
  /** Algorithm and parameters, such as `argon2id$v=19$m=19456,t=2,p=1`. */
  readonly method: string;
  /** base64 */
  readonly salt: string;
  /** base64 */
  readonly hash: string;
}

export interface LoginProfileRow {
  readonly password: PasswordHash;
  readonly createdAt: number;
  /** When the password was last set. */
  readonly changedAt: number;
  readonly resetRequired: boolean;
  /** Hashes of earlier passwords, newest first, for PasswordReusePrevention. */
  readonly earlier: readonly PasswordHash[];
}

export interface UserRow extends PolicyHolder {
  readonly tags: Tags;
  /** ARN of the permissions boundary. */
  readonly boundary?: string;
  /** Row ids (lower-cased names) of the user's groups. */
  readonly groups: readonly string[];
  readonly accessKeyIds: readonly string[];
  readonly login?: LoginProfileRow;
  readonly passwordLastUsedAt?: number;
  /** Row ids of the enabled MFA devices, in the order in which they were enabled. */
  readonly mfaDeviceKeys?: readonly string[];
}

export interface GroupRow extends PolicyHolder {}

export interface RoleRow extends PolicyHolder {
  readonly description?: string;
  readonly maxSessionSeconds: number;
  readonly trust: {
    /** As given. */
    readonly document: string;
    /** ARN of each user and role named → its unique id when the document was stored. */
    readonly principalIds: Readonly<Record<string, string>>;
  };
  readonly tags: Tags;
  /** ARN of the permissions boundary. */
  readonly boundary?: string;
  /** Row ids of the instance profiles that hold this role. */
  readonly instanceProfiles: readonly string[];
  /** Service principal of a service-linked role, such as `organizations.amazonaws.com`. */
  readonly linkedTo?: string;
}

export interface PolicyVersionRow {
  /** `v1` */
  readonly id: string;
  /** As given. */
  readonly document: string;
  readonly createdAt: number;
}

export interface PolicyRow {
  /** `ANPA…` */
  readonly id: string;
  readonly name: string;
  readonly path: string;
  readonly description?: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly tags: Tags;
  /** At most five, oldest first. */
  readonly versions: readonly PolicyVersionRow[];
  /** `v1` */
  readonly defaultVersion: string;
  /** Number of the next version: versions are never numbered again. */
  readonly nextVersion: number;
}

export interface InstanceProfileRow {
  /** `AIPA…` */
  readonly id: string;
  readonly name: string;
  readonly path: string;
  readonly createdAt: number;
  readonly tags: Tags;
  /** Row id of the role; an instance profile holds at most one. */
  readonly role?: string;
}

export interface AccessKeyRow {
  readonly secret: string;
  readonly account: string;
  /** `user` is the unique id, so that a re-created user does not inherit keys. */
  readonly owner: { readonly kind: 'root' } | { readonly kind: 'user'; readonly id: string };
  readonly status: 'Active' | 'Inactive' | 'Expired';
  readonly createdAt: number;
}

/** The last use of an access key or a role; apart from them, because it is written often and read seldom. */
export interface KeyUseRow {
  readonly at: number;
  readonly service: string;
  readonly region: string;
}

/** Where a unique id lives now. */
export interface UniqueIdRow {
  readonly account: string;
  readonly kind: 'user' | 'group' | 'role' | 'policy' | 'instance-profile';
  readonly name: string;
}

export interface PasswordPolicyRow {
  readonly minimumLength: number;
  readonly requireSymbols: boolean;
  readonly requireNumbers: boolean;
  readonly requireUppercase: boolean;
  readonly requireLowercase: boolean;
  readonly allowUsersToChange: boolean;
  /** Days. */
  readonly maxAge?: number;
  readonly reusePrevention?: number;
  readonly hardExpiry?: boolean;
}

/** The account's settings and its root user. */
export interface AccountRow {
  readonly createdAt: number;
  readonly name?: string;
  readonly email?: string;
  readonly alias?: string;
  readonly passwordPolicy?: PasswordPolicyRow;
  readonly root: {
    readonly password?: PasswordHash;
    readonly passwordChangedAt?: number;
    readonly passwordLastUsedAt?: number;
    readonly accessKeyIds: readonly string[];
    /** As a user's. */
    readonly mfaDeviceKeys?: readonly string[];
  };
}

/** One row per attachment, so that counts and ListEntitiesForPolicy need no scan. */
export interface AttachmentRow {
  readonly policyArn: string;
  readonly use: 'PermissionsPolicy' | 'PermissionsBoundary';
  readonly kind: 'user' | 'group' | 'role';
  readonly name: string;
  readonly entityId: string;
}

/** Partition: account. Id: lower-cased name. */
export const users: Table<UserRow> = table('iam.user');
export const groups: Table<GroupRow> = table('iam.group');
export const roles: Table<RoleRow> = table('iam.role');
export const policies: Table<PolicyRow> = table('iam.policy');
export const instanceProfiles: Table<InstanceProfileRow> = table('iam.instance-profile');
/** Partition: account. Id: `memberKey`. */
export const members: Table<{ readonly group: string; readonly user: string }> = table('iam.group-member');
/** Partition: account. Id: `attachmentKey`. */
export const attachments: Table<AttachmentRow> = table('iam.attachment');
/** Partition: account. Id: `accountKey`. */
export const accounts: Table<AccountRow> = table('iam.account');
/** Partition: ''. Id: access key id. */
export const accessKeys: Table<AccessKeyRow> = table('iam.access-key');
/** Partition: ''. Id: access key id, or the unique id of a role. */
export const keyUses: Table<KeyUseRow> = table('iam.key-use');
/** Partition: ''. Id: unique id. */
export const uniqueIds: Table<UniqueIdRow> = table('iam.unique-id');
/** Partition: ''. Id: alias; aliases are unique among all accounts. */
export const aliases: Table<{ readonly account: string }> = table('iam.alias');
/** Partition: account. Id: `accountKey`. CSV, and when it was made. */
export const credentialReports: Table<{ readonly at: number; readonly content: string }> =
  table('iam.credential-report');

/** The only row of `accounts` in an account's partition. */
export const accountKey = 'account';

/** Row id of a named entity: names are unique without regard to case. */
export function rowId(name: string): string {
  return name.toLowerCase();
}

/** Names hold no slash, so a group's members are the rows with the prefix `group/`. */
export function memberKey(groupRowId: string, userRowId: string): string {
  return `${groupRowId}/${userRowId}`;
}

/** Ids hold no `|`: the attachments of a policy are the rows with the prefix `arn|`. */
export function attachmentKey(attachment: Pick<AttachmentRow, 'policyArn' | 'use' | 'kind' | 'name'>): string {
  return `${attachment.policyArn}|${attachment.use}|${attachment.kind}/${rowId(attachment.name)}`;
}
