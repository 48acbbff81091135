/** TagInstanceProfile, UntagInstanceProfile and ListInstanceProfileTags. */
import type {
  ListInstanceProfileTagsRequest,
  ListInstanceProfileTagsResponse,
  TagInstanceProfileRequest,
  UntagInstanceProfileRequest,
} from '@aws-sdk/client-iam';
import { operation } from '../../service.ts';
import { instanceProfileCheck } from '../checks.ts';
import { instanceProfileNamed } from '../entities.ts';
import { pageOf } from '../pages.ts';
import type { IamPorts } from '../ports.ts';
import { instanceProfiles, rowId } from '../state.ts';
import { mergeTags, requestTagValues, tagList, withoutTags } from '../tags.ts';

export const tagInstanceProfile = operation<TagInstanceProfileRequest, object, IamPorts>({
  checks: async (input, call) => [
    await instanceProfileCheck(call, 'iam:TagInstanceProfile', input.InstanceProfileName, requestTagValues(input.Tags)),
  ],
  async handle(input, call, ports) {
    const { account } = call.scope;
    const row = await instanceProfileNamed(call.change, account, input.InstanceProfileName);
    const tags = mergeTags(row.tags, input.Tags, ports.quotas.tags);
    call.change.put(instanceProfiles, account, rowId(row.name), { ...row, tags });
    return {};
  },
});

export const untagInstanceProfile = operation<UntagInstanceProfileRequest, object, IamPorts>({
  checks: async (input, call) => [
    await instanceProfileCheck(call, 'iam:UntagInstanceProfile', input.InstanceProfileName, {
      'aws:TagKeys': input.TagKeys,
    }),
  ],
  async handle(input, call) {
    const { account } = call.scope;
    const row = await instanceProfileNamed(call.change, account, input.InstanceProfileName);
    const tags = withoutTags(row.tags, input.TagKeys);
    call.change.put(instanceProfiles, account, rowId(row.name), { ...row, tags });
    return {};
  },
});

export const listInstanceProfileTags = operation<
  ListInstanceProfileTagsRequest,
  ListInstanceProfileTagsResponse,
  IamPorts
>({
  checks: async (input, call) => [
    await instanceProfileCheck(call, 'iam:ListInstanceProfileTags', input.InstanceProfileName),
  ],
  async handle(input, call) {
    const row = await instanceProfileNamed(call.change, call.scope.account, input.InstanceProfileName);
    const { items, rest } = pageOf(call, input, tagList(row.tags), (tag) => tag.Key);
    return { Tags: items, ...rest };
  },
});
