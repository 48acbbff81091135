/** ListAttachedUserPolicies, ListAttachedGroupPolicies and ListAttachedRolePolicies. */
import type {
  AttachedPolicy,
  ListAttachedGroupPoliciesRequest,
  ListAttachedGroupPoliciesResponse,
  ListAttachedRolePoliciesRequest,
  ListAttachedRolePoliciesResponse,
  ListAttachedUserPoliciesRequest,
  ListAttachedUserPoliciesResponse,
} from '@aws-sdk/client-iam';
import { type CheckCall, operation } from '../../service.ts';
import { parseArn } from '../arns.ts';
import { groupHolder, roleHolder, userHolder } from '../holders.ts';
import { type PageRequest, pageOf } from '../pages.ts';
import type { IamPorts } from '../ports.ts';
import type { PolicyHolder } from '../state.ts';

export const listAttachedUserPolicies = operation<
  ListAttachedUserPoliciesRequest,
  ListAttachedUserPoliciesResponse,
  IamPorts
>({
  checks: async (input, call) => [await userHolder.check(call, 'iam:ListAttachedUserPolicies', input.UserName)],
  handle: async (input, call) =>
    attached(call, input, await userHolder.named(call.change, call.scope.account, input.UserName)),
});

export const listAttachedGroupPolicies = operation<
  ListAttachedGroupPoliciesRequest,
  ListAttachedGroupPoliciesResponse,
  IamPorts
>({
  checks: async (input, call) => [await groupHolder.check(call, 'iam:ListAttachedGroupPolicies', input.GroupName)],
  handle: async (input, call) =>
    attached(call, input, await groupHolder.named(call.change, call.scope.account, input.GroupName)),
});

export const listAttachedRolePolicies = operation<
  ListAttachedRolePoliciesRequest,
  ListAttachedRolePoliciesResponse,
  IamPorts
>({
  checks: async (input, call) => [await roleHolder.check(call, 'iam:ListAttachedRolePolicies', input.RoleName)],
  handle: async (input, call) =>
    attached(call, input, await roleHolder.named(call.change, call.scope.account, input.RoleName)),
});

function attached(
  call: CheckCall,
  request: PageRequest & { readonly PathPrefix?: string | undefined },
  row: PolicyHolder,
) {
  const prefix = request.PathPrefix ?? '/';
  const found = row.attached.filter((arn) => parseArn(arn)?.path.startsWith(prefix));
  const { items, rest } = pageOf(call, request, found, (arn) => arn);
  const AttachedPolicies = items.map(
    (arn): AttachedPolicy => ({ PolicyName: parseArn(arn)?.name ?? arn, PolicyArn: arn }),
  );
  return { AttachedPolicies, ...rest };
}
