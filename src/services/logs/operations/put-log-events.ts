/** PutLogEvents: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html */
import type { PutLogEventsRequest, PutLogEventsResponse } from '@aws-sdk/client-cloudwatch-logs';
import { operation } from '../../service.ts';
import { onGroup } from '../checks.ts';
import { invalid } from '../errors.ts';
import { findGroup, findStream } from '../named.ts';
import type { LogsPorts } from '../ports.ts';
import { type EventBody, eventStream, groupPartition, streams } from '../state.ts';

/** Bytes that every event counts beside its message, and of a whole batch. */
const eventOverhead = 26;
const MOST_BYTES = 1_048_576;
const day = 24 * 60 * 60 * 1000;
const oldest = 14 * day;
const newest = 2 * 60 * 60 * 1000;

export const PutLogEvents = operation<PutLogEventsRequest, PutLogEventsResponse, LogsPorts>({
  record: { hide: ['logEvents'], data: true },
  checks: (input, call) => onGroup(call, input.logGroupName, input.logStreamName),
  async handle(input, call) {
    const { change, scope, random, now } = call;
    const group = await findGroup(call, input.logGroupName);
    const stream = await findStream(call, group, input.logStreamName);
    const events = input.logEvents.map(({ timestamp = 0, message = '' }) => ({ timestamp, message }));
    const size = events.reduce((sum, { message }) => sum + Buffer.byteLength(message) + eventOverhead, 0);
    if (size > MOST_BYTES) throw invalid(`Upload too large: ${size} bytes exceeds limit of ${MOST_BYTES}`);
    const times = events.map(({ timestamp }) => timestamp);
    if (times.some((time, index) => index > 0 && time < (times[index - 1] ?? 0))) {
      throw invalid('Log events in a single PutLogEvents request must be in chronological order.');
    }
    if ((times.at(-1) ?? 0) - (times[0] ?? 0) > day) {
      throw invalid('The batch of log events in a single PutLogEvents request cannot span more than 24 hours.');
    }
    const expiry = group.retentionDays === undefined ? Number.NEGATIVE_INFINITY : now - group.retentionDays * day;
    const isTaken = (time: number): boolean => time >= now - oldest && time >= expiry && time <= now + newest;
    const partition = groupPartition(scope, group);
    for (const { timestamp, message } of events) {
      if (!isTaken(timestamp)) continue;
      const body: EventBody = { message, ingestedAt: now, stream: stream.id };
      change.append({
        stream: eventStream,
        partition,
        id: random.uuid(),
        time: timestamp,
        tags: { stream: stream.id },
        body: new TextEncoder().encode(JSON.stringify(body)),
      });
    }
    const taken = times.filter(isTaken);
    if (taken.length > 0) {
      change.put(streams, partition, stream.name, {
        ...stream,
        firstEventAt: Math.min(stream.firstEventAt ?? Number.POSITIVE_INFINITY, ...taken.slice(0, 1)),
        lastEventAt: Math.max(stream.lastEventAt ?? 0, taken.at(-1) ?? 0),
        lastIngestionAt: now,
      });
    }
    return { nextSequenceToken: stream.id, ...rejected(times, now, expiry) };
  },
});

/** Which events were too old, too new or past the group's retention: AWS answers so, and takes the rest. */
function rejected(
  times: readonly number[],
  now: number,
  expiry: number,
): Pick<PutLogEventsResponse, 'rejectedLogEventsInfo'> {
  const tooOld = times.filter((time) => time < now - oldest).length;
  const expired = times.filter((time) => time < expiry).length;
  const tooNew = times.findIndex((time) => time > now + newest);
  if (tooOld === 0 && expired === 0 && tooNew < 0) return {};
  return {
    rejectedLogEventsInfo: {
      ...(tooOld > 0 && { tooOldLogEventEndIndex: tooOld }),
      ...(expired > 0 && { expiredLogEventEndIndex: expired }),
      ...(tooNew >= 0 && { tooNewLogEventStartIndex: tooNew }),
    },
  };
}
