/** GetLogEvents: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html */
import type { GetLogEventsRequest, GetLogEventsResponse } from '@aws-sdk/client-cloudwatch-logs';
import { type CheckCall, operation } from '../../service.ts';
import { onGroup } from '../checks.ts';
import { type Place, readEvents } from '../events.ts';
import { findGroup, findStream, nameOf } from '../named.ts';
import { open, seal } from '../pages.ts';
import type { LogsPorts } from '../ports.ts';

const MOST = 10_000;

/** Which way to go on, and from which event; none yet where the stream was empty. */
interface Token {
  readonly forward: boolean;
  readonly after?: Place;
}

export const GetLogEvents = operation<GetLogEventsRequest, GetLogEventsResponse, LogsPorts>({
  checks: (input, call) => onGroup(call, nameOf(input), input.logStreamName),
  async handle(input, call, ports) {
    const group = await findGroup(call, nameOf(input));
    const stream = await findStream(call, group, input.logStreamName);
    const opened = open(call, input.nextToken);
    const token = opened === undefined ? undefined : (JSON.parse(opened) as Token);
    const forward = token?.forward ?? input.startFromHead ?? false;
    const read = await readEvents(call, ports, group, {
      stream: stream.id,
      limit: input.limit ?? MOST,
      forward,
      from: input.startTime,
      to: input.endTime === undefined ? undefined : input.endTime - 1,
      after: token?.after,
    });
    const events = forward ? read : [...read].reverse();
    // Where there is nothing more, the token that was given comes back.
    const [first, last] = [events[0] ?? token?.after, events.at(-1) ?? token?.after];
    return {
      events: events.map(({ timestamp, message, ingestedAt }) => ({ timestamp, message, ingestionTime: ingestedAt })),
      nextForwardToken: events.length === 0 && forward && input.nextToken ? input.nextToken : sealed(call, true, last),
      nextBackwardToken:
        events.length === 0 && !forward && input.nextToken ? input.nextToken : sealed(call, false, first),
    };
  },
});

function sealed(call: CheckCall, forward: boolean, at: Place | undefined): string {
  const after = at && { timestamp: at.timestamp, id: at.id };
  const token: Token = { forward, ...(after && { after }) };
  return seal(call, JSON.stringify(token));
}
