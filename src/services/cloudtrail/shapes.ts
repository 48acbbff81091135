/** Between rows and the API's shapes. */
import type { CreateTrailResponse, Tag, Trail } from '@aws-sdk/client-cloudtrail';
import { AwsError, type ConditionValues } from '../service.ts';
import type { TrailRow } from './state.ts';

const tagLimit = 50;

export function trailAnswer(row: TrailRow): Omit<CreateTrailResponse, '$metadata'> {
  return {
    Name: row.name,
    S3BucketName: row.bucket,
    ...(row.prefix !== undefined && { S3KeyPrefix: row.prefix }),
    IncludeGlobalServiceEvents: row.globalEvents,
    IsMultiRegionTrail: row.multiRegion,
    TrailARN: row.arn,
    LogFileValidationEnabled: row.validation,
    IsOrganizationTrail: false,
    ...(row.kmsKeyArn !== undefined && { KmsKeyId: row.kmsKeyArn }),
  };
}

export function describedTrail(row: TrailRow): Trail {
  return {
    ...trailAnswer(row),
    HomeRegion: row.region,
    HasCustomEventSelectors: row.selectors !== undefined || row.advanced !== undefined,
    HasInsightSelectors: false,
  };
}

/** @throws AwsError InvalidTagParameterException, TagsLimitExceededException */
export function tagRecord(list: readonly Tag[] | undefined): Record<string, string> {
  const tags: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const { Key: key, Value: value = '' } of list ?? []) {
    if (!key || key.length > 128 || value.length > 256 || key.toLowerCase().startsWith('aws:')) {
      throw new AwsError('InvalidTagParameterException', 'The tag key or value is not valid.');
    }
    if (key in tags) throw new AwsError('InvalidTagParameterException', `Tag key ${key} is given twice.`);
    tags[key] = value;
  }
  checkTagCount(tags);
  return { ...tags };
}

export function checkTagCount(tags: Readonly<Record<string, string>>): void {
  if (Object.keys(tags).length > tagLimit) {
    throw new AwsError('TagsLimitExceededException', `A trail can have ${tagLimit} tags.`);
  }
}

export function tagValues(list: readonly Tag[] | undefined): ConditionValues {
  const values: Record<string, string | readonly string[]> = {};
  const keys = (list ?? []).flatMap((tag) => (tag.Key === undefined ? [] : [tag.Key]));
  for (const tag of list ?? []) if (tag.Key !== undefined) values[`aws:RequestTag/${tag.Key}`] = tag.Value ?? '';
  if (keys.length > 0) values['aws:TagKeys'] = keys;
  return values;
}
