/** Adds measurements to their buckets: by PutMetricData, and by the services of this instance for what they measure. */
import type { Change } from '../../store/store.ts';
import type { Scope } from '../service.ts';
import {
  type BucketRow,
  bucketId,
  bucketPartition,
  buckets,
  type MetricName,
  metricId,
  metrics,
  partitionOf,
} from './state.ts';

export interface Measurement {
  readonly metric: MetricName;
  /** Epoch milliseconds. */
  readonly at: number;
  /** `Count`, `Seconds`, … */
  readonly unit: string;
  readonly count: number;
  readonly sum: number;
  readonly least: number;
  readonly most: number;
  readonly values?: readonly (readonly [value: number, count: number])[];
  /** 1 or 60. */
  readonly resolutionSeconds: 1 | 60;
}

/** Different values that a bucket tells apart. */
const MOST_VALUES = 500;

export const single = (value: number, count = 1): Pick<Measurement, 'count' | 'sum' | 'least' | 'most' | 'values'> => ({
  count,
  sum: value * count,
  least: value,
  most: value,
  values: [[value, count]],
});

export async function record(change: Change, scope: Scope, measured: readonly Measurement[]): Promise<void> {
  for (const one of measured) {
    const id = metricId(one.metric);
    const step = one.resolutionSeconds * 1000;
    const start = Math.floor(one.at / step) * step;
    const partition = bucketPartition(scope, id);
    const before = await change.get(buckets, partition, bucketId(start));
    change.put(buckets, partition, bucketId(start), merged(before, one));
    const known = await change.get(metrics, partitionOf(scope), id);
    if (!known || known.lastAt < start) change.put(metrics, partitionOf(scope), id, { ...one.metric, lastAt: start });
  }
}

function merged(before: BucketRow | undefined, { unit, count, sum, least, most, values }: Measurement): BucketRow {
  if (!before) return { count, sum, least, most, unit, ...(values && { values }) };
  const all = before.values && values ? together(before.values, values) : undefined;
  return {
    count: before.count + count,
    sum: before.sum + sum,
    least: Math.min(before.least, least),
    most: Math.max(before.most, most),
    unit,
    ...(all && { values: all }),
  };
}

export function together(...parts: readonly NonNullable<BucketRow['values']>[]): BucketRow['values'] {
  const counts = new Map<number, number>();
  for (const [value, count] of parts.flat()) counts.set(value, (counts.get(value) ?? 0) + count);
  return counts.size > MOST_VALUES ? undefined : [...counts];
}
