/** Tags of load balancers, listeners, rules, target groups and trust stores. */
import type { Tag } from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsError, type ConditionValues } from '../service.ts';
import { tooMany, validation } from './errors.ts';
import type { Tags } from './state.ts';

const limit = 50;

/** @throws AwsError DuplicateTagKeys, TooManyTags, ValidationError */
export function mergeTags(present: Tags, given: readonly Tag[] | undefined): Tags {
  const merged = new Map(Object.entries(present));
  const seen = new Set<string>();
  for (const { Key = '', Value = '' } of given ?? []) {
    if (seen.has(Key)) throw new AwsError('DuplicateTagKeys', 'The tag keys must be unique.', { status: 400 });
    if (Key.toLowerCase().startsWith('aws:')) {
      throw validation(`The tag key '${Key}' begins with the reserved prefix 'aws:'`);
    }
    seen.add(Key);
    merged.set(Key, Value);
  }
  if (merged.size > limit) throw tooMany('TooManyTags', limit, 'tags of a resource');
  return Object.fromEntries(merged);
}

export function withoutTags(present: Tags, keys: readonly string[]): Tags {
  const gone = new Set(keys);
  return Object.fromEntries(Object.entries(present).filter(([key]) => !gone.has(key)));
}

/** Sorted by key. */
export function tagList(tags: Tags): Tag[] {
  return Object.entries(tags)
    .map(([Key, Value]) => ({ Key, Value }))
    .sort((a, b) => (a.Key < b.Key ? -1 : 1));
}

/** `aws:RequestTag/…` and `aws:TagKeys`; nothing for a request without tags. */
export function requestTags(given: readonly Tag[] | undefined): ConditionValues {
  if (!given || given.length === 0) return {};
  return {
    ...Object.fromEntries(given.map(({ Key = '', Value = '' }) => [`aws:RequestTag/${Key}`, Value])),
    'aws:TagKeys': given.map(({ Key = '' }) => Key),
  };
}

/** `elasticloadbalancing:ResourceTag/…`, beside `aws:ResourceTag/…`, which the door makes of the resource's tags. */
export function resourceTags(tags: Tags): ConditionValues {
  return Object.fromEntries(
    Object.entries(tags).map(([key, value]) => [`elasticloadbalancing:ResourceTag/${key}`, value]),
  );
}
