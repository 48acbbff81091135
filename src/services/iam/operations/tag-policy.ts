/** TagPolicy, UntagPolicy and ListPolicyTags. */
import type {
  ListPolicyTagsRequest,
  ListPolicyTagsResponse,
  TagPolicyRequest,
  UntagPolicyRequest,
} from '@aws-sdk/client-iam';
import { operation } from '../../service.ts';
import { policyCheck, policyNamed, policyRow } from '../managed-policies.ts';
import { pageOf } from '../pages.ts';
import type { IamPorts } from '../ports.ts';
import { policies, rowId } from '../state.ts';
import { mergeTags, requestTagValues, tagList, withoutTags } from '../tags.ts';

export const tagPolicy = operation<TagPolicyRequest, object, IamPorts>({
  checks: async (input, call) => [
    await policyCheck(call, 'iam:TagPolicy', input.PolicyArn, requestTagValues(input.Tags)),
  ],
  async handle(input, call, ports) {
    const row = await policyRow(call.change, call.scope.account, input.PolicyArn);
    const tags = mergeTags(row.tags, input.Tags, ports.quotas.tags);
    call.change.put(policies, call.scope.account, rowId(row.name), { ...row, tags });
    return {};
  },
});

export const untagPolicy = operation<UntagPolicyRequest, object, IamPorts>({
  checks: async (input, call) => [
    await policyCheck(call, 'iam:UntagPolicy', input.PolicyArn, { 'aws:TagKeys': input.TagKeys }),
  ],
  async handle(input, call) {
    const row = await policyRow(call.change, call.scope.account, input.PolicyArn);
    const tags = withoutTags(row.tags, input.TagKeys);
    call.change.put(policies, call.scope.account, rowId(row.name), { ...row, tags });
    return {};
  },
});

export const listPolicyTags = operation<ListPolicyTagsRequest, ListPolicyTagsResponse, IamPorts>({
  checks: async (input, call) => [await policyCheck(call, 'iam:ListPolicyTags', input.PolicyArn)],
  async handle(input, call) {
    const policy = await policyNamed(call.change, call.scope.account, input.PolicyArn);
    const { items, rest } = pageOf(call, input, tagList(policy.tags), (tag) => tag.Key);
    return { Tags: items, ...rest };
  },
});
