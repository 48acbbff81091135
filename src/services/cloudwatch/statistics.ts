/** Statistics over periods: what GetMetricStatistics, GetMetricData and alarms compute from buckets. */
import type { Reader } from '../../store/store.ts';
import type { Scope } from '../service.ts';
import { invalidValue } from './errors.ts';
import { together } from './record.ts';
import { type BucketRow, bucketId, bucketPartition, buckets, type MetricName, metricId } from './state.ts';

export interface Period {
  /** Epoch milliseconds. */
  readonly start: number;
  readonly bucket: BucketRow;
}

/** Buckets that one question reads. */
const MOST_BUCKETS = 100_000;

/** Periods that hold data, oldest first. @param from inclusive @param to exclusive, epoch milliseconds */
export async function periods(
  reader: Reader,
  scope: Scope,
  metric: MetricName,
  { from, to, seconds, unit }: { from: number; to: number; seconds: number; unit?: string | undefined },
): Promise<readonly Period[]> {
  const step = seconds * 1000;
  const first = Math.floor(from / step) * step;
  const rows = await reader.list(buckets, bucketPartition(scope, metricId(metric)), {
    from: bucketId(first),
    limit: MOST_BUCKETS,
  });
  const found = new Map<number, BucketRow>();
  for (const { id, value } of rows) {
    const at = Number(id);
    if (at >= to) break;
    if (unit !== undefined && value.unit !== unit) continue;
    const start = Math.floor(at / step) * step;
    const before = found.get(start);
    found.set(start, before ? joined(before, value) : value);
  }
  return [...found].map(([start, bucket]) => ({ start, bucket }));
}

function joined(a: BucketRow, b: BucketRow): BucketRow {
  const values = a.values && b.values ? together(a.values, b.values) : undefined;
  return {
    count: a.count + b.count,
    sum: a.sum + b.sum,
    least: Math.min(a.least, b.least),
    most: Math.max(a.most, b.most),
    unit: b.unit,
    ...(values && { values }),
  };
}

const simple: Readonly<Record<string, (bucket: BucketRow) => number>> = {
  SampleCount: ({ count }) => count,
  Sum: ({ sum }) => sum,
  Average: ({ sum, count }) => sum / count,
  Minimum: ({ least }) => least,
  Maximum: ({ most }) => most,
};

/**
 * A statistic by its name.
 * @returns undefined for percentiles of buckets that held too many different values
 * @throws InvalidParameterValue for names of none
 */
export function statistic(name: string): (bucket: BucketRow) => number | undefined {
  const known = Object.hasOwn(simple, name) ? simple[name] : undefined;
  if (known) return known;
  const percent = /^p(\d{1,2}(?:\.\d{1,10})?|100)$/.exec(name)?.[1];
  if (percent === undefined) throw invalidValue(`The value ${name} for parameter Statistic is not supported.`);
  return ({ values }) => values && percentile(values, Number(percent));
}

function percentile(values: NonNullable<BucketRow['values']>, percent: number): number | undefined {
  const sorted = [...values].sort(([a], [b]) => a - b);
  const total = sorted.reduce((sum, [, count]) => sum + count, 0);
  let seen = 0;
  for (const [value, count] of sorted) {
    seen += count;
    if (seen >= (percent / 100) * total) return value;
  }
  return sorted.at(-1)?.[0];
}
