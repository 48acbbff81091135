/** UpdateTrail: only what is given changes; a new bucket must show that it takes the trail's files. */
import type { UpdateTrailRequest, UpdateTrailResponse } from '@aws-sdk/client-cloudtrail';
import { operation } from '../../service.ts';
import { probeBucket } from '../bucket.ts';
import { checkBucketName, checkPrefix, findOwnTrail, trailCheck } from '../names.ts';
import type { CloudTrailPorts } from '../ports.ts';
import { trailAnswer } from '../shapes.ts';
import { type TrailRow, trailId, trails } from '../state.ts';
import { checkDestination, checkGlobalEvents } from './create-trail.ts';

export const UpdateTrail = operation<UpdateTrailRequest, UpdateTrailResponse, CloudTrailPorts>({
  checks: (input, call) => trailCheck(call, 'cloudtrail:UpdateTrail', input.Name as string),
  async handle(input, call) {
    const before = await findOwnTrail(call, input.Name as string);
    checkDestination(input);
    if (input.S3BucketName !== undefined) checkBucketName(input.S3BucketName);
    if (input.S3KeyPrefix) checkPrefix(input.S3KeyPrefix);
    const multiRegion = input.IsMultiRegionTrail ?? before.multiRegion;
    const globalEvents = input.IncludeGlobalServiceEvents ?? before.globalEvents;
    checkGlobalEvents(multiRegion, globalEvents);
    const {
      prefix: oldPrefix,
      validationSince: oldSince,
      multiRegionSince: oldWidth,
      kmsKeyArn: oldKey,
      ...kept
    } = before;
    // An empty prefix takes the prefix away.
    const prefix = input.S3KeyPrefix ?? oldPrefix;
    const validation = input.EnableLogFileValidation ?? before.validation;
    const since = validation ? (before.validation ? oldSince : call.now) : undefined;
    const row: TrailRow = {
      ...kept,
      bucket: input.S3BucketName ?? before.bucket,
      ...(prefix && { prefix }),
      multiRegion,
      ...(multiRegion && { multiRegionSince: before.multiRegion ? (oldWidth ?? call.now) : call.now }),
      globalEvents,
      validation,
      ...(since !== undefined && { validationSince: since }),
    };
    // An empty key id takes the key away.
    const key = (input.KmsKeyId ?? oldKey) || undefined;
    const kmsKeyArn = await call.once('bucket', () => probeBucket(call.actor, row, validation, key));
    const made = kmsKeyArn === undefined ? row : { ...row, kmsKeyArn };
    call.change.put(trails, '', trailId(row.account, row.region, row.name), made);
    return trailAnswer(made);
  },
});
