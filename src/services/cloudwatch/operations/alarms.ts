/** Alarms: described, deleted, set and silenced. */
import type {
  DeleteAlarmsInput,
  DescribeAlarmHistoryInput,
  DescribeAlarmHistoryOutput,
  DescribeAlarmsForMetricInput,
  DescribeAlarmsForMetricOutput,
  DescribeAlarmsInput,
  DescribeAlarmsOutput,
  DisableAlarmActionsInput,
  EnableAlarmActionsInput,
  MetricAlarm,
  SetAlarmStateInput,
} from '@aws-sdk/client-cloudwatch';
import { type Call, type CheckCall, operation, type Scope } from '../../service.ts';
import { changeState } from '../alarm-states.ts';
import { alarmArn, onAlarm, onAll } from '../checks.ts';
import { notFound, validation } from '../errors.ts';
import { metricName, shownDimensions } from '../names.ts';
import { pageOf } from '../pages.ts';
import type { CloudWatchPorts } from '../ports.ts';
import { type AlarmRow, type AlarmState, alarms, histories, metricId, partitionOf } from '../state.ts';

const onNamed = (call: CheckCall, names: readonly string[] | undefined) =>
  Promise.all((names?.length ? names : ['*']).map((name) => onAlarm(call, name)));

export const DescribeAlarms = operation<DescribeAlarmsInput, DescribeAlarmsOutput, CloudWatchPorts>({
  checks: (input, call) => onNamed(call, input.AlarmNames),
  async handle(input, call) {
    if (input.AlarmNames !== undefined && input.AlarmNamePrefix !== undefined)
      throw validation('AlarmNames and AlarmNamePrefix exclude each other.');
    if (input.ChildrenOfAlarmName !== undefined || input.ParentsOfAlarmName !== undefined)
      throw validation('Composite alarms are not built by Bailey.');
    const prefix = input.AlarmNamePrefix;
    const rows = await call.change.list(alarms, partitionOf(call.scope), prefix === undefined ? {} : { prefix });
    const wanted = rows
      .map(({ value }) => value)
      .filter(({ name }) => input.AlarmNames === undefined || input.AlarmNames.includes(name))
      .filter(({ state }) => input.StateValue === undefined || state === input.StateValue)
      .filter(
        ({ alarmActions }) =>
          input.ActionPrefix === undefined || alarmActions.some((one) => one.startsWith(input.ActionPrefix ?? '')),
      )
      .filter(() => input.AlarmTypes === undefined || input.AlarmTypes.includes('MetricAlarm'));
    const { items, next } = pageOf(call, input.NextToken, input.MaxRecords ?? 50, wanted, ({ name }) => name);
    return { MetricAlarms: items.map((row) => shown(row, call.scope)), CompositeAlarms: [], ...next };
  },
});

export const DescribeAlarmsForMetric = operation<
  DescribeAlarmsForMetricInput,
  DescribeAlarmsForMetricOutput,
  CloudWatchPorts
>({
  checks: (_input, call) => onAll(call),
  async handle(input, call) {
    const metric = metricId(metricName(input.Namespace ?? '', input.MetricName ?? '', input.Dimensions));
    const rows = await call.change.list(alarms, partitionOf(call.scope));
    const wanted = rows
      .map(({ value }) => value)
      .filter((row) => metricId(row.metric) === metric)
      .filter((row) => (input.Statistic ?? input.ExtendedStatistic ?? row.statistic) === row.statistic)
      .filter((row) => (input.Period ?? row.periodSeconds) === row.periodSeconds)
      .filter((row) => input.Unit === undefined || row.unit === input.Unit);
    return { MetricAlarms: wanted.map((row) => shown(row, call.scope)) };
  },
});

export const DeleteAlarms = operation<DeleteAlarmsInput, object, CloudWatchPorts>({
  checks: (input, call) => onNamed(call, input.AlarmNames),
  async handle(input, call) {
    for (const name of input.AlarmNames ?? []) await find(call, name);
    for (const name of input.AlarmNames ?? []) call.change.delete(alarms, partitionOf(call.scope), name);
    return {};
  },
});

export const SetAlarmState = operation<SetAlarmStateInput, object, CloudWatchPorts>({
  checks: async (input, call) => [await onAlarm(call, input.AlarmName ?? '')],
  async handle(input, call) {
    const alarm = await find(call, input.AlarmName ?? '');
    const data = input.StateReasonData;
    if (data !== undefined) {
      try {
        JSON.parse(data);
      } catch {
        throw validation('StateReasonData must be JSON.');
      }
    }
    const to = { state: input.StateValue as AlarmState, reason: input.StateReason ?? '', reasonData: data };
    changeState(call.change, call.scope, alarm, to, call.now);
    return {};
  },
});

function setting(actionsEnabled: boolean) {
  return operation<EnableAlarmActionsInput & DisableAlarmActionsInput, object, CloudWatchPorts>({
    checks: (input, call) => onNamed(call, input.AlarmNames),
    async handle(input, call) {
      for (const name of input.AlarmNames ?? []) {
        const alarm = await find(call, name);
        call.change.put(alarms, partitionOf(call.scope), name, { ...alarm, actionsEnabled });
      }
      return {};
    },
  });
}

export const EnableAlarmActions = setting(true);
export const DisableAlarmActions = setting(false);

export const DescribeAlarmHistory = operation<DescribeAlarmHistoryInput, DescribeAlarmHistoryOutput, CloudWatchPorts>({
  checks: async (input, call) => [await onAlarm(call, input.AlarmName ?? '*')],
  async handle(input, call) {
    const rows = await call.change.list(histories, partitionOf(call.scope));
    const wanted = rows.filter(
      ({ value }) =>
        (input.AlarmName === undefined || value.alarm === input.AlarmName) &&
        (input.HistoryItemType === undefined || value.type === input.HistoryItemType) &&
        value.at >= (input.StartDate?.getTime() ?? 0) &&
        value.at <= (input.EndDate?.getTime() ?? Number.MAX_SAFE_INTEGER),
    );
    const ordered = input.ScanBy === 'TimestampAscending' ? wanted : [...wanted].reverse();
    const { items, next } = pageOf(call, input.NextToken, input.MaxRecords ?? 100, ordered, ({ id }) => id);
    return {
      AlarmHistoryItems: items.map(({ value }) => ({
        AlarmName: value.alarm,
        AlarmType: 'MetricAlarm' as const,
        Timestamp: new Date(value.at),
        HistoryItemType: value.type,
        HistorySummary: value.summary,
        HistoryData: value.data,
      })),
      ...next,
    };
  },
});

async function find(call: Call, name: string): Promise<AlarmRow> {
  const row = await call.change.get(alarms, partitionOf(call.scope), name);
  if (!row) throw notFound(`Alarm ${name} does not exist`);
  return row;
}

function shown(row: AlarmRow, scope: Scope): MetricAlarm {
  const isExtended = row.statistic.startsWith('p');
  return {
    AlarmName: row.name,
    AlarmArn: alarmArn(scope, row.name),
    ...(row.description !== undefined && { AlarmDescription: row.description }),
    AlarmConfigurationUpdatedTimestamp: new Date(row.configuredAt),
    ActionsEnabled: row.actionsEnabled,
    AlarmActions: [...row.alarmActions],
    OKActions: [...row.okActions],
    InsufficientDataActions: [...row.insufficientActions],
    StateValue: row.state,
    StateReason: row.reason,
    ...(row.reasonData !== undefined && { StateReasonData: row.reasonData }),
    StateUpdatedTimestamp: new Date(row.stateChangedAt),
    StateTransitionedTimestamp: new Date(row.stateChangedAt),
    Namespace: row.metric.namespace,
    MetricName: row.metric.name,
    Dimensions: shownDimensions(row.metric, row.dimensionOrder),
    ...(isExtended ? { ExtendedStatistic: row.statistic } : { Statistic: row.statistic as 'Average' }),
    ...(row.unit !== undefined && { Unit: row.unit as 'Count' }),
    Period: row.periodSeconds,
    EvaluationPeriods: row.evaluationPeriods,
    ...(row.datapointsToAlarm !== undefined && { DatapointsToAlarm: row.datapointsToAlarm }),
    Threshold: row.threshold,
    ComparisonOperator: row.comparison as 'GreaterThanThreshold',
    TreatMissingData: row.missing,
  };
}
