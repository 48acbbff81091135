/** GetPolicy, ListPolicies and ListEntitiesForPolicy. */
import type {
  GetPolicyRequest,
  GetPolicyResponse,
  ListEntitiesForPolicyRequest,
  ListEntitiesForPolicyResponse,
  ListPoliciesRequest,
  ListPoliciesResponse,
} from '@aws-sdk/client-iam';
import type { Reader } from '../../../store/store.ts';
import { operation } from '../../service.ts';
import { accountCheck } from '../checks.ts';
import { groupHolder, roleHolder, userHolder } from '../holders.ts';
import { allAwsPolicies, attachmentsOfPolicy, ownPolicy, policyCheck, policyNamed } from '../managed-policies.ts';
import { pageOf } from '../pages.ts';
import type { IamPorts } from '../ports.ts';
import { listedPolicy, shownPolicy, useCounts, usesOf } from '../shown-policies.ts';
import { type AttachmentRow, attachments, policies } from '../state.ts';

export const getPolicy = operation<GetPolicyRequest, GetPolicyResponse, IamPorts>({
  checks: async (input, call) => [await policyCheck(call, 'iam:GetPolicy', input.PolicyArn)],
  async handle(input, call) {
    const { account } = call.scope;
    const policy = await policyNamed(call.change, account, input.PolicyArn);
    const uses = await attachmentsOfPolicy(call.change, account, policy.arn);
    return { Policy: shownPolicy(policy, useCounts(uses)) };
  },
});

/** In the order of ARNs: the account's own come first. */
export const listPolicies = operation<ListPoliciesRequest, ListPoliciesResponse, IamPorts>({
  checks: (_input, call) => [accountCheck(call, 'iam:ListPolicies')],
  async handle(input, call) {
    const { account } = call.scope;
    const scope = input.Scope ?? 'All';
    const rows = scope === 'AWS' ? [] : await call.change.list(policies, account);
    const all = [...rows.map((row) => ownPolicy(account, row.value)), ...(scope === 'Local' ? [] : allAwsPolicies())];
    const uses = usesOf((await call.change.list(attachments, account)).map((row) => row.value));
    const prefix = input.PathPrefix ?? '/';
    const found = all.filter((policy) => {
      if (!policy.path.startsWith(prefix)) return false;
      const counts = uses(policy.arn);
      if (input.PolicyUsageFilter === 'PermissionsPolicy') return counts.attached > 0;
      if (input.PolicyUsageFilter === 'PermissionsBoundary') return counts.bounding > 0;
      return !input.OnlyAttached || counts.attached > 0;
    });
    const { items, rest } = pageOf(call, input, found, (policy) => policy.arn);
    return { Policies: items.map((policy) => listedPolicy(policy, uses(policy.arn))), ...rest };
  },
});

const filters = { User: 'user', Role: 'role', Group: 'group' } as const;
const holders = { user: userHolder, group: groupHolder, role: roleHolder };

export const listEntitiesForPolicy = operation<ListEntitiesForPolicyRequest, ListEntitiesForPolicyResponse, IamPorts>({
  checks: async (input, call) => [await policyCheck(call, 'iam:ListEntitiesForPolicy', input.PolicyArn)],
  async handle(input, call) {
    const { account } = call.scope;
    const policy = await policyNamed(call.change, account, input.PolicyArn);
    const uses = await attachmentsOfPolicy(call.change, account, policy.arn, input.PolicyUsageFilter);
    const filter = input.EntityFilter;
    // The two filters for kinds of policies hold for the policy as a whole.
    const excluded =
      (filter === 'LocalManagedPolicy' && policy.awsManaged) || (filter === 'AWSManagedPolicy' && !policy.awsManaged);
    const kind = filter !== undefined && filter in filters ? filters[filter as keyof typeof filters] : undefined;
    const found = new Map<string, AttachmentRow>();
    for (const use of uses) {
      if (excluded || (kind !== undefined && use.kind !== kind)) continue;
      if (!(await pathOf(call.change, account, use)).startsWith(input.PathPrefix ?? '/')) continue;
      found.set(`${use.kind}/${use.name}`, use);
    }
    const { items, rest } = pageOf(call, input, [...found], ([key]) => key);
    const of = (wanted: AttachmentRow['kind']) => items.map(([, use]) => use).filter((use) => use.kind === wanted);
    return {
      PolicyGroups: of('group').map((use) => ({ GroupName: use.name, GroupId: use.entityId })),
      PolicyUsers: of('user').map((use) => ({ UserName: use.name, UserId: use.entityId })),
      PolicyRoles: of('role').map((use) => ({ RoleName: use.name, RoleId: use.entityId })),
      ...rest,
    };
  },
});

async function pathOf(reader: Reader, account: string, use: AttachmentRow): Promise<string> {
  return (await holders[use.kind].named(reader, account, use.name)).path;
}
