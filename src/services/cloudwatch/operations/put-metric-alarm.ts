/** PutMetricAlarm: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html */
import type { PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch';
import { type Decoded, operation } from '../../service.ts';
import { writeHistory } from '../alarm-states.ts';
import { onAlarm, requestTagValues } from '../checks.ts';
import { combination, invalidValue, missing, tooManyAlarms, validation } from '../errors.ts';
import { isComparison } from '../evaluate.ts';
import { metricName } from '../names.ts';
import type { CloudWatchPorts } from '../ports.ts';
import { type AlarmRow, alarms, partitionOf } from '../state.ts';
import { statistic } from '../statistics.ts';

const MOST_PERIODS_SECONDS = 604_800;
/** CloudWatch service quotas, "Alarms". */
const MOST_ALARMS = 5_000;

export const PutMetricAlarm = operation<PutMetricAlarmInput, object, CloudWatchPorts>({
  checks: async (input, call) => {
    const actions = [
      ...(input.AlarmActions ?? []),
      ...(input.OKActions ?? []),
      ...(input.InsufficientDataActions ?? []),
    ];
    const context = {
      ...requestTagValues(input.Tags),
      ...(actions.length > 0 && { 'cloudwatch:AlarmActions': actions }),
    };
    return [await onAlarm(call, input.AlarmName ?? '', context)];
  },
  async handle(input, call) {
    const { change, scope, now } = call;
    const settings = settingsOf(input);
    const partition = partitionOf(scope);
    const before = await change.get(alarms, partition, settings.name);
    if (!before && (await change.list(alarms, partition, { limit: MOST_ALARMS })).length >= MOST_ALARMS) {
      throw tooManyAlarms();
    }
    const row: AlarmRow = {
      ...settings,
      state: before?.state ?? 'INSUFFICIENT_DATA',
      reason: before?.reason ?? 'Unchecked: Initial alarm creation',
      stateChangedAt: before?.stateChangedAt ?? now,
      configuredAt: now,
      // Tags of an alarm that exists are changed by TagResource alone.
      tags: before?.tags ?? Object.fromEntries((input.Tags ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? ''])),
    };
    change.put(alarms, partition, row.name, row);
    writeHistory(change, scope, {
      alarm: row.name,
      at: now,
      type: 'ConfigurationUpdate',
      summary: `Alarm "${row.name}" ${before ? 'updated' : 'created'}`,
      data: JSON.stringify({ version: '1.0', type: before ? 'Update' : 'Create' }),
    });
    return {};
  },
});

function settingsOf(
  input: Decoded<PutMetricAlarmInput>,
): Omit<AlarmRow, 'state' | 'reason' | 'stateChangedAt' | 'configuredAt' | 'tags'> {
  if (input.Metrics !== undefined || input.ThresholdMetricId !== undefined) {
    throw validation('Alarms over metric math and anomaly detection bands are not built by Bailey: name one metric.');
  }
  const { AlarmName: name, MetricName: metric, Namespace: namespace, Period: period, Threshold: threshold } = input;
  if (name === undefined) throw missing('AlarmName');
  if (metric === undefined || namespace === undefined || period === undefined || threshold === undefined) {
    throw missing('MetricName, Namespace, Period and Threshold');
  }
  if ((input.Statistic === undefined) === (input.ExtendedStatistic === undefined)) {
    throw combination('Exactly one of the parameters Statistic and ExtendedStatistic must be specified.');
  }
  const chosen = input.Statistic ?? input.ExtendedStatistic ?? '';
  statistic(chosen);
  if (![10, 20, 30].includes(period) && (period < 60 || period % 60 !== 0))
    throw invalidValue('Period must be 10, 20, 30 or a multiple of 60');
  const evaluationPeriods = input.EvaluationPeriods ?? 1;
  if (period * evaluationPeriods > MOST_PERIODS_SECONDS)
    throw validation('Metrics cannot be checked across more than seven days.');
  const comparison = input.ComparisonOperator ?? '';
  if (!isComparison(comparison))
    throw invalidValue(`${comparison} needs an anomaly detection band, which is not built by Bailey.`);
  const { DatapointsToAlarm: datapointsToAlarm } = input;
  if (datapointsToAlarm !== undefined && datapointsToAlarm > evaluationPeriods)
    throw validation('Input error: DatapointsToAlarm cannot be greater than EvaluationPeriods.');
  const treated = input.TreatMissingData ?? 'missing';
  if (!['missing', 'ignore', 'breaching', 'notBreaching'].includes(treated))
    throw validation(`The value ${treated} is not supported for TreatMissingData parameter.`);
  if (input.EvaluateLowSampleCountPercentile !== undefined)
    throw validation('EvaluateLowSampleCountPercentile is not built by Bailey.');
  return {
    name,
    metric: metricName(namespace, metric, input.Dimensions),
    dimensionOrder: (input.Dimensions ?? []).map(({ Name }) => Name ?? ''),
    statistic: chosen,
    periodSeconds: period,
    evaluationPeriods,
    ...(datapointsToAlarm !== undefined && { datapointsToAlarm }),
    threshold,
    comparison,
    missing: treated as AlarmRow['missing'],
    actionsEnabled: input.ActionsEnabled ?? true,
    alarmActions: input.AlarmActions ?? [],
    okActions: input.OKActions ?? [],
    insufficientActions: input.InsufficientDataActions ?? [],
    ...(input.AlarmDescription !== undefined && { description: input.AlarmDescription }),
    ...(input.Unit !== undefined && { unit: input.Unit }),
  };
}
