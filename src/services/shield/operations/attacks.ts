/** ListAttacks, DescribeAttack, DescribeAttackStatistics. */
import type {
  DescribeAttackRequest,
  DescribeAttackResponse,
  DescribeAttackStatisticsRequest,
  DescribeAttackStatisticsResponse,
  ListAttacksRequest,
  ListAttacksResponse,
  TimeRange,
} from '@aws-sdk/client-shield';
import { AwsError, operation } from '../../service.ts';
import { on, onAll } from '../checks.ts';
import { pageOf } from '../pages.ts';
import type { ShieldPorts } from '../ports.ts';
import { attacks, type VectorRow } from '../state.ts';

const year = 365 * 24 * 60 * 60 * 1000;

const isIn = (time: number | undefined, range: TimeRange | undefined): boolean =>
  range === undefined ||
  ((range.FromInclusive === undefined || (time ?? Number.POSITIVE_INFINITY) >= range.FromInclusive.getTime()) &&
    (range.ToExclusive === undefined || (time ?? Number.NEGATIVE_INFINITY) < range.ToExclusive.getTime()));

export const ListAttacks = operation<ListAttacksRequest, ListAttacksResponse, ShieldPorts>({
  checks: (_input, call) => onAll(call),
  async handle(input, call) {
    const wanted = (await call.change.list(attacks, call.scope.account))
      .map(({ value }) => value)
      .filter(({ resource }) => !input.ResourceArns?.length || input.ResourceArns.includes(resource))
      .filter(({ startedAt, endedAt }) => isIn(startedAt, input.StartTime) && isIn(endedAt, input.EndTime))
      .sort((a, b) => b.startedAt - a.startedAt);
    const { items, next } = pageOf(call, input, wanted, ({ id }) => id);
    return {
      AttackSummaries: items.map((row) => ({
        AttackId: row.id,
        ResourceArn: row.resource,
        StartTime: new Date(row.startedAt),
        ...(row.endedAt !== undefined && { EndTime: new Date(row.endedAt) }),
        AttackVectors: row.vectors.map(({ type }) => ({ VectorType: type })),
      })),
      ...next,
    };
  },
});

export const DescribeAttack = operation<DescribeAttackRequest, DescribeAttackResponse, ShieldPorts>({
  checks: (input, call) => on(call, 'attack', input.AttackId),
  async handle(input, call) {
    const row = await call.change.get(attacks, call.scope.account, input.AttackId);
    if (!row) throw new AwsError('AccessDeniedException', 'The attack does not exist, or belongs to another account.');
    const unit = row.layer === 'APPLICATION' ? 'REQUESTS' : 'PACKETS';
    return {
      Attack: {
        AttackId: row.id,
        ResourceArn: row.resource,
        StartTime: new Date(row.startedAt),
        ...(row.endedAt !== undefined && { EndTime: new Date(row.endedAt) }),
        SubResources: [],
        AttackCounters: row.vectors.map((vector) => counterOf(vector, unit)),
        AttackProperties: row.properties.map(({ property, total, top }) => ({
          AttackLayer: row.layer,
          AttackPropertyIdentifier: property as 'SOURCE_COUNTRY',
          TopContributors: top.map(({ name, value }) => ({ Name: name, Value: value })),
          Unit: unit,
          Total: total,
        })),
        Mitigations: row.mitigations.map((MitigationName) => ({ MitigationName })),
      },
    };
  },
});

const counterOf = ({ type, peak, sum, count }: VectorRow, unit: string) => ({
  Name: type,
  Max: peak,
  Average: count === 0 ? 0 : sum / count,
  Sum: sum,
  N: count,
  Unit: `${unit}_PER_SECOND`,
});

export const DescribeAttackStatistics = operation<
  DescribeAttackStatisticsRequest,
  DescribeAttackStatisticsResponse,
  ShieldPorts
>({
  checks: (_input, call) => onAll(call),
  async handle(_input, call) {
    const from = call.now - year;
    const rows = (await call.change.list(attacks, call.scope.account))
      .map(({ value }) => value)
      .filter(({ startedAt }) => startedAt >= from);
    const peak = (layer: 'APPLICATION' | 'NETWORK'): number =>
      Math.max(
        0,
        ...rows.filter((row) => row.layer === layer).flatMap(({ vectors }) => vectors.map((one) => one.peak)),
      );
    const volumes = [
      { layer: 'APPLICATION', name: 'RequestsPerSecond' },
      { layer: 'NETWORK', name: 'PacketsPerSecond' },
    ] as const;
    const items = volumes
      .map(({ layer, name }) => ({ name, max: peak(layer), count: rows.filter((row) => row.layer === layer).length }))
      .filter(({ count }) => count > 0);
    return {
      TimeRange: { FromInclusive: new Date(from), ToExclusive: new Date(call.now) },
      DataItems:
        items.length === 0
          ? [{ AttackCount: 0 }]
          : items.map(({ name, max, count }) => ({ AttackCount: count, AttackVolume: { [name]: { Max: max } } })),
    };
  },
});
