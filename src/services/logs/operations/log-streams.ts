/** CreateLogStream, DeleteLogStream, DescribeLogStreams. */
import type {
  CreateLogStreamRequest,
  DeleteLogStreamRequest,
  DescribeLogStreamsRequest,
  DescribeLogStreamsResponse,
} from '@aws-sdk/client-cloudwatch-logs';
import { operation } from '../../service.ts';
import { groupArn, onGroup } from '../checks.ts';
import { invalid, streamExists } from '../errors.ts';
import { findGroup, findStream, nameOf } from '../named.ts';
import { pageOf } from '../pages.ts';
import type { LogsPorts } from '../ports.ts';
import { groupPartition, type StreamRow, streams } from '../state.ts';

export const CreateLogStream = operation<CreateLogStreamRequest, object, LogsPorts>({
  checks: (input, call) => onGroup(call, input.logGroupName, input.logStreamName),
  async handle(input, call) {
    const { change, scope, random, now } = call;
    const partition = groupPartition(scope, await findGroup(call, input.logGroupName));
    if (await change.get(streams, partition, input.logStreamName)) throw streamExists();
    change.put(streams, partition, input.logStreamName, {
      name: input.logStreamName,
      id: random.uuid(),
      createdAt: now,
    });
    return {};
  },
});

export const DeleteLogStream = operation<DeleteLogStreamRequest, object, LogsPorts>({
  checks: (input, call) => onGroup(call, input.logGroupName, input.logStreamName),
  async handle(input, call) {
    const group = await findGroup(call, input.logGroupName);
    const { name } = await findStream(call, group, input.logStreamName);
    call.change.delete(streams, groupPartition(call.scope, group), name);
    return {};
  },
});

export const DescribeLogStreams = operation<DescribeLogStreamsRequest, DescribeLogStreamsResponse, LogsPorts>({
  checks: (input, call) => onGroup(call, nameOf(input)),
  async handle(input, call) {
    const group = await findGroup(call, nameOf(input));
    const { logStreamNamePrefix: prefix, orderBy = 'LogStreamName', descending = false } = input;
    if (orderBy === 'LastEventTime' && prefix !== undefined) {
      throw invalid('Cannot order by LastEventTime with a logStreamNamePrefix.');
    }
    const rows = await call.change.list(
      streams,
      groupPartition(call.scope, group),
      prefix === undefined ? {} : { prefix },
    );
    const named = rows.map(({ value }) => value);
    const sorted = orderBy === 'LastEventTime' ? [...named].sort((a, b) => lastOf(a) - lastOf(b)) : named;
    const all = descending ? [...sorted].reverse() : sorted;
    const { items, next } = pageOf(call, input.nextToken, input.limit ?? 50, all, ({ name }) => name);
    return {
      logStreams: items.map((row) => ({
        logStreamName: row.name,
        creationTime: row.createdAt,
        arn: `${groupArn(call.scope, group.name)}:log-stream:${row.name}`,
        // Always 0 for streams since 2019, says the API reference.
        storedBytes: 0,
        ...(row.firstEventAt !== undefined && { firstEventTimestamp: row.firstEventAt }),
        ...(row.lastEventAt !== undefined && { lastEventTimestamp: row.lastEventAt }),
        ...(row.lastIngestionAt !== undefined && {
          lastIngestionTime: row.lastIngestionAt,
          uploadSequenceToken: row.id,
        }),
      })),
      ...next,
    };
  },
});

const lastOf = ({ lastEventAt, createdAt }: StreamRow): number => lastEventAt ?? createdAt;
