/** Session tags: what a request passes, what a chained session inherits, and the checks that passing them needs. */
import type { Tag } from '@aws-sdk/client-sts';
import type { ConditionValues, Session } from '../service.ts';
import { invalidParameterValue } from './errors.ts';

/** The tags of a new session. */
export interface SessionTags {
  /** Inherited and passed. */
  readonly tags: Readonly<Record<string, string>>;
  readonly transitiveKeys: readonly string[];
}

/**
 * @param from the caller's session, if it has one: its transitive tags persist and cannot be overridden
 * @throws InvalidParameterValue
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
 */
export function sessionTags(
  passed: readonly Tag[] | undefined,
  transitiveTagKeys: readonly string[] | undefined,
  from: Session | undefined,
): SessionTags {
  const given = passedTags(passed);
  const givenKeys = new Set(Object.keys(given).map((key) => key.toLowerCase()));
  const inherited = inheritedTags(from);
  if (Object.keys(inherited).some((key) => givenKeys.has(key.toLowerCase()))) {
    throw invalidParameterValue(
      "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.",
    );
  }
  const wanted = transitiveTagKeys ?? [];
  if (wanted.some((key) => !givenKeys.has(key.toLowerCase()))) {
    throw invalidParameterValue('The specified transitive tag key must be included in the requested tags.');
  }
  const wantedKeys = new Set(wanted.map((key) => key.toLowerCase()));
  return {
    tags: { ...inherited, ...given },
    transitiveKeys: [
      ...Object.keys(inherited),
      ...Object.keys(given).filter((key) => wantedKeys.has(key.toLowerCase())),
    ],
  };
}

/** Tags that the caller's session hands on to every session made from it. */
export function inheritedTags(from: Session | undefined): Record<string, string> {
  const keys = new Set(from?.transitiveTagKeys ?? []);
  return Object.fromEntries(Object.entries(from?.tags ?? {}).filter(([key]) => keys.has(key)));
}

/** Condition values of a request that passes tags. */
export function tagValues(
  passed: readonly Tag[] | undefined,
  transitiveTagKeys: readonly string[] | undefined,
): ConditionValues {
  const values: Record<string, string | readonly string[]> = {};
  if (passed && passed.length > 0) values['aws:TagKeys'] = passed.map((tag) => tag.Key ?? '');
  for (const tag of passed ?? []) values[`aws:RequestTag/${tag.Key ?? ''}`] = tag.Value ?? '';
  if (transitiveTagKeys && transitiveTagKeys.length > 0) values['sts:TransitiveTagKeys'] = [...transitiveTagKeys];
  return values;
}

function passedTags(passed: readonly Tag[] | undefined): Record<string, string> {
  const tags = new Map<string, string>();
  const seen = new Set<string>();
  for (const tag of passed ?? []) {
    const key = tag.Key ?? '';
    const folded = key.toLowerCase();
    if (seen.has(folded)) {
      throw invalidParameterValue('Duplicate tag keys found. Please note that Tag keys are case insensitive.');
    }
    if (folded.startsWith('aws:')) {
      throw invalidParameterValue(`The tag key ${key} is not valid: keys that begin with aws: are reserved.`);
    }
    seen.add(folded);
    tags.set(key, tag.Value ?? '');
  }
  return Object.fromEntries(tags);
}
