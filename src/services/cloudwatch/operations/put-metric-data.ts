/** PutMetricData: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html */
import type { MetricDatum, PutMetricDataInput } from '@aws-sdk/client-cloudwatch';
import { operation } from '../../service.ts';
import { onAll } from '../checks.ts';
import { combination, invalidValue, missing, validation } from '../errors.ts';
import { metricName } from '../names.ts';
import type { CloudWatchPorts } from '../ports.ts';
import { type Measurement, record, single } from '../record.ts';

const MOST_DATA = 1_000;
const MOST_DIMENSIONS = 30;
const MOST_VALUES = 150;
const day = 24 * 60 * 60 * 1000;
/** 2^360, as the API Reference says. */
const largest = 2 ** 360;

export const PutMetricData = operation<PutMetricDataInput, object, CloudWatchPorts>({
  record: { data: true },
  checks: (input, call) => onAll(call, { 'cloudwatch:namespace': input.Namespace }),
  async handle(input, call) {
    const namespace = input.Namespace ?? '';
    if (namespace.startsWith('AWS/')) {
      throw invalidValue('The value AWS/ for parameter Namespace is invalid.');
    }
    if (input.EntityMetricData !== undefined) throw validation('EntityMetricData is not built by Bailey.');
    const data = input.MetricData ?? [];
    if (data.length > MOST_DATA)
      throw validation(`The collection MetricData must not have a size greater than ${MOST_DATA}.`);
    await record(
      call.change,
      call.scope,
      data.map((one, index) => measurement(namespace, one, index, call.now)),
    );
    return {};
  },
});

function measurement(namespace: string, datum: MetricDatum, index: number, now: number): Measurement {
  const member = `MetricData.member.${index + 1}`;
  const {
    MetricName: name,
    Value: value,
    Values: values,
    StatisticValues: statistics,
    Dimensions: dimensions = [],
  } = datum;
  if (name === undefined) throw missing(`${member}.MetricName`);
  if (dimensions.length > MOST_DIMENSIONS)
    throw validation(`The collection ${member}.Dimensions must not have a size greater than ${MOST_DIMENSIONS}.`);
  const at = datum.Timestamp?.getTime() ?? now;
  if (!(at >= now - 14 * day && at <= now + 2 * 60 * 60 * 1000)) {
    throw invalidValue(
      `The parameter ${member}.Timestamp must specify a time no more than two weeks in the past and two hours in the future.`,
    );
  }
  const resolution = datum.StorageResolution ?? 60;
  if (resolution !== 1 && resolution !== 60)
    throw invalidValue(`The parameter ${member}.StorageResolution must be 1 or 60.`);
  const base = {
    metric: metricName(namespace, name, dimensions),
    at,
    unit: datum.Unit ?? 'None',
    resolutionSeconds: resolution,
  } as const;
  const given = [value, values, statistics].filter((one) => one !== undefined).length;
  if (given === 0) throw missing(`${member}.Value`);
  if (given > 1)
    throw combination(`The parameters ${member}.Value, Values and StatisticValues are mutually exclusive.`);
  if (statistics) {
    const { SampleCount: count = 0, Sum: sum = 0, Minimum: least = 0, Maximum: most = 0 } = statistics;
    for (const number of [count, sum, least, most]) requireNumber(number, member);
    return { ...base, count, sum, least, most };
  }
  if (values) {
    const counts = datum.Counts ?? values.map(() => 1);
    if (values.length > MOST_VALUES || counts.length !== values.length || values.length === 0) {
      throw invalidValue(
        `The parameters ${member}.Values and ${member}.Counts must have the same size, at most ${MOST_VALUES}.`,
      );
    }
    const pairs = values.map(
      (one, at_) => [requireNumber(one, member), requireNumber(counts[at_] ?? 1, member)] as const,
    );
    return {
      ...base,
      count: pairs.reduce((sum, [, count]) => sum + count, 0),
      sum: pairs.reduce((sum, [one, count]) => sum + one * count, 0),
      least: Math.min(...values),
      most: Math.max(...values),
      values: pairs,
    };
  }
  return { ...base, ...single(requireNumber(value ?? 0, member)) };
}

function requireNumber(value: number, member: string): number {
  if (Number.isFinite(value) && Math.abs(value) <= largest) return value;
  throw invalidValue(`The value ${value} for parameter ${member}.Value is invalid.`);
}
