/** UpdateRole, UpdateRoleDescription and UpdateAssumeRolePolicy. */
import type {
  UpdateAssumeRolePolicyRequest,
  UpdateRoleDescriptionRequest,
  UpdateRoleDescriptionResponse,
  UpdateRoleRequest,
} from '@aws-sdk/client-iam';
import { operation } from '../../service.ts';
import { roleCheck } from '../checks.ts';
import { roleNamed } from '../entities.ts';
import { assertOwnRole } from '../holders.ts';
import { checkedTrustPolicy } from '../policy-validation.ts';
import type { IamPorts } from '../ports.ts';
import { shownRole } from '../shown-roles.ts';
import { roles, rowId } from '../state.ts';
import { boundPrincipals } from '../trust-policy.ts';

const defaultSessionSeconds = 3_600;

/** "If you do not specify a value for [MaxSessionDuration], the default value of one hour is applied." */
export const updateRole = operation<UpdateRoleRequest, object, IamPorts>({
  checks: async (input, call) => [await roleCheck(call, 'iam:UpdateRole', input.RoleName)],
  async handle(input, call) {
    const { account } = call.scope;
    const row = await roleNamed(call.change, account, input.RoleName);
    assertOwnRole(row);
    call.change.put(roles, account, rowId(row.name), {
      ...row,
      maxSessionSeconds: input.MaxSessionDuration ?? defaultSessionSeconds,
      ...(input.Description !== undefined && { description: input.Description }),
    });
    return {};
  },
});

/** The one thing that customers may change of a service-linked role. */
export const updateRoleDescription = operation<UpdateRoleDescriptionRequest, UpdateRoleDescriptionResponse, IamPorts>({
  checks: async (input, call) => [await roleCheck(call, 'iam:UpdateRoleDescription', input.RoleName)],
  async handle(input, call, ports) {
    const { account } = call.scope;
    const row = await roleNamed(call.change, account, input.RoleName);
    const updated = { ...row, description: input.Description };
    call.change.put(roles, account, rowId(row.name), updated);
    return { Role: await shownRole(call.change, account, updated, ports) };
  },
});

export const updateAssumeRolePolicy = operation<UpdateAssumeRolePolicyRequest, object, IamPorts>({
  checks: async (input, call) => [await roleCheck(call, 'iam:UpdateAssumeRolePolicy', input.RoleName)],
  async handle(input, call, ports) {
    const { account } = call.scope;
    const row = await roleNamed(call.change, account, input.RoleName);
    assertOwnRole(row);
    const document = checkedTrustPolicy(input.PolicyDocument, ports.quotas);
    const principalIds = await boundPrincipals(call.change, document);
    call.change.put(roles, account, rowId(row.name), {
      ...row,
      trust: { document: input.PolicyDocument, principalIds },
    });
    return {};
  },
});
