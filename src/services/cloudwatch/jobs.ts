/** What CloudWatch does by the clock: evaluates alarms, and drops what is older than AWS keeps. */
import { ConflictError } from '../../store/store.ts';
import type { Job } from '../service.ts';
import { changeState } from './alarm-states.ts';
import { evaluate } from './evaluate.ts';
import type { CloudWatchPorts } from './ports.ts';
import { type AlarmRow, alarms, bucketId, bucketPartition, buckets, histories, metrics, partitionOf } from './state.ts';
import { periods, statistic } from './statistics.ts';

const day = 24 * 60 * 60 * 1000;
/** Datapoints of a minute are kept for 15 days, the history of an alarm for 30. */
const bucketAge = 15 * day;
const historyAge = 30 * day;
/** Rows that one round takes away. */
const MOST = 5_000;

export function jobs(ports: CloudWatchPorts): readonly Job[] {
  return [
    { name: 'cloudwatch alarms', everySeconds: 10, run: ({ now }) => evaluateAll(ports, now) },
    { name: 'cloudwatch retention', everySeconds: 3_600, run: ({ now }) => dropOld(ports, now) },
  ];
}

async function* scopes({ accounts, regions }: CloudWatchPorts) {
  for (const account of await accounts()) for (const region of regions) yield { account, region };
}

async function evaluateAll(ports: CloudWatchPorts, now: number): Promise<void> {
  for await (const scope of scopes(ports)) {
    for (const { value } of await ports.store.list(alarms, partitionOf(scope))) {
      const result = evaluate(value, await pointsOf(ports, scope, value, now));
      if (result.state === value.state) continue;
      const change = ports.store.begin();
      const alarm = await change.get(alarms, partitionOf(scope), value.name);
      if (!alarm) continue;
      changeState(change, scope, alarm, result, now);
      await ports.store.commit(change).catch(unlessChanged);
    }
  }
}

/** Somebody has changed the alarm meanwhile: the next round sees how, and the others are not kept waiting. */
function unlessChanged(error: unknown): void {
  if (!(error instanceof ConflictError)) throw error;
}

/** Of whole periods that have ended. */
async function pointsOf(
  { store }: CloudWatchPorts,
  scope: { account: string; region: string },
  alarm: AlarmRow,
  now: number,
): Promise<(number | undefined)[]> {
  const step = alarm.periodSeconds * 1000;
  const to = Math.floor(now / step) * step;
  const from = to - alarm.evaluationPeriods * step;
  const found = await periods(store, scope, alarm.metric, { from, to, seconds: alarm.periodSeconds, unit: alarm.unit });
  const of = statistic(alarm.statistic);
  return Array.from({ length: alarm.evaluationPeriods }, (_, index) => {
    const period = found.find(({ start }) => start === from + index * step);
    return period && of(period.bucket);
  });
}

async function dropOld(ports: CloudWatchPorts, now: number): Promise<void> {
  for await (const scope of scopes(ports)) {
    const partition = partitionOf(scope);
    const change = ports.store.begin();
    let left = MOST;
    for (const { id, value } of await ports.store.list(metrics, partition)) {
      const old = await ports.store.list(buckets, bucketPartition(scope, id), { limit: left });
      for (const bucket of old) {
        if (bucket.id >= bucketId(now - bucketAge)) break;
        change.delete(buckets, bucketPartition(scope, id), bucket.id);
        left -= 1;
      }
      // Not before all of its datapoints: nobody would find them any more.
      if (left <= 0) break;
      if (value.lastAt < now - bucketAge) change.delete(metrics, partition, id);
    }
    for (const { id, value } of await ports.store.list(histories, partition, { limit: MOST })) {
      if (value.at >= now - historyAge) break;
      change.delete(histories, partition, id);
    }
    await ports.store.commit(change);
  }
}
