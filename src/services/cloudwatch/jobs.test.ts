/** Alarms as they are evaluated, how many there may be, and what is dropped when it is old. */
import { expect, test } from 'vitest';
import { account, Bench } from '../../../test/support/call.ts';
import { openMemoryStore } from '../../store/memory.ts';
import { ConflictError, type Store } from '../../store/store.ts';
import type { JobRuntime } from '../service.ts';
import { jobs } from './jobs.ts';
import { PutMetricAlarm } from './operations/put-metric-alarm.ts';
import type { CloudWatchPorts } from './ports.ts';
import { type AlarmRow, alarms, bucketId, bucketPartition, buckets, metricId, metrics, partitionOf } from './state.ts';

const scope = { account, region: 'us-east-1' };
const partition = partitionOf(scope);
const day = 86_400_000;
const metric = { namespace: 'Shop', name: 'Orders', dimensions: [] };
const alarm = (name: string): AlarmRow => ({
  name,
  metric,
  dimensionOrder: [],
  statistic: 'Sum',
  periodSeconds: 60,
  evaluationPeriods: 1,
  threshold: 1,
  comparison: 'GreaterThanThreshold',
  missing: 'breaching',
  actionsEnabled: false,
  alarmActions: [],
  okActions: [],
  insufficientActions: [],
  state: 'INSUFFICIENT_DATA',
  reason: '',
  stateChangedAt: 0,
  configuredAt: 0,
  tags: {},
});
const portsOf = (store: CloudWatchPorts['store']): CloudWatchPorts => ({
  store,
  accounts: async () => [account],
  regions: ['us-east-1'],
});
const run = async (store: CloudWatchPorts['store'], name: string, now: number): Promise<void> => {
  await jobs(portsOf(store))
    .find((job) => job.name === name)
    ?.run({ now } as JobRuntime);
};

test('an alarm that changes under its evaluation keeps none of the others from theirs', async () => {
  const store = openMemoryStore();
  const change = store.begin();
  for (const name of ['first', 'second', 'third']) change.put(alarms, partition, name, alarm(name));
  await store.commit(change);
  let commits = 0;
  const busy: CloudWatchPorts['store'] = {
    list: store.list.bind(store),
    get: store.get.bind(store),
    begin: store.begin.bind(store),
    commit: async (given: ReturnType<Store['begin']>) => {
      commits += 1;
      if (commits === 2) throw new ConflictError('changed');
      return store.commit(given);
    },
  };
  await run(busy, 'cloudwatch alarms', 10 * day);
  const states = (await store.list(alarms, partition)).map(({ id, value }) => `${id} ${value.state}`);
  expect(states).toEqual(['first ALARM', 'second INSUFFICIENT_DATA', 'third ALARM']);
});

test('an account has so many alarms and no more; one that exists is changed all the same', async () => {
  const store = openMemoryStore();
  const bench = new Bench<CloudWatchPorts>(portsOf(store), store);
  const change = store.begin();
  for (let n = 0; n < 4_999; n += 1) change.put(alarms, partition, `a${n}`, alarm(`a${n}`));
  await store.commit(change);
  const put = (AlarmName: string) =>
    bench.run('PutMetricAlarm', PutMetricAlarm, {
      AlarmName,
      MetricName: 'Orders',
      Namespace: 'Shop',
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 1,
      Statistic: 'Sum',
      ComparisonOperator: 'GreaterThanThreshold',
    });
  await put('last');
  await expect(put('more')).rejects.toMatchObject({
    code: 'LimitExceeded',
    message: 'The quota for alarms for this customer has already been reached.',
  });
  await put('a1');
});

test('a metric goes when the last of its old datapoints has', async () => {
  const store = openMemoryStore();
  const id = metricId(metric);
  const change = store.begin();
  change.put(metrics, partition, id, { ...metric, lastAt: 6_000 });
  for (let n = 0; n < 6_000; n += 1) {
    const bucket = { count: 1, sum: 1, least: 1, most: 1, unit: 'None' };
    change.put(buckets, bucketPartition(scope, id), bucketId(n * 1_000), bucket);
  }
  await store.commit(change);
  const left = async () => [
    (await store.list(buckets, bucketPartition(scope, id))).length,
    (await store.list(metrics, partition)).length,
  ];
  await run(store, 'cloudwatch retention', 20 * day);
  expect(await left()).toEqual([1_000, 1]);
  await run(store, 'cloudwatch retention', 20 * day);
  expect(await left()).toEqual([0, 0]);
});
