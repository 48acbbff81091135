/** Tags of log groups, by the operations of today and by those of before. */
import type {
  ListTagsForResourceRequest,
  ListTagsForResourceResponse,
  ListTagsLogGroupRequest,
  ListTagsLogGroupResponse,
  TagLogGroupRequest,
  TagResourceRequest,
  UntagLogGroupRequest,
  UntagResourceRequest,
} from '@aws-sdk/client-cloudwatch-logs';
import { AwsError, type Call, operation } from '../../service.ts';
import { onGroup, tagValues } from '../checks.ts';
import { findGroup, nameOf } from '../named.ts';
import type { LogsPorts } from '../ports.ts';
import { groups, partitionOf } from '../state.ts';

const MOST_TAGS = 50;

async function tag(call: Call, name: string, added: Readonly<Record<string, string>>): Promise<object> {
  const group = await findGroup(call, name);
  const tags = { ...group.tags, ...added };
  if (Object.keys(tags).length > MOST_TAGS) {
    throw new AwsError('TooManyTagsException', `A resource has at most ${MOST_TAGS} tags.`);
  }
  call.change.put(groups, partitionOf(call.scope), group.name, { ...group, tags });
  return {};
}

async function untag(call: Call, name: string, keys: readonly string[]): Promise<object> {
  const group = await findGroup(call, name);
  const tags = Object.fromEntries(Object.entries(group.tags).filter(([key]) => !keys.includes(key)));
  call.change.put(groups, partitionOf(call.scope), group.name, { ...group, tags });
  return {};
}

const named = (arn: string): string => nameOf({ logGroupIdentifier: arn });

export const TagResource = operation<TagResourceRequest, object, LogsPorts>({
  checks: (input, call) => onGroup(call, named(input.resourceArn), '', tagValues(input.tags)),
  handle: (input, call) => tag(call, named(input.resourceArn), input.tags),
});

export const UntagResource = operation<UntagResourceRequest, object, LogsPorts>({
  checks: (input, call) => onGroup(call, named(input.resourceArn), '', { 'aws:TagKeys': input.tagKeys }),
  handle: (input, call) => untag(call, named(input.resourceArn), input.tagKeys),
});

export const ListTagsForResource = operation<ListTagsForResourceRequest, ListTagsForResourceResponse, LogsPorts>({
  checks: (input, call) => onGroup(call, named(input.resourceArn)),
  handle: async (input, call) => ({ tags: { ...(await findGroup(call, named(input.resourceArn))).tags } }),
});

export const TagLogGroup = operation<TagLogGroupRequest, object, LogsPorts>({
  checks: (input, call) => onGroup(call, input.logGroupName, '', tagValues(input.tags)),
  handle: (input, call) => tag(call, input.logGroupName, input.tags),
});

export const UntagLogGroup = operation<UntagLogGroupRequest, object, LogsPorts>({
  checks: (input, call) => onGroup(call, input.logGroupName, '', { 'aws:TagKeys': input.tags }),
  handle: (input, call) => untag(call, input.logGroupName, input.tags),
});

export const ListTagsLogGroup = operation<ListTagsLogGroupRequest, ListTagsLogGroupResponse, LogsPorts>({
  checks: (input, call) => onGroup(call, input.logGroupName),
  handle: async (input, call) => ({ tags: { ...(await findGroup(call, input.logGroupName)).tags } }),
});
