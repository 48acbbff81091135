/** Put, Get, Delete and List of inline policies, for users, groups and roles. */
import type {
  DeleteGroupPolicyRequest,
  DeleteRolePolicyRequest,
  DeleteUserPolicyRequest,
  GetGroupPolicyRequest,
  GetGroupPolicyResponse,
  GetRolePolicyRequest,
  GetRolePolicyResponse,
  GetUserPolicyRequest,
  GetUserPolicyResponse,
  ListGroupPoliciesRequest,
  ListGroupPoliciesResponse,
  ListRolePoliciesRequest,
  ListRolePoliciesResponse,
  ListUserPoliciesRequest,
  ListUserPoliciesResponse,
  PutGroupPolicyRequest,
  PutRolePolicyRequest,
  PutUserPolicyRequest,
} from '@aws-sdk/client-iam';
import { type Call, type Check, type CheckCall, operation } from '../../service.ts';
import { noSuchEntity } from '../errors.ts';
import { boundaryValues, groupHolder, type Holder, roleHolder, userHolder } from '../holders.ts';
import { type PageRequest, pageOf } from '../pages.ts';
import { checkedPolicy, checkInlineSize } from '../policy-validation.ts';
import type { IamPorts } from '../ports.ts';
import { percentEncoded } from '../shapes.ts';
import { type PolicyHolder, rowId } from '../state.ts';

type AnyRow = PolicyHolder & { readonly boundary?: string };

export const putUserPolicy = operation<PutUserPolicyRequest, object, IamPorts>({
  checks: (input, call) => writeChecks(userHolder, 'Put', call, input.UserName),
  handle: (input, call, ports) => put(userHolder, call, ports, input.UserName, input.PolicyName, input.PolicyDocument),
});

export const putGroupPolicy = operation<PutGroupPolicyRequest, object, IamPorts>({
  checks: (input, call) => writeChecks(groupHolder, 'Put', call, input.GroupName),
  handle: (input, call, ports) =>
    put(groupHolder, call, ports, input.GroupName, input.PolicyName, input.PolicyDocument),
});

export const putRolePolicy = operation<PutRolePolicyRequest, object, IamPorts>({
  checks: (input, call) => writeChecks(roleHolder, 'Put', call, input.RoleName),
  handle: (input, call, ports) => put(roleHolder, call, ports, input.RoleName, input.PolicyName, input.PolicyDocument),
});

export const getUserPolicy = operation<GetUserPolicyRequest, GetUserPolicyResponse, IamPorts>({
  checks: async (input, call) => [await userHolder.check(call, 'iam:GetUserPolicy', input.UserName)],
  async handle(input, call) {
    const found = await get(userHolder, call, input.UserName, input.PolicyName);
    return { UserName: found.holder, PolicyName: input.PolicyName, PolicyDocument: found.document };
  },
});

export const getGroupPolicy = operation<GetGroupPolicyRequest, GetGroupPolicyResponse, IamPorts>({
  checks: async (input, call) => [await groupHolder.check(call, 'iam:GetGroupPolicy', input.GroupName)],
  async handle(input, call) {
    const found = await get(groupHolder, call, input.GroupName, input.PolicyName);
    return { GroupName: found.holder, PolicyName: input.PolicyName, PolicyDocument: found.document };
  },
});

export const getRolePolicy = operation<GetRolePolicyRequest, GetRolePolicyResponse, IamPorts>({
  checks: async (input, call) => [await roleHolder.check(call, 'iam:GetRolePolicy', input.RoleName)],
  async handle(input, call) {
    const found = await get(roleHolder, call, input.RoleName, input.PolicyName);
    return { RoleName: found.holder, PolicyName: input.PolicyName, PolicyDocument: found.document };
  },
});

export const deleteUserPolicy = operation<DeleteUserPolicyRequest, object, IamPorts>({
  checks: (input, call) => writeChecks(userHolder, 'Delete', call, input.UserName),
  handle: (input, call) => remove(userHolder, call, input.UserName, input.PolicyName),
});

export const deleteGroupPolicy = operation<DeleteGroupPolicyRequest, object, IamPorts>({
  checks: (input, call) => writeChecks(groupHolder, 'Delete', call, input.GroupName),
  handle: (input, call) => remove(groupHolder, call, input.GroupName, input.PolicyName),
});

export const deleteRolePolicy = operation<DeleteRolePolicyRequest, object, IamPorts>({
  checks: (input, call) => writeChecks(roleHolder, 'Delete', call, input.RoleName),
  handle: (input, call) => remove(roleHolder, call, input.RoleName, input.PolicyName),
});

export const listUserPolicies = operation<ListUserPoliciesRequest, ListUserPoliciesResponse, IamPorts>({
  checks: async (input, call) => [await userHolder.check(call, 'iam:ListUserPolicies', input.UserName)],
  handle: (input, call) => list(userHolder, call, input, input.UserName),
});

export const listGroupPolicies = operation<ListGroupPoliciesRequest, ListGroupPoliciesResponse, IamPorts>({
  checks: async (input, call) => [await groupHolder.check(call, 'iam:ListGroupPolicies', input.GroupName)],
  handle: (input, call) => list(groupHolder, call, input, input.GroupName),
});

export const listRolePolicies = operation<ListRolePoliciesRequest, ListRolePoliciesResponse, IamPorts>({
  checks: async (input, call) => [await roleHolder.check(call, 'iam:ListRolePolicies', input.RoleName)],
  handle: (input, call) => list(roleHolder, call, input, input.RoleName),
});

async function writeChecks<R extends AnyRow>(
  holder: Holder<R>,
  verb: 'Put' | 'Delete',
  call: CheckCall,
  name: string,
): Promise<Check[]> {
  const context = await boundaryValues(holder, call, name);
  return [await holder.check(call, `iam:${verb}${holder.title}Policy`, name, context)];
}

async function put<R extends AnyRow>(
  holder: Holder<R>,
  call: Call,
  ports: IamPorts,
  name: string,
  policy: string,
  document: string,
): Promise<object> {
  const row = await holder.named(call.change, call.scope.account, name);
  holder.assertModifiable(row);
  checkedPolicy(document, 'identity');
  const kept = Object.entries(row.inline).filter(([key]) => key !== spelledAs(row, policy));
  const inline = Object.fromEntries([...kept, [policy, document]]);
  checkInlineSize(holder.kind, row.name, inline, holder.inlineLimit(ports.quotas));
  call.change.put(holder.table, call.scope.account, rowId(row.name), { ...row, inline });
  return {};
}

async function get<R extends AnyRow>(holder: Holder<R>, call: Call, name: string, policy: string) {
  const row = await holder.named(call.change, call.scope.account, name);
  const key = spelledAs(row, policy);
  const document = key === undefined ? undefined : row.inline[key];
  if (document === undefined) throw noSuchInline(holder.kind, policy);
  return { holder: row.name, document: percentEncoded(document) };
}

async function remove<R extends AnyRow>(holder: Holder<R>, call: Call, name: string, policy: string): Promise<object> {
  const row = await holder.named(call.change, call.scope.account, name);
  holder.assertModifiable(row);
  const key = spelledAs(row, policy);
  if (key === undefined) throw noSuchInline(holder.kind, policy);
  const inline = Object.fromEntries(Object.entries(row.inline).filter(([other]) => other !== key));
  call.change.put(holder.table, call.scope.account, rowId(row.name), { ...row, inline });
  return {};
}

async function list<R extends AnyRow>(holder: Holder<R>, call: Call, request: PageRequest, name: string) {
  const row = await holder.named(call.change, call.scope.account, name);
  const { items, rest } = pageOf(call, request, Object.keys(row.inline), (key) => key);
  return { PolicyNames: items, ...rest };
}

/** Names of inline policies, too, are unique without regard to case. */
function spelledAs(row: PolicyHolder, policy: string): string | undefined {
  if (Object.hasOwn(row.inline, policy)) return policy;
  return Object.keys(row.inline).find((key) => key.toLowerCase() === policy.toLowerCase());
}

function noSuchInline(kind: string, policy: string): Error {
  return noSuchEntity(`The ${kind} policy with name ${policy} cannot be found.`);
}
