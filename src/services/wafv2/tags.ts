/** Tags of WAF's resources. */
import type { Tag } from '@aws-sdk/client-wafv2';
import type { ConditionValues } from '../service.ts';
import { tagOperation } from './errors.ts';

type Tags = Readonly<Record<string, string>>;

const limit = 50;

/** @throws AwsError WAFTagOperationException */
export function mergeTags(present: Tags, given: readonly Tag[] | undefined): Tags {
  const merged = new Map(Object.entries(present));
  const seen = new Set<string>();
  for (const { Key = '', Value = '' } of given ?? []) {
    if (Key.toLowerCase().startsWith('aws:')) throw tagOperation('Tag keys that begin with aws: are reserved.');
    if (seen.has(Key)) throw tagOperation('The request names a tag key more than once.');
    seen.add(Key);
    merged.set(Key, Value);
  }
  if (merged.size > limit) throw tagOperation(`A resource has at most ${limit} tags.`);
  return Object.fromEntries(merged);
}

/** `aws:RequestTag/…` and `aws:TagKeys`. */
export function tagContext(given: readonly Tag[] | undefined): ConditionValues {
  if (!given || given.length === 0) return {};
  return {
    ...Object.fromEntries(given.map(({ Key = '', Value = '' }) => [`aws:RequestTag/${Key}`, Value])),
    'aws:TagKeys': given.map(({ Key = '' }) => Key),
  };
}

/** Sorted by key. */
export function tagList(tags: Tags): { Key: string; Value: string }[] {
  return Object.entries(tags)
    .map(([Key, Value]) => ({ Key, Value }))
    .sort((a, b) => (a.Key < b.Key ? -1 : 1));
}
