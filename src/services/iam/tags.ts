/** Tags of IAM entities: keys are unique without regard to case, at most 50 an entity. */
import type { Tag } from '@aws-sdk/client-iam';
import type { ConditionValues } from '../service.ts';
import { invalidInput, quotaExceeded } from './errors.ts';
import type { Tags } from './state.ts';

/**
 * Tags of a new entity.
 * @throws InvalidInput for keys given twice, LimitExceeded for more than `limit`
 */
export function newTags(given: readonly Tag[] | undefined, limit: number): Tags {
  return mergeTags({}, given ?? [], limit);
}

/** Adds and replaces; a key that differs only in case is replaced by the new spelling. Throws as `newTags`. */
export function mergeTags(present: Tags, given: readonly Tag[], limit: number): Tags {
  const spelling = new Map(Object.keys(present).map((key) => [key.toLowerCase(), key]));
  const merged = new Map(Object.entries(present));
  const seen = new Set<string>();
  for (const tag of given) {
    const key = tag.Key ?? '';
    const folded = key.toLowerCase();
    if (seen.has(folded)) {
      throw invalidInput('Duplicate tag keys found. Please note that Tag keys are case insensitive.');
    }
    seen.add(folded);
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html: "aws:" is reserved.
    if (folded.startsWith('aws:')) {
      throw invalidInput(`The tag key '${key}' is not valid: tag keys must not begin with the reserved prefix aws:.`);
    }
    const before = spelling.get(folded);
    if (before !== undefined) merged.delete(before);
    merged.set(key, tag.Value ?? '');
  }
  if (merged.size > limit) throw quotaExceeded('TagsPerResource', limit);
  return Object.fromEntries(merged);
}

/** Keys that the entity does not have are passed over. */
export function withoutTags(present: Tags, keys: readonly string[]): Tags {
  const gone = new Set(keys.map((key) => key.toLowerCase()));
  return Object.fromEntries(Object.entries(present).filter(([key]) => !gone.has(key.toLowerCase())));
}

/** Sorted by key, as AWS lists them. */
export function tagList(tags: Tags): { Key: string; Value: string }[] {
  return Object.entries(tags)
    .map(([Key, Value]) => ({ Key, Value }))
    .sort((a, b) => (a.Key < b.Key ? -1 : 1));
}

/** `aws:RequestTag/…` and `aws:TagKeys` of a request that gives tags; nothing when it gives none. */
export function requestTagValues(given: readonly Tag[] | undefined): ConditionValues {
  if (!given || given.length === 0) return {};
  const values: Record<string, string | readonly string[]> = { 'aws:TagKeys': given.map((tag) => tag.Key ?? '') };
  for (const tag of given) values[`aws:RequestTag/${tag.Key ?? ''}`] = tag.Value ?? '';
  return values;
}

/** `iam:ResourceTag/…`, which users and roles have beside `aws:ResourceTag/…`. */
export function resourceTagValues(tags: Tags): ConditionValues {
  return Object.fromEntries(Object.entries(tags).map(([key, value]) => [`iam:ResourceTag/${key}`, value]));
}
