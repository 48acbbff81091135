/** CreateLogGroup, DeleteLogGroup, DescribeLogGroups. */
import type {
  CreateLogGroupRequest,
  DeleteLogGroupRequest,
  DescribeLogGroupsRequest,
  DescribeLogGroupsResponse,
} from '@aws-sdk/client-cloudwatch-logs';
import { operation } from '../../service.ts';
import { groupArn, onGroup, tagValues } from '../checks.ts';
import { groupExists, invalid, limitExceeded } from '../errors.ts';
import { findGroup } from '../named.ts';
import { pageOf } from '../pages.ts';
import type { LogsPorts } from '../ports.ts';
import { type GroupRow, groupPartition, groups, partitionOf, streams } from '../state.ts';

/** CloudWatch Logs quotas, "Log groups". */
const MOST_GROUPS = 1_000_000;
const MOST_TAGS = 50;

export const CreateLogGroup = operation<CreateLogGroupRequest, object, LogsPorts>({
  checks: (input, call) => onGroup(call, input.logGroupName, '', tagValues(input.tags)),
  async handle(input, call) {
    const { change, scope, random, now } = call;
    const { logGroupName: name, kmsKeyId, tags = {}, logGroupClass: groupClass = 'STANDARD' } = input;
    if (kmsKeyId !== undefined)
      throw invalid('Log groups under keys of their own are not built by Bailey; all are sealed.');
    if (groupClass !== 'STANDARD' && groupClass !== 'INFREQUENT_ACCESS') {
      throw invalid(`Log groups of class ${groupClass} are not built by Bailey.`);
    }
    if (Object.keys(tags).length > MOST_TAGS) throw invalid(`At most ${MOST_TAGS} tags can be given.`);
    if (await change.get(groups, partitionOf(scope), name)) throw groupExists();
    if ((await change.list(groups, partitionOf(scope), { limit: MOST_GROUPS })).length >= MOST_GROUPS) {
      throw limitExceeded('Resource limit exceeded.');
    }
    const row: GroupRow = {
      name,
      id: random.uuid(),
      createdAt: now,
      groupClass,
      tags,
      ...(input.deletionProtectionEnabled && { isProtected: true }),
    };
    change.put(groups, partitionOf(scope), name, row);
    return {};
  },
});

export const DeleteLogGroup = operation<DeleteLogGroupRequest, object, LogsPorts>({
  checks: (input, call) => onGroup(call, input.logGroupName),
  async handle(input, call) {
    const { change, scope } = call;
    const group = await findGroup(call, input.logGroupName);
    if (group.isProtected) throw invalid('The log group has deletion protection enabled.');
    for (const { id } of await change.list(streams, groupPartition(scope, group))) {
      change.delete(streams, groupPartition(scope, group), id);
    }
    change.delete(groups, partitionOf(scope), group.name);
    return {};
  },
});

export const DescribeLogGroups = operation<DescribeLogGroupsRequest, DescribeLogGroupsResponse, LogsPorts>({
  // AWS asks for all groups, whichever prefix is given.
  checks: (_input, call) => onGroup(call, ''),
  async handle(input, call) {
    const { logGroupNamePrefix: prefix, logGroupNamePattern: pattern, logGroupIdentifiers: identifiers } = input;
    if (prefix !== undefined && pattern !== undefined) {
      throw invalid('LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.');
    }
    const rows = await call.change.list(groups, partitionOf(call.scope), prefix === undefined ? {} : { prefix });
    const wanted = rows
      .map(({ value }) => value)
      .filter(({ name }) => pattern === undefined || name.toLowerCase().includes(pattern.toLowerCase()))
      .filter(
        ({ name }) =>
          identifiers === undefined || identifiers.some((one) => one === name || one === groupArn(call.scope, name)),
      )
      .filter(({ groupClass }) => input.logGroupClass === undefined || groupClass === input.logGroupClass);
    const { items, next } = pageOf(call, input.nextToken, input.limit ?? 50, wanted, ({ name }) => name);
    return {
      logGroups: items.map((row) => ({
        logGroupName: row.name,
        creationTime: row.createdAt,
        arn: `${groupArn(call.scope, row.name)}:*`,
        logGroupArn: groupArn(call.scope, row.name),
        logGroupClass: row.groupClass,
        metricFilterCount: 0,
        ...(row.retentionDays !== undefined && { retentionInDays: row.retentionDays }),
        ...(row.isProtected && { deletionProtectionEnabled: true }),
      })),
      ...next,
    };
  },
});
