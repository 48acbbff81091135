/** Managed policies as the API shows them. */
import type { Policy, PolicyVersion } from '@aws-sdk/client-iam';
import type { ManagedPolicy } from './managed-policies.ts';
import { percentEncoded } from './shapes.ts';
import type { AttachmentRow, PolicyVersionRow } from './state.ts';
import { tagList } from './tags.ts';
import { shownTime } from './times.ts';

/** How many entities a policy is attached to, for permissions and as a boundary. */
export interface UseCounts {
  readonly attached: number;
  readonly bounding: number;
}

const unused: UseCounts = { attached: 0, bounding: 0 };

export function useCounts(uses: readonly AttachmentRow[]): UseCounts {
  const attached = uses.filter((use) => use.use === 'PermissionsPolicy').length;
  return { attached, bounding: uses.length - attached };
}

/** Counts the attachments of a whole account, by policy ARN. */
export function usesOf(rows: readonly AttachmentRow[]): (arn: string) => UseCounts {
  const grouped = Map.groupBy(rows, (row) => row.policyArn);
  return (arn) => {
    const uses = grouped.get(arn);
    return uses ? useCounts(uses) : unused;
  };
}

/** Lists leave description and tags out: "ListPolicies … does not return tags". */
export function listedPolicy(policy: ManagedPolicy, uses: UseCounts): Policy {
  return {
    PolicyName: policy.name,
    PolicyId: policy.id,
    Arn: policy.arn,
    Path: policy.path,
    DefaultVersionId: policy.defaultVersion,
    AttachmentCount: uses.attached,
    PermissionsBoundaryUsageCount: uses.bounding,
    IsAttachable: true,
    CreateDate: shownTime(policy.createdAt),
    UpdateDate: shownTime(policy.updatedAt),
  };
}

export function shownPolicy(policy: ManagedPolicy, uses: UseCounts): Policy {
  return {
    ...listedPolicy(policy, uses),
    ...(policy.description !== undefined && { Description: policy.description }),
    Tags: tagList(policy.tags),
  };
}

/** Only GetPolicyVersion shows the document. */
export function shownVersion(version: PolicyVersionRow, isDefault: boolean, withDocument: boolean): PolicyVersion {
  return {
    ...(withDocument && { Document: percentEncoded(version.document) }),
    VersionId: version.id,
    IsDefaultVersion: isDefault,
    CreateDate: shownTime(version.createdAt),
  };
}
