/** CreateTrail: accepted only once the bucket has shown that it takes the trail's files. */
import type { CreateTrailRequest, CreateTrailResponse } from '@aws-sdk/client-cloudtrail';
import { AwsError, type Check, operation } from '../../service.ts';
import { probeBucket } from '../bucket.ts';
import { notBuilt } from '../errors.ts';
import { checkBucketName, checkPrefix, checkTrailName, trailArn } from '../names.ts';
import type { CloudTrailPorts } from '../ports.ts';
import { tagRecord, tagValues, trailAnswer } from '../shapes.ts';
import { type TrailRow, trailId, trails } from '../state.ts';

/** Trails of an account in a region (CloudTrail User Guide, "Quotas"). */
const trailLimit = 5;

export const CreateTrail = operation<CreateTrailRequest, CreateTrailResponse, CloudTrailPorts>({
  checks(input, call) {
    const { account, region } = call.scope;
    const resource = { arn: trailArn(account, region, input.Name ?? ''), account };
    const context = tagValues(input.TagsList);
    const checks: Check[] = [{ action: 'cloudtrail:CreateTrail', resource, context }];
    if ((input.TagsList ?? []).length > 0) checks.push({ action: 'cloudtrail:AddTags', resource, context });
    return checks;
  },
  async handle(input, call) {
    const { account, region } = call.scope;
    const name = input.Name as string;
    const bucket = input.S3BucketName as string;
    checkTrailName(name);
    checkDestination(input);
    checkBucketName(bucket);
    if (input.S3KeyPrefix) checkPrefix(input.S3KeyPrefix);
    const tags = tagRecord(input.TagsList);
    const multiRegion = input.IsMultiRegionTrail ?? false;
    const globalEvents = input.IncludeGlobalServiceEvents ?? true;
    checkGlobalEvents(multiRegion, globalEvents);
    const id = trailId(account, region, name);
    const there = await call.change.list(trails, '', { prefix: `${account}/` });
    if (there.some((row) => row.id === id)) {
      throw new AwsError('TrailAlreadyExistsException', `Trail ${name} already exists for customer: ${account}`);
    }
    if (there.filter((row) => row.value.region === region).length >= trailLimit) {
      throw new AwsError(
        'MaximumNumberOfTrailsExceededException',
        `User: ${account} already has ${trailLimit} trails in ${region}.`,
      );
    }
    const validation = input.EnableLogFileValidation ?? false;
    const row: TrailRow = {
      account,
      region,
      name,
      arn: trailArn(account, region, name),
      bucket,
      ...(input.S3KeyPrefix && { prefix: input.S3KeyPrefix }),
      globalEvents,
      multiRegion,
      ...(multiRegion && { multiRegionSince: call.now }),
      validation,
      ...(validation && { validationSince: call.now }),
      tags,
      isLogging: false,
      logging: [],
    };
    const key = input.KmsKeyId || undefined;
    const kmsKeyArn = await call.once('bucket', () => probeBucket(call.actor, row, validation, key));
    const made = kmsKeyArn === undefined ? row : { ...row, kmsKeyArn };
    call.change.put(trails, '', id, made);
    return trailAnswer(made);
  },
});

type Destination = Pick<
  CreateTrailRequest,
  'SnsTopicName' | 'CloudWatchLogsLogGroupArn' | 'CloudWatchLogsRoleArn' | 'IsOrganizationTrail'
>;

/** What would need a service that is not there is refused, never ignored. */
export function checkDestination(input: { readonly [K in keyof Destination]?: Destination[K] | undefined }): void {
  if (input.SnsTopicName) throw notBuilt('Notification by SNS');
  if (input.CloudWatchLogsLogGroupArn || input.CloudWatchLogsRoleArn) throw notBuilt('Delivery to CloudWatch Logs');
  if (input.IsOrganizationTrail) {
    throw new AwsError(
      'OrganizationsNotInUseException',
      'The account is not a member of an organization, so it cannot have an organization trail.',
    );
  }
}

export function checkGlobalEvents(multiRegion: boolean, globalEvents: boolean): void {
  if (multiRegion && !globalEvents) {
    throw new AwsError(
      'InvalidParameterCombinationException',
      'Multi-Region trail must include global service events.',
    );
  }
}
