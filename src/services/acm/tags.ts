/** Tags of certificates. */
import type { Tag } from '@aws-sdk/client-acm';
import type { ConditionValues } from '../service.ts';
import { invalidTag, tooManyTags } from './errors.ts';
import type { Tags } from './state.ts';

const limit = 50;

/** @throws AwsError InvalidTagException, TooManyTagsException */
export function mergeTags(present: Tags, given: readonly Tag[] | undefined): Tags {
  const merged = new Map(Object.entries(present));
  const seen = new Set<string>();
  for (const { Key = '', Value = '' } of given ?? []) {
    if (Key.toLowerCase().startsWith('aws:')) throw invalidTag(`aws: prefixed tag key names are not allowed: ${Key}`);
    if (seen.has(Key)) throw invalidTag(`Tag key ${Key} is given more than once.`);
    seen.add(Key);
    merged.set(Key, Value);
  }
  if (merged.size > limit) throw tooManyTags(`A certificate has at most ${limit} tags.`);
  return Object.fromEntries(merged);
}

/** A tag with a value is removed only if it has that value. */
export function withoutTags(present: Tags, given: readonly Tag[]): Tags {
  const isGone = ([key, value]: [string, string]): boolean =>
    given.some(({ Key, Value }) => Key === key && (Value === undefined || Value === value));
  return Object.fromEntries(Object.entries(present).filter((tag) => !isGone(tag)));
}

/** Sorted by key. */
export function tagList(tags: Tags): Tag[] {
  return Object.entries(tags)
    .map(([Key, Value]) => ({ Key, Value }))
    .sort((a, b) => (a.Key < b.Key ? -1 : 1));
}

/** `aws:RequestTag/…` and `aws:TagKeys`. */
export function requestTags(given: readonly Tag[] | undefined): ConditionValues {
  if (!given || given.length === 0) return {};
  return {
    ...Object.fromEntries(given.map(({ Key = '', Value = '' }) => [`aws:RequestTag/${Key}`, Value])),
    'aws:TagKeys': given.map(({ Key = '' }) => Key),
  };
}
