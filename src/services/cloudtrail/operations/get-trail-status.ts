/** GetTrailStatus: whether a trail logs, and how its deliveries go. */
import type { GetTrailStatusRequest, GetTrailStatusResponse } from '@aws-sdk/client-cloudtrail';
import { operation } from '../../service.ts';
import { findTrail, trailCheck } from '../names.ts';
import type { CloudTrailPorts } from '../ports.ts';
import { statuses, trailId } from '../state.ts';

export const GetTrailStatus = operation<GetTrailStatusRequest, GetTrailStatusResponse, CloudTrailPorts>({
  checks: (input, call) => trailCheck(call, 'cloudtrail:GetTrailStatus', input.Name as string),
  async handle(input, call) {
    const row = await findTrail(call, input.Name as string);
    const status = (await call.change.get(statuses, '', trailId(row.account, row.region, row.name))) ?? {};
    return {
      IsLogging: row.isLogging,
      ...date('StartLoggingTime', row.startedAt),
      ...date('StopLoggingTime', row.stoppedAt),
      ...date('LatestDeliveryTime', status.deliveredAt),
      ...(status.deliveryError !== undefined && { LatestDeliveryError: status.deliveryError }),
      ...date('LatestDigestDeliveryTime', status.digestedAt),
      ...(status.digestError !== undefined && { LatestDigestDeliveryError: status.digestError }),
      LatestDeliveryAttemptTime: text(status.attemptedAt),
      LatestDeliveryAttemptSucceeded: text(status.deliveryError === undefined ? status.deliveredAt : undefined),
      LatestNotificationAttemptTime: '',
      LatestNotificationAttemptSucceeded: '',
      TimeLoggingStarted: text(row.startedAt),
      TimeLoggingStopped: text(row.stoppedAt),
    };
  },
});

function date<K extends string>(name: K, time: number | undefined): { readonly [P in K]?: Date } {
  return (time === undefined ? {} : { [name]: new Date(time) }) as { readonly [P in K]?: Date };
}

/** `2026-11-22T21:59:00Z`, or nothing. */
function text(time: number | undefined): string {
  return time === undefined ? '' : `${new Date(time).toISOString().slice(0, 19)}Z`;
}
