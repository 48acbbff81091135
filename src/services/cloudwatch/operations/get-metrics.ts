/** GetMetricStatistics, GetMetricData, ListMetrics. */
import type {
  GetMetricDataInput,
  GetMetricDataOutput,
  GetMetricStatisticsInput,
  GetMetricStatisticsOutput,
  ListMetricsInput,
  ListMetricsOutput,
  MetricDataQuery,
} from '@aws-sdk/client-cloudwatch';
import { type Call, operation } from '../../service.ts';
import { onAll } from '../checks.ts';
import { combination, invalidValue, validation } from '../errors.ts';
import { metricName, shownDimensions } from '../names.ts';
import { pageOf } from '../pages.ts';
import type { CloudWatchPorts } from '../ports.ts';
import { metrics, partitionOf } from '../state.ts';
import { periods, statistic } from '../statistics.ts';

/** Datapoints of one GetMetricStatistics. */
const MOST_POINTS = 1_440;
const MOST_QUERIES = 500;
const MOST_DATA_POINTS = 100_800;
const metricsOfPage = 500;
const threeHours = 3 * 60 * 60 * 1000;

function requirePeriod(seconds: number | undefined): number {
  const period = seconds ?? 0;
  if ([1, 5, 10, 20, 30].includes(period) || (period >= 60 && period % 60 === 0)) return period;
  throw invalidValue('The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60.');
}

export const GetMetricStatistics = operation<GetMetricStatisticsInput, GetMetricStatisticsOutput, CloudWatchPorts>({
  checks: (_input, call) => onAll(call),
  async handle(input, call) {
    const names = [...(input.Statistics ?? []), ...(input.ExtendedStatistics ?? [])];
    if (names.length === 0)
      throw combination('At least one of the parameters Statistics and ExtendedStatistics must be specified.');
    const [from, to] = [input.StartTime?.getTime() ?? 0, input.EndTime?.getTime() ?? 0];
    if (from >= to) throw validation('The parameter StartTime must be less than the parameter EndTime.');
    const seconds = requirePeriod(input.Period);
    if ((to - from) / (seconds * 1000) > MOST_POINTS) {
      throw combination(
        `You have requested up to ${Math.ceil((to - from) / (seconds * 1000))} datapoints, which exceeds the limit of ${MOST_POINTS}. You may reduce the datapoints requested by increasing Period, or decreasing the time range.`,
      );
    }
    const metric = metricName(input.Namespace ?? '', input.MetricName ?? '', input.Dimensions);
    const found = await periods(call.change, call.scope, metric, { from, to, seconds, unit: input.Unit });
    const wanted = names.map((name) => [name, statistic(name)] as const);
    return {
      Label: metric.name,
      Datapoints: found.map(({ start, bucket }) => {
        const values = wanted.map(([name, of]) => [name, of(bucket)] as const);
        const simple = values.filter(([name]) => !name.startsWith('p'));
        const extended = values.filter(
          (one): one is readonly [string, number] => one[0].startsWith('p') && one[1] !== undefined,
        );
        return {
          Timestamp: new Date(start),
          Unit: bucket.unit as 'Count',
          ...Object.fromEntries(simple),
          ...(extended.length > 0 && { ExtendedStatistics: Object.fromEntries(extended) }),
        };
      }),
    };
  },
});

export const GetMetricData = operation<GetMetricDataInput, GetMetricDataOutput, CloudWatchPorts>({
  checks: (_input, call) => onAll(call),
  async handle(input, call) {
    const queries = input.MetricDataQueries ?? [];
    if (queries.length > MOST_QUERIES)
      throw validation(`The collection MetricDataQueries must not have a size greater than ${MOST_QUERIES}.`);
    if (new Set(queries.map(({ Id }) => Id)).size < queries.length)
      throw validation('The ids of MetricDataQueries must be unique.');
    const [from, to] = [input.StartTime?.getTime() ?? 0, input.EndTime?.getTime() ?? 0];
    if (from >= to) throw validation('The parameter StartTime must be less than the parameter EndTime.');
    if (input.NextToken !== undefined)
      throw invalidValue('The token is not one of this operation: it answers in one page.');
    const descending = input.ScanBy !== 'TimestampAscending';
    const results = [];
    let total = 0;
    for (const query of queries) {
      const points = await pointsOf(call, query, from, to);
      total += points.length;
      if (total > (input.MaxDatapoints ?? MOST_DATA_POINTS))
        throw validation(
          'More datapoints were asked for than one answer holds: ask for a shorter time or a longer period.',
        );
      if (query.ReturnData === false) continue;
      const ordered = descending ? [...points].reverse() : points;
      results.push({
        Id: query.Id,
        Label: query.Label ?? query.MetricStat?.Metric?.MetricName ?? query.Id,
        Timestamps: ordered.map(({ at }) => new Date(at)),
        Values: ordered.map(({ value }) => value),
        StatusCode: 'Complete' as const,
      });
    }
    return { MetricDataResults: results, Messages: [] };
  },
});

async function pointsOf(
  call: Call,
  query: MetricDataQuery,
  from: number,
  to: number,
): Promise<{ at: number; value: number }[]> {
  const { Id: id = '', MetricStat: stat, Expression: expression } = query;
  if (!/^[a-z]\w{0,254}$/.test(id))
    throw validation(`The value ${id} for parameter MetricDataQueries.Id must start with a lowercase letter.`);
  if (expression !== undefined)
    throw validation('Metric math expressions are not built by Bailey: ask for MetricStat.');
  if (!stat?.Metric) throw validation('Each MetricDataQuery must have a MetricStat.');
  const of = statistic(stat.Stat ?? '');
  const metric = metricName(stat.Metric.Namespace ?? '', stat.Metric.MetricName ?? '', stat.Metric.Dimensions);
  const found = await periods(call.change, call.scope, metric, {
    from,
    to,
    seconds: requirePeriod(stat.Period),
    unit: stat.Unit,
  });
  return found.flatMap(({ start, bucket }) => {
    const value = of(bucket);
    return value === undefined ? [] : [{ at: start, value }];
  });
}

export const ListMetrics = operation<ListMetricsInput, ListMetricsOutput, CloudWatchPorts>({
  checks: (_input, call) => onAll(call),
  async handle(input, call) {
    if (input.IncludeLinkedAccounts || input.OwningAccount !== undefined)
      throw validation('Linked accounts are not built by Bailey.');
    const rows = await call.change.list(metrics, partitionOf(call.scope));
    const wanted = rows.filter(
      ({ value }) =>
        (input.Namespace === undefined || value.namespace === input.Namespace) &&
        (input.MetricName === undefined || value.name === input.MetricName) &&
        (input.RecentlyActive === undefined || value.lastAt >= call.now - threeHours) &&
        (input.Dimensions ?? []).every(({ Name, Value }) =>
          value.dimensions.some(([name, held]) => name === Name && (Value === undefined || held === Value)),
        ),
    );
    const { items, next } = pageOf(call, input.NextToken, metricsOfPage, wanted, ({ id }) => id);
    return {
      Metrics: items.map(({ value }) => ({
        Namespace: value.namespace,
        MetricName: value.name,
        Dimensions: shownDimensions(value),
      })),
      ...next,
    };
  },
});
