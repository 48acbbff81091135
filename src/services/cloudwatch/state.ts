/** What CloudWatch keeps: which metrics there are, what was measured in each bucket of time, and alarms. */
import { createHash } from 'node:crypto';
import { type Table, table } from '../../store/store.ts';
import type { Scope } from '../service.ts';

export interface MetricName {
  readonly namespace: string;
  readonly name: string;
  /** By name, sorted. */
  readonly dimensions: readonly (readonly [name: string, value: string])[];
}

export interface MetricRow extends MetricName {
  /** Epoch milliseconds of its latest bucket. */
  readonly lastAt: number;
}

/** Everything that was measured in one bucket. */
export interface BucketRow {
  readonly count: number;
  readonly sum: number;
  readonly least: number;
  readonly most: number;
  readonly unit: string;
  /** How often each value came, for percentiles; absent once there were too many different ones. */
  readonly values?: readonly (readonly [value: number, count: number])[];
}

export interface AlarmRow {
  readonly name: string;
  readonly description?: string;
  readonly metric: MetricName;
  /** Names of the metric's dimensions in the order in which the alarm was given them: clients compare lists. */
  readonly dimensionOrder?: readonly string[];
  /** `Average`, `p99` … */
  readonly statistic: string;
  readonly unit?: string;
  readonly periodSeconds: number;
  readonly evaluationPeriods: number;
  /** All of them where it is left out. */
  readonly datapointsToAlarm?: number;
  readonly threshold: number;
  readonly comparison: string;
  readonly missing: 'missing' | 'ignore' | 'breaching' | 'notBreaching';
  readonly actionsEnabled: boolean;
  readonly alarmActions: readonly string[];
  readonly okActions: readonly string[];
  readonly insufficientActions: readonly string[];
  readonly state: AlarmState;
  readonly reason: string;
  readonly reasonData?: string;
  readonly stateChangedAt: number;
  readonly configuredAt: number;
  readonly tags: Readonly<Record<string, string>>;
}

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

export interface HistoryRow {
  readonly alarm: string;
  readonly at: number;
  readonly type: 'ConfigurationUpdate' | 'StateUpdate' | 'Action';
  readonly summary: string;
  readonly data: string;
}

/** Partition: `account/region`. Id: `metricId`. */
export const metrics: Table<MetricRow> = table('cloudwatch.metric');
/** Partition: `account/region/metric id`. Id: `bucketId`. */
export const buckets: Table<BucketRow> = table('cloudwatch.bucket');
/** Partition: `account/region`. Id: the name. */
export const alarms: Table<AlarmRow> = table('cloudwatch.alarm');
/** Partition: `account/region`. Id: time and alarm, so that they sort. */
export const histories: Table<HistoryRow> = table('cloudwatch.alarm-history');

export const partitionOf = ({ account, region }: Scope): string => `${account}/${region}`;
export const bucketPartition = (scope: Scope, metric: string): string => `${partitionOf(scope)}/${metric}`;

export function metricId({ namespace, name, dimensions }: MetricName): string {
  return createHash('sha256')
    .update(JSON.stringify([namespace, name, dimensions]))
    .digest('hex')
    .slice(0, 32);
}

/** Sorts as time does. @param start epoch milliseconds */
export const bucketId = (start: number): string => String(start).padStart(14, '0');
