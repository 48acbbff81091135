/** CreatePolicy and DeletePolicy. */
import type { CreatePolicyRequest, CreatePolicyResponse, DeletePolicyRequest } from '@aws-sdk/client-iam';
import { AwsError, type Check, operation } from '../../service.ts';
import { newEntityCheck } from '../checks.ts';
import { deleteConflict, quotaExceeded } from '../errors.ts';
import { uniqueId } from '../ids.ts';
import { attachmentsOfPolicy, ownPolicy, policyCheck, policyRow } from '../managed-policies.ts';
import { checkedManagedPolicy } from '../policy-validation.ts';
import type { IamPorts } from '../ports.ts';
import { listedPolicy } from '../shown-policies.ts';
import { type PolicyRow, policies, rowId, uniqueIds } from '../state.ts';
import { newTags, requestTagValues, tagList } from '../tags.ts';

/** "To tag a policy at creation, the caller needs iam:TagPolicy too." */
export const createPolicy = operation<CreatePolicyRequest, CreatePolicyResponse, IamPorts>({
  checks(input, call) {
    const values = requestTagValues(input.Tags);
    const check = (action: string): Check =>
      newEntityCheck(call, action, 'policy', input.Path, input.PolicyName, values);
    return input.Tags?.length ? [check('iam:CreatePolicy'), check('iam:TagPolicy')] : [check('iam:CreatePolicy')];
  },
  async handle(input, call, ports) {
    const { account } = call.scope;
    checkedManagedPolicy(input.PolicyDocument, ports.quotas);
    const tags = newTags(input.Tags, ports.quotas.tags);
    if (await call.change.get(policies, account, rowId(input.PolicyName))) {
      throw new AwsError(
        'EntityAlreadyExists',
        `A policy called ${input.PolicyName} already exists. Duplicate names are not allowed.`,
        { status: 409 },
      );
    }
    if ((await ports.count(policies, account)) >= ports.quotas.policies) {
      throw quotaExceeded('PoliciesPerAccount', ports.quotas.policies);
    }
    const row: PolicyRow = {
      id: uniqueId('ANPA', call.random),
      name: input.PolicyName,
      path: input.Path ?? '/',
      ...(input.Description !== undefined && { description: input.Description }),
      createdAt: call.now,
      updatedAt: call.now,
      tags,
      versions: [{ id: 'v1', document: input.PolicyDocument, createdAt: call.now }],
      defaultVersion: 'v1',
      nextVersion: 2,
    };
    call.change.put(policies, account, rowId(row.name), row);
    call.change.put(uniqueIds, '', row.id, { account, kind: 'policy', name: row.name });
    const shown = listedPolicy(ownPolicy(account, row), { attached: 0, bounding: 0 });
    return { Policy: Object.keys(tags).length > 0 ? { ...shown, Tags: tagList(tags) } : shown };
  },
});

export const deletePolicy = operation<DeletePolicyRequest, object, IamPorts>({
  checks: async (input, call) => [await policyCheck(call, 'iam:DeletePolicy', input.PolicyArn)],
  async handle(input, call) {
    const { account } = call.scope;
    const row = await policyRow(call.change, account, input.PolicyArn);
    if ((await attachmentsOfPolicy(call.change, account, input.PolicyArn)).length > 0) {
      throw deleteConflict('Cannot delete a policy attached to entities.');
    }
    if (row.versions.length > 1) {
      throw deleteConflict(
        "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.",
      );
    }
    call.change.delete(policies, account, rowId(row.name));
    call.change.delete(uniqueIds, '', row.id);
    return {};
  },
});
