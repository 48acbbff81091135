/** StartLogging and StopLogging: the intervals in which a trail takes events. */
import type {
  StartLoggingRequest,
  StartLoggingResponse,
  StopLoggingRequest,
  StopLoggingResponse,
} from '@aws-sdk/client-cloudtrail';
import { operation } from '../../service.ts';
import { findOwnTrail, trailCheck } from '../names.ts';
import type { CloudTrailPorts } from '../ports.ts';
import { trailId, trails } from '../state.ts';

export const StartLogging = operation<StartLoggingRequest, StartLoggingResponse, CloudTrailPorts>({
  checks: (input, call) => trailCheck(call, 'cloudtrail:StartLogging', input.Name as string),
  async handle(input, call) {
    const row = await findOwnTrail(call, input.Name as string);
    if (row.isLogging) return {};
    call.change.put(trails, '', trailId(row.account, row.region, row.name), {
      ...row,
      isLogging: true,
      startedAt: call.now,
      logging: [...row.logging, { from: call.now }],
    });
    return {};
  },
});

export const StopLogging = operation<StopLoggingRequest, StopLoggingResponse, CloudTrailPorts>({
  checks: (input, call) => trailCheck(call, 'cloudtrail:StopLogging', input.Name as string),
  async handle(input, call) {
    const row = await findOwnTrail(call, input.Name as string);
    if (!row.isLogging) return {};
    call.change.put(trails, '', trailId(row.account, row.region, row.name), {
      ...row,
      isLogging: false,
      stoppedAt: call.now,
      // The call that stops the trail is the last that it takes.
      logging: row.logging.map((interval) => (interval.to === undefined ? { ...interval, to: call.now } : interval)),
    });
    return {};
  },
});
