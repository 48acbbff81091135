/** TagResource, UntagResource, ListResourceTags. */
import type {
  ListResourceTagsRequest,
  ListResourceTagsResponse,
  TagResourceRequest,
  UntagResourceRequest,
} from '@aws-sdk/client-kms';
import { operation } from '../../service.ts';
import { keyCheck } from '../checks.ts';
import { tagFault } from '../errors.ts';
import { findKey } from '../find-key.ts';
import { requireCustomerKey, requireUsable } from '../key-states.ts';
import { page } from '../pages.ts';
import type { KmsPorts } from '../ports.ts';
import { keyPartition, keys } from '../state.ts';
import { mergeTags, tagContext } from '../tags.ts';
import { notedKey } from '../use.ts';

export const TagResource = operation<TagResourceRequest, object, KmsPorts>({
  checks: async (input, call) => [
    await keyCheck(call, await findKey(call, input.KeyId, false), {
      action: 'TagResource',
      context: tagContext(input.Tags),
    }),
  ],
  async handle(input, call) {
    const { key } = await notedKey(call, input.KeyId, false);
    requireCustomerKey(key);
    requireUsable(key, 'TagResource');
    const tags = mergeTags(key.tags, input.Tags);
    call.change.put(keys, keyPartition(key.account, key.region), key.id, { ...key, tags });
    return {};
  },
});

export const UntagResource = operation<UntagResourceRequest, object, KmsPorts>({
  checks: async (input, call) => [
    await keyCheck(call, await findKey(call, input.KeyId, false), {
      action: 'UntagResource',
      context: { 'aws:TagKeys': input.TagKeys },
    }),
  ],
  async handle(input, call) {
    const { key } = await notedKey(call, input.KeyId, false);
    requireCustomerKey(key);
    requireUsable(key, 'UntagResource');
    for (const name of input.TagKeys) {
      if (name.toLowerCase().startsWith('aws:')) throw tagFault('Tags beginning with aws: are reserved');
    }
    const gone = new Set(input.TagKeys);
    const tags = Object.fromEntries(Object.entries(key.tags).filter(([name]) => !gone.has(name)));
    call.change.put(keys, keyPartition(key.account, key.region), key.id, { ...key, tags });
    return {};
  },
});

export const ListResourceTags = operation<ListResourceTagsRequest, ListResourceTagsResponse, KmsPorts>({
  checks: async (input, call) => [
    await keyCheck(call, await findKey(call, input.KeyId, false), { action: 'ListResourceTags' }),
  ],
  async handle(input, call) {
    const { key } = await notedKey(call, input.KeyId, false);
    const all = Object.entries(key.tags)
      .map(([id, value]) => ({ id, value }))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
    const { rows, rest } = await page(call, input, 50, async (after, limit) =>
      all.filter(({ id }) => after === undefined || id > after).slice(0, limit),
    );
    return { Tags: rows.map(({ id, value }) => ({ TagKey: id, TagValue: value })), ...rest };
  },
});
