/** FilterLogEvents: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html */
import type {
  FilteredLogEvent,
  FilterLogEventsRequest,
  FilterLogEventsResponse,
} from '@aws-sdk/client-cloudwatch-logs';
import { operation } from '../../service.ts';
import { onGroup } from '../checks.ts';
import { invalid } from '../errors.ts';
import { type Place, readEvents } from '../events.ts';
import { filterPattern } from '../filter-pattern.ts';
import { findGroup, findStream, nameOf } from '../named.ts';
import { open, seal } from '../pages.ts';
import type { LogsPorts } from '../ports.ts';
import { groupPartition, streams } from '../state.ts';

const MOST = 10_000;
/** Events that one call looks at; its token goes on from there. */
const MOST_SCANNED = 20_000;
const batch = 1_000;

export const FilterLogEvents = operation<FilterLogEventsRequest, FilterLogEventsResponse, LogsPorts>({
  checks: (input, call) => onGroup(call, nameOf(input)),
  async handle(input, call, ports) {
    const group = await findGroup(call, nameOf(input));
    const { logStreamNames: names, logStreamNamePrefix: prefix } = input;
    if (names !== undefined && prefix !== undefined) {
      throw invalid('Only one of logStreamNames and logStreamNamePrefix can be given.');
    }
    for (const name of names ?? []) await findStream(call, group, name);
    const rows = await call.change.list(streams, groupPartition(call.scope, group));
    const wanted = new Map(
      rows
        .map(({ value }) => value)
        .filter(({ name }) => (names ? names.includes(name) : name.startsWith(prefix ?? '')))
        .map(({ id, name }) => [id, name]),
    );
    const matches = filterPattern(input.filterPattern ?? '');
    const limit = input.limit ?? MOST;
    const found: FilteredLogEvent[] = [];
    const opened = open(call, input.nextToken);
    let after = opened === undefined ? undefined : (JSON.parse(opened) as Place);
    let isMore = true;
    for (let scanned = 0; isMore && found.length < limit && scanned < MOST_SCANNED; scanned += batch) {
      const events = await readEvents(call, ports, group, {
        limit: batch,
        forward: true,
        from: input.startTime,
        to: input.endTime === undefined ? undefined : input.endTime - 1,
        after,
      });
      isMore = events.length === batch;
      for (const { id, timestamp, message, ingestedAt, stream } of events) {
        if (found.length === limit) {
          isMore = true;
          break;
        }
        after = { timestamp, id };
        const name = wanted.get(stream);
        if (name === undefined || !matches(message)) continue;
        found.push({ eventId: id, timestamp, message, ingestionTime: ingestedAt, logStreamName: name });
      }
    }
    return {
      events: found,
      searchedLogStreams: [],
      ...(isMore && after && { nextToken: seal(call, JSON.stringify(after)) }),
    };
  },
});
