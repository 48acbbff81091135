/** CreateFlowLogs, DeleteFlowLogs, DescribeFlowLogs. */
import type {
  CreateFlowLogsRequest,
  CreateFlowLogsResult,
  DeleteFlowLogsRequest,
  DeleteFlowLogsResult,
  DescribeFlowLogsRequest,
  DescribeFlowLogsResult,
  UnsuccessfulItem,
} from '@aws-sdk/client-ec2';
import { AwsError, type Check } from '../../../service.ts';
import type { ResourceType } from '../../arns.ts';
import { on, onAll, onEach } from '../../network/checks.ts';
import { changing, reading } from '../../network/declare.ts';
import { describe } from '../../network/describe.ts';
import { invalidValue, missingParameter, refused } from '../../network/errors.ts';
import { findInterface, findSubnet, findVpc } from '../../network/find.ts';
import { defaultFormat, fieldsOf } from '../../network/flow-log-format.ts';
import { newId } from '../../network/ids.ts';
import { read, readAll } from '../../network/rows.ts';
import { type FlowLogRow, flowLogs, partitionOf } from '../../network/state.ts';
import { givenTags, putTags, shownTags, taggingChecks } from '../../network/tags.ts';

const resources: Readonly<
  Record<string, { type: ResourceType; find: typeof findVpc | typeof findSubnet | typeof findInterface }>
> = {
  VPC: { type: 'vpc', find: findVpc },
  Subnet: { type: 'subnet', find: findSubnet },
  NetworkInterface: { type: 'network-interface', find: findInterface },
};

export const CreateFlowLogs = changing<CreateFlowLogsRequest, CreateFlowLogsResult>({
  async checks(input, call) {
    const { values, checks } = taggingChecks(call, input.TagSpecifications, 'vpc-flow-log');
    const type = resources[input.ResourceType ?? '']?.type ?? 'vpc';
    const role = input.DeliverLogsPermissionArn;
    const pass: Check[] =
      role === undefined
        ? []
        : [
            {
              action: 'iam:PassRole',
              resource: { arn: role, account: role.split(':')[4] ?? '' },
              context: { 'iam:PassedToService': 'vpc-flow-logs.amazonaws.com' },
            },
          ];
    return [
      await on(call, 'vpc-flow-log', undefined, values),
      ...(await onEach(call, type, input.ResourceIds)),
      ...checks,
      ...pass,
    ];
  },
  async handle(input, call) {
    const { change, scope, random, now } = call;
    const resource = resources[input.ResourceType ?? ''];
    if (!resource) throw refused('UnsupportedOperation', `Flow logs of ${input.ResourceType} are not built by Bailey.`);
    const settings = settingsOf(input);
    const tags = givenTags(input.TagSpecifications, 'vpc-flow-log');
    const present = await readAll(change, flowLogs, scope);
    const made: string[] = [];
    const failed: UnsuccessfulItem[] = [];
    for (const id of input.ResourceIds ?? []) {
      try {
        await resource.find(call, id);
        if (
          present.some(
            (one) =>
              one.resource === id && one.destination === settings.destination && one.traffic === settings.traffic,
          )
        ) {
          throw refused(
            'FlowLogAlreadyExists',
            'Error. There is an existing Flow Log with the same configuration and log destination.',
          );
        }
        const row: FlowLogRow = { id: newId(random, 'fl'), resource: id, createdAt: now, ...settings };
        change.put(flowLogs, partitionOf(scope), row.id, row);
        putTags(change, scope, 'vpc-flow-log', row.id, tags);
        made.push(row.id);
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        failed.push({ ResourceId: id, Error: { Code: error.code, Message: error.message } });
      }
    }
    return {
      FlowLogIds: made,
      Unsuccessful: failed,
      ...(input.ClientToken !== undefined && { ClientToken: input.ClientToken }),
    };
  },
});

function settingsOf(input: Partial<CreateFlowLogsRequest>): Omit<FlowLogRow, 'id' | 'resource' | 'createdAt'> {
  const { TrafficType: traffic, LogDestinationType: type = 'cloud-watch-logs' } = input;
  if (traffic !== 'ACCEPT' && traffic !== 'REJECT' && traffic !== 'ALL') {
    throw traffic === undefined ? missingParameter('TrafficType') : invalidValue(traffic, 'TrafficType');
  }
  const seconds = input.MaxAggregationInterval ?? 600;
  if (seconds !== 60 && seconds !== 600) throw invalidValue(seconds, 'MaxAggregationInterval', 'Must be 60 or 600.');
  const format = input.LogFormat ?? defaultFormat;
  if (!fieldsOf(format)) throw invalidValue(format, 'LogFormat', 'It names a field that does not exist.');
  const common = { traffic, format, aggregationSeconds: seconds } as const;
  if (type === 's3') {
    const destination = input.LogDestination ?? '';
    if (!destination.startsWith('arn:aws:s3:::'))
      throw invalidValue(destination, 'LogDestination', 'It is no ARN of a bucket.');
    if (input.DeliverLogsPermissionArn !== undefined)
      throw invalidValue(
        input.DeliverLogsPermissionArn,
        'DeliverLogsPermissionArn',
        'Buckets are written to as the service.',
      );
    return { ...common, destinationType: 's3', destination };
  }
  if (type !== 'cloud-watch-logs')
    throw refused('UnsupportedOperation', `Flow logs to ${type} are not built by Bailey.`);
  const group = input.LogGroupName ?? /:log-group:([^:]+)/.exec(input.LogDestination ?? '')?.[1];
  if (group === undefined) throw missingParameter('LogGroupName');
  if (input.DeliverLogsPermissionArn === undefined) throw missingParameter('DeliverLogsPermissionArn');
  return {
    ...common,
    destinationType: 'cloud-watch-logs',
    destination: group,
    logGroup: group,
    role: input.DeliverLogsPermissionArn,
  };
}

export const DeleteFlowLogs = changing<DeleteFlowLogsRequest, DeleteFlowLogsResult>({
  checks: (input, call) => onEach(call, 'vpc-flow-log', input.FlowLogIds),
  async handle(input, call) {
    const failed: UnsuccessfulItem[] = [];
    for (const id of input.FlowLogIds ?? []) {
      if (await read(call.change, flowLogs, call.scope, id)) {
        call.change.delete(flowLogs, partitionOf(call.scope), id);
        putTags(call.change, call.scope, 'vpc-flow-log', id, {});
      } else {
        const error = { Code: 'InvalidFlowLogId.NotFound', Message: 'The specified flow log ID does not exist.' };
        failed.push({ ResourceId: id, Error: error });
      }
    }
    return { Unsuccessful: failed };
  },
});

export const DescribeFlowLogs = reading<DescribeFlowLogsRequest, DescribeFlowLogsResult>({
  checks: (_input, call) => onAll(call),
  async handle(input, call) {
    const { rows, next } = await describe<FlowLogRow>(
      call,
      { ids: input.FlowLogIds, Filters: input.Filter, MaxResults: input.MaxResults, NextToken: input.NextToken },
      {
        table: flowLogs,
        kind: 'vpc-flow-log',
        facts: {
          'flow-log-id': ({ id }) => id,
          'resource-id': ({ resource }) => resource,
          'traffic-type': ({ traffic }) => traffic,
          'log-destination-type': ({ destinationType }) => destinationType,
          'log-group-name': ({ logGroup }) => logGroup,
          'deliver-log-status': () => 'SUCCESS',
        },
      },
    );
    return {
      FlowLogs: rows.map((row) => ({
        FlowLogId: row.id,
        FlowLogStatus: 'ACTIVE',
        ResourceId: row.resource,
        TrafficType: row.traffic,
        LogDestinationType: row.destinationType,
        LogFormat: row.format,
        MaxAggregationInterval: row.aggregationSeconds,
        CreationTime: new Date(row.createdAt),
        ...(row.destinationType === 's3' && { LogDestination: row.destination }),
        ...(row.logGroup !== undefined && {
          LogGroupName: row.logGroup,
          LogDestination: `arn:aws:logs:${call.scope.region}:${call.scope.account}:log-group:${row.logGroup}`,
        }),
        ...(row.role !== undefined && { DeliverLogsPermissionArn: row.role }),
        DeliverLogsStatus: 'SUCCESS',
        Tags: shownTags(row.tags),
      })),
      ...next,
    };
  },
});
