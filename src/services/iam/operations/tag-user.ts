/** TagUser, UntagUser and ListUserTags. */
import type { ListUserTagsRequest, ListUserTagsResponse, TagUserRequest, UntagUserRequest } from '@aws-sdk/client-iam';
import { operation } from '../../service.ts';
import { userCheck } from '../checks.ts';
import { userNamed } from '../entities.ts';
import { pageOf } from '../pages.ts';
import type { IamPorts } from '../ports.ts';
import { rowId, users } from '../state.ts';
import { mergeTags, requestTagValues, tagList, withoutTags } from '../tags.ts';

export const tagUser = operation<TagUserRequest, object, IamPorts>({
  checks: async (input, call) => [await userCheck(call, 'iam:TagUser', input.UserName, requestTagValues(input.Tags))],
  async handle(input, call, ports) {
    const { account } = call.scope;
    const row = await userNamed(call.change, account, input.UserName);
    const tags = mergeTags(row.tags, input.Tags, ports.quotas.tags);
    call.change.put(users, account, rowId(row.name), { ...row, tags });
    return {};
  },
});

export const untagUser = operation<UntagUserRequest, object, IamPorts>({
  checks: async (input, call) => [
    await userCheck(call, 'iam:UntagUser', input.UserName, { 'aws:TagKeys': input.TagKeys }),
  ],
  async handle(input, call) {
    const { account } = call.scope;
    const row = await userNamed(call.change, account, input.UserName);
    const tags = withoutTags(row.tags, input.TagKeys);
    call.change.put(users, account, rowId(row.name), { ...row, tags });
    return {};
  },
});

export const listUserTags = operation<ListUserTagsRequest, ListUserTagsResponse, IamPorts>({
  checks: async (input, call) => [await userCheck(call, 'iam:ListUserTags', input.UserName)],
  async handle(input, call) {
    const row = await userNamed(call.change, call.scope.account, input.UserName);
    const { items, rest } = pageOf(call, input, tagList(row.tags), (tag) => tag.Key);
    return { Tags: items, ...rest };
  },
});
