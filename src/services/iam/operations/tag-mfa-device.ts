/** TagMFADevice, UntagMFADevice and ListMFADeviceTags. */
import type {
  ListMFADeviceTagsRequest,
  ListMFADeviceTagsResponse,
  TagMFADeviceRequest,
  UntagMFADeviceRequest,
} from '@aws-sdk/client-iam';
import { operation } from '../../service.ts';
import { deviceCheck, deviceNamed } from '../mfa/find.ts';
import { deviceKey, mfaDevices } from '../mfa/state.ts';
import { pageOf } from '../pages.ts';
import type { IamPorts } from '../ports.ts';
import { mergeTags, requestTagValues, tagList, withoutTags } from '../tags.ts';

export const tagMFADevice = operation<TagMFADeviceRequest, object, IamPorts>({
  checks: async (input, call) => [
    await deviceCheck(call, 'TagMFADevice', input.SerialNumber, requestTagValues(input.Tags)),
  ],
  async handle(input, call, ports) {
    const { account } = call.scope;
    const row = await deviceNamed(call.change, account, input.SerialNumber);
    const tags = mergeTags(row.tags, input.Tags, ports.quotas.tags);
    call.change.put(mfaDevices, account, deviceKey(row.path, row.name), { ...row, tags });
    return {};
  },
});

export const untagMFADevice = operation<UntagMFADeviceRequest, object, IamPorts>({
  checks: async (input, call) => [
    await deviceCheck(call, 'UntagMFADevice', input.SerialNumber, { 'aws:TagKeys': input.TagKeys }),
  ],
  async handle(input, call) {
    const { account } = call.scope;
    const row = await deviceNamed(call.change, account, input.SerialNumber);
    const tags = withoutTags(row.tags, input.TagKeys);
    call.change.put(mfaDevices, account, deviceKey(row.path, row.name), { ...row, tags });
    return {};
  },
});

export const listMFADeviceTags = operation<ListMFADeviceTagsRequest, ListMFADeviceTagsResponse, IamPorts>({
  checks: async (input, call) => [await deviceCheck(call, 'ListMFADeviceTags', input.SerialNumber)],
  async handle(input, call) {
    const row = await deviceNamed(call.change, call.scope.account, input.SerialNumber);
    const { items, rest } = pageOf(call, input, tagList(row.tags), (tag) => tag.Key);
    return { Tags: items, ...rest };
  },
});
