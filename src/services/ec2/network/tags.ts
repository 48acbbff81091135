/** Tags of networks' resources: given when they are made, or by CreateTags. */
import type { Tag, TagSpecification } from '@aws-sdk/client-ec2';
import type { Change, Reader } from '../../../store/store.ts';
import type { Check, CheckCall, ConditionValues, Scope } from '../../service.ts';
import { ec2Arn, type ResourceType } from '../arns.ts';
import { invalidValue, refused } from './errors.ts';
import { partitionOf, resourceTags } from './state.ts';

export type Tags = Readonly<Record<string, string>>;

const MOST_TAGS = 50;

export async function tagsOf(reader: Reader, scope: Scope, id: string): Promise<Tags> {
  return (await reader.get(resourceTags, partitionOf(scope), id))?.tags ?? {};
}

/** As the API shows them, by key. */
export const shownTags = (tags: Tags): { Key: string; Value: string }[] =>
  Object.keys(tags)
    .sort()
    .map((key) => ({ Key: key, Value: tags[key] ?? '' }));

/** @throws for reserved, overlong or too many tags, and keys given twice */
export function mergeTags(present: Tags, given: readonly Tag[]): Tags {
  const merged = new Map(Object.entries(present));
  const seen = new Set<string>();
  for (const { Key: key = '', Value: value = '' } of given) {
    if (key.startsWith('aws:'))
      throw invalidValue(key, 'Tag', 'Tag keys starting with aws: are reserved for internal use');
    if (key.length < 1 || key.length > 127) throw invalidValue(key, 'tagKey', 'Tag keys have 1 to 127 characters');
    if (value.length > 255) throw invalidValue(value, 'tagValue', 'Tag values have at most 255 characters');
    if (seen.has(key)) throw invalidValue(key, 'Tag', `Duplicate tag key '${key}' specified.`);
    seen.add(key);
    merged.set(key, value);
  }
  if (merged.size > MOST_TAGS)
    throw refused('TagLimitExceeded', 'You have reached the maximum number of tags on a resource.');
  return Object.fromEntries(merged);
}

/**
 * The tags for what a call makes.
 * @throws InvalidParameterValue for tags of another kind of resource
 */
export function givenTags(specifications: readonly TagSpecification[] | undefined, type: ResourceType): Tags {
  const all = (specifications ?? []).flatMap((one) => {
    if (one.ResourceType !== type) {
      throw invalidValue(
        one.ResourceType,
        'resourceType',
        `'${one.ResourceType}' is not a valid taggable resource type for this operation.`,
      );
    }
    return one.Tags ?? [];
  });
  return mergeTags({}, all);
}

export function putTags(change: Change, scope: Scope, type: ResourceType, id: string, tags: Tags): void {
  if (Object.keys(tags).length > 0) change.put(resourceTags, partitionOf(scope), id, { type, tags });
  else change.delete(resourceTags, partitionOf(scope), id);
}

export function requestTagValues(given: readonly Tag[]): ConditionValues {
  if (given.length === 0) return {};
  const values: Record<string, string | readonly string[]> = { 'aws:TagKeys': given.map(({ Key }) => Key ?? '') };
  for (const { Key, Value } of given) values[`aws:RequestTag/${Key ?? ''}`] = Value ?? '';
  return values;
}

/** Tagging what is made needs ec2:CreateTags as well (EC2 User Guide, "Grant permission to tag Amazon EC2 resources"). */
export function taggingChecks(
  call: CheckCall,
  specifications: readonly TagSpecification[] | undefined,
  type: ResourceType,
): { readonly values: ConditionValues; readonly checks: readonly Check[] } {
  const given = (specifications ?? []).filter((one) => one.ResourceType === type).flatMap((one) => one.Tags ?? []);
  const values = requestTagValues(given);
  if (given.length === 0) return { values, checks: [] };
  const context = { 'ec2:Region': call.scope.region, 'ec2:CreateAction': call.operation, ...values };
  const resource = { arn: ec2Arn(call, type), account: call.scope.account };
  return { values, checks: [{ action: 'ec2:CreateTags', resource, context }] };
}
