/** TagRole, UntagRole and ListRoleTags. */
import type { ListRoleTagsRequest, ListRoleTagsResponse, TagRoleRequest, UntagRoleRequest } from '@aws-sdk/client-iam';
import { operation } from '../../service.ts';
import { roleCheck } from '../checks.ts';
import { roleNamed } from '../entities.ts';
import { pageOf } from '../pages.ts';
import type { IamPorts } from '../ports.ts';
import { roles, rowId } from '../state.ts';
import { mergeTags, requestTagValues, tagList, withoutTags } from '../tags.ts';

export const tagRole = operation<TagRoleRequest, object, IamPorts>({
  checks: async (input, call) => [await roleCheck(call, 'iam:TagRole', input.RoleName, requestTagValues(input.Tags))],
  async handle(input, call, ports) {
    const { account } = call.scope;
    const row = await roleNamed(call.change, account, input.RoleName);
    const tags = mergeTags(row.tags, input.Tags, ports.quotas.tags);
    call.change.put(roles, account, rowId(row.name), { ...row, tags });
    return {};
  },
});

export const untagRole = operation<UntagRoleRequest, object, IamPorts>({
  checks: async (input, call) => [
    await roleCheck(call, 'iam:UntagRole', input.RoleName, { 'aws:TagKeys': input.TagKeys }),
  ],
  async handle(input, call) {
    const { account } = call.scope;
    const row = await roleNamed(call.change, account, input.RoleName);
    const tags = withoutTags(row.tags, input.TagKeys);
    call.change.put(roles, account, rowId(row.name), { ...row, tags });
    return {};
  },
});

export const listRoleTags = operation<ListRoleTagsRequest, ListRoleTagsResponse, IamPorts>({
  checks: async (input, call) => [await roleCheck(call, 'iam:ListRoleTags', input.RoleName)],
  async handle(input, call) {
    const row = await roleNamed(call.change, call.scope.account, input.RoleName);
    const { items, rest } = pageOf(call, input, tagList(row.tags), (tag) => tag.Key);
    return { Tags: items, ...rest };
  },
});
