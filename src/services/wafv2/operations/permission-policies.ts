/** PutPermissionPolicy, GetPermissionPolicy, DeletePermissionPolicy: sharing a rule group with other accounts. */
import type {
  DeletePermissionPolicyRequest,
  GetPermissionPolicyRequest,
  GetPermissionPolicyResponse,
  PutPermissionPolicyRequest,
} from '@aws-sdk/client-wafv2';
import { type Call, operation } from '../../service.ts';
import { arnCheck } from '../checks.ts';
import { findByArn } from '../entity.ts';
import { nonexistentItem } from '../errors.ts';
import { readPermissionPolicy } from '../permission-policy.ts';
import type { WafPorts } from '../ports.ts';
import { permissionPolicies, ruleGroups } from '../state.ts';

/** Only the owner shares. */
async function requireOwn(call: Call, arn: string): Promise<void> {
  const row = await findByArn(call, ruleGroups, 'rulegroup', arn);
  if (row.account !== call.scope.account) throw nonexistentItem();
}

export const PutPermissionPolicy = operation<PutPermissionPolicyRequest, object, WafPorts>({
  checks: async (input, call) => [await arnCheck(call, 'PutPermissionPolicy', input.ResourceArn)],
  async handle(input, call, ports) {
    await requireOwn(call, input.ResourceArn);
    const policy = await readPermissionPolicy(input.Policy, ports.principals);
    call.change.put(permissionPolicies, '', input.ResourceArn, policy);
    return {};
  },
});

export const GetPermissionPolicy = operation<GetPermissionPolicyRequest, GetPermissionPolicyResponse, WafPorts>({
  checks: async (input, call) => [await arnCheck(call, 'GetPermissionPolicy', input.ResourceArn)],
  async handle(input, call) {
    await requireOwn(call, input.ResourceArn);
    const policy = await call.change.get(permissionPolicies, '', input.ResourceArn);
    if (!policy) throw nonexistentItem();
    return { Policy: policy.document };
  },
});

export const DeletePermissionPolicy = operation<DeletePermissionPolicyRequest, object, WafPorts>({
  checks: async (input, call) => [await arnCheck(call, 'DeletePermissionPolicy', input.ResourceArn)],
  async handle(input, call) {
    await requireOwn(call, input.ResourceArn);
    if (!(await call.change.get(permissionPolicies, '', input.ResourceArn))) throw nonexistentItem();
    call.change.delete(permissionPolicies, '', input.ResourceArn);
    return {};
  },
});
