/** Tags of distributions: what they may be. */
import type { Tag } from '@aws-sdk/client-cloudfront';
import { invalidTagging } from './errors.ts';
import { quotas } from './quotas.ts';

/** @throws AwsError InvalidTagging */
export function withTags(
  before: Readonly<Record<string, string>>,
  given: readonly Tag[],
): Readonly<Record<string, string>> {
  const after = new Map(Object.entries(before));
  const seen = new Set<string>();
  for (const { Key: key = '', Value: value = '' } of given) {
    if (/^aws:/i.test(key)) throw invalidTagging('The prefix aws: is reserved: tag keys must not begin with it.');
    if (seen.has(key)) throw invalidTagging(`The tag key ${key} is there twice.`);
    seen.add(key);
    after.set(key, value);
  }
  if (after.size > quotas.tags) throw invalidTagging(`A resource has at most ${quotas.tags} tags.`);
  return Object.fromEntries(after);
}
