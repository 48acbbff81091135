/** Tags of keys: KMS names their members TagKey and TagValue, and has rules and texts of its own. */
import type { Tag } from '@aws-sdk/client-kms';
import type { ConditionValues } from '../service.ts';
import { tagFault } from './errors.ts';

const limit = 50;

/** @throws AwsError TagException */
export function mergeTags(
  present: Readonly<Record<string, string>>,
  given: readonly Tag[] | undefined,
): Readonly<Record<string, string>> {
  const merged = new Map(Object.entries(present));
  const seen = new Set<string>();
  for (const { TagKey = '', TagValue = '' } of given ?? []) {
    if (TagKey.toLowerCase().startsWith('aws:')) throw tagFault('Tags beginning with aws: are reserved');
    if (seen.has(TagKey)) throw tagFault('Duplicate tag keys');
    seen.add(TagKey);
    merged.set(TagKey, TagValue);
  }
  if (merged.size > limit) throw tagFault('Too many tags');
  return Object.fromEntries(merged);
}

/** `aws:RequestTag/…` and `aws:TagKeys`. */
export function tagContext(given: readonly Tag[] | undefined): ConditionValues {
  if (!given || given.length === 0) return {};
  return {
    ...Object.fromEntries(given.map(({ TagKey = '', TagValue = '' }) => [`aws:RequestTag/${TagKey}`, TagValue])),
    'aws:TagKeys': given.map(({ TagKey = '' }) => TagKey),
  };
}

/** Sorted by key. */
export function tagList(tags: Readonly<Record<string, string>>): { TagKey: string; TagValue: string }[] {
  return Object.entries(tags)
    .map(([TagKey, TagValue]) => ({ TagKey, TagValue }))
    .sort((a, b) => (a.TagKey < b.TagKey ? -1 : 1));
}
