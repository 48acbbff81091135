/** CloudWatch with the real SDK: what is put in comes out by period and statistic, and alarms follow it. */
import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  DescribeAlarmsForMetricCommand,
  DisableAlarmActionsCommand,
  EnableAlarmActionsCommand,
  GetMetricDataCommand,
  GetMetricStatisticsCommand,
  ListMetricsCommand,
  ListTagsForResourceCommand,
  PutMetricAlarmCommand,
  type PutMetricAlarmCommandInput,
  PutMetricDataCommand,
  SetAlarmStateCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-cloudwatch';
import { IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accountId, nobodyKeys, startInstance, type TestInstance } from '../support/instance.ts';

let instance: TestInstance;
let cloudwatch: CloudWatchClient;
// biome-ignore lint/suspicious/noExplicitAny: commands of every operation.
const send = (command: any, client = cloudwatch): Promise<any> => client.send(command);
const code = (command: unknown, client = cloudwatch) =>
  send(command, client).then(
    () => 'succeeded',
    (error: Error) => error.name,
  );
const minute = 60_000;
/** The start of a minute some minutes ago. */
const ago = (minutes: number) => new Date(Math.floor(Date.now() / minute) * minute - minutes * minute);

beforeAll(async () => {
  instance = await startInstance();
  cloudwatch = new CloudWatchClient(instance.clientOptions());
});
afterAll(async () => {
  cloudwatch.destroy();
  await instance.stop();
});

const Dimensions = [{ Name: 'Till', Value: '1' }];
const put = (MetricName: string, Value: number, at = ago(1), more: object = {}) =>
  send(
    new PutMetricDataCommand({
      Namespace: 'Shop',
      MetricData: [{ MetricName, Dimensions, Value, Timestamp: at, Unit: 'Count', ...more }],
    }),
  );

describe('metrics', () => {
  test('come out by period and statistic', async () => {
    for (const [value, minutes] of [
      [1, 3],
      [5, 3],
      [10, 2],
      [4, 1],
    ] as const)
      await put('Cups', value, ago(minutes));
    const base = { Namespace: 'Shop', MetricName: 'Cups', Dimensions, StartTime: ago(10), EndTime: ago(0) };
    const answer = await send(
      new GetMetricStatisticsCommand({
        ...base,
        Period: 60,
        Statistics: ['Sum', 'Average', 'Minimum', 'Maximum', 'SampleCount'],
        ExtendedStatistics: ['p50'],
      }),
    );
    const points = [...answer.Datapoints].sort((a, b) => a.Timestamp - b.Timestamp);
    expect(points).toEqual([
      {
        Timestamp: ago(3),
        Unit: 'Count',
        Sum: 6,
        Average: 3,
        Minimum: 1,
        Maximum: 5,
        SampleCount: 2,
        ExtendedStatistics: { p50: 1 },
      },
      {
        Timestamp: ago(2),
        Unit: 'Count',
        Sum: 10,
        Average: 10,
        Minimum: 10,
        Maximum: 10,
        SampleCount: 1,
        ExtendedStatistics: { p50: 10 },
      },
      {
        Timestamp: ago(1),
        Unit: 'Count',
        Sum: 4,
        Average: 4,
        Minimum: 4,
        Maximum: 4,
        SampleCount: 1,
        ExtendedStatistics: { p50: 4 },
      },
    ]);
    const whole = await send(new GetMetricStatisticsCommand({ ...base, Period: 3_600, Statistics: ['Sum'] }));
    expect(whole.Datapoints.reduce((sum: number, one: { Sum: number }) => sum + one.Sum, 0)).toBe(20);
    expect(
      (await send(new GetMetricStatisticsCommand({ ...base, Period: 60, Statistics: ['Sum'], Unit: 'Seconds' })))
        .Datapoints ?? [],
    ).toEqual([]);
    expect(await code(new GetMetricStatisticsCommand({ ...base, Period: 61, Statistics: ['Sum'] }))).toBe(
      'InvalidParameterValueException',
    );
    expect(await code(new GetMetricStatisticsCommand({ ...base, Period: 60 }))).toBe(
      'InvalidParameterCombinationException',
    );
    expect(
      await code(new GetMetricStatisticsCommand({ ...base, StartTime: ago(60 * 48), Period: 60, Statistics: ['Sum'] })),
    ).toBe('InvalidParameterCombinationException');
  });

  test('are put as values with counts, as statistics, and at one second', async () => {
    const MetricData = [
      { MetricName: 'Many', Values: [1, 2, 100], Counts: [98, 1, 1], Timestamp: ago(1) },
      { MetricName: 'Sets', StatisticValues: { SampleCount: 4, Sum: 10, Minimum: 1, Maximum: 5 }, Timestamp: ago(1) },
      { MetricName: 'Fine', Value: 7, StorageResolution: 1, Timestamp: new Date(ago(1).getTime() + 5_000) },
    ];
    await send(new PutMetricDataCommand({ Namespace: 'Shop', MetricData }));
    const query = (MetricName: string, Stat: string, Period = 60) => ({
      Id: `q${MetricName}${Stat}`.replace(/\W/g, ''),
      MetricStat: { Metric: { Namespace: 'Shop', MetricName }, Period, Stat },
    });
    const answer = await send(
      new GetMetricDataCommand({
        StartTime: ago(5),
        EndTime: ago(0),
        MetricDataQueries: [
          query('Many', 'p98'),
          query('Many', 'p99'),
          query('Many', 'Maximum'),
          query('Sets', 'Average'),
          query('Fine', 'Sum', 1),
        ],
      }),
    );
    const values = answer.MetricDataResults.map((one: { Values: number[] }) => one.Values);
    expect(values).toEqual([[1], [2], [100], [2.5], [7]]);
    expect(answer.MetricDataResults[4].Timestamps).toEqual([new Date(ago(1).getTime() + 5_000)]);
    expect(
      await code(
        new GetMetricDataCommand({
          StartTime: ago(5),
          EndTime: ago(0),
          MetricDataQueries: [{ Id: 'e1', Expression: 'SUM(METRICS())' }],
        }),
      ),
    ).toBe('ValidationException');
  });

  test('are listed by namespace, name and dimension', async () => {
    await put('Listed', 1);
    expect(
      (await send(new ListMetricsCommand({ Namespace: 'Shop', MetricName: 'Listed', Dimensions: [{ Name: 'Till' }] })))
        .Metrics,
    ).toEqual([{ Namespace: 'Shop', MetricName: 'Listed', Dimensions }]);
    expect((await send(new ListMetricsCommand({ Namespace: 'None' }))).Metrics ?? []).toEqual([]);
    expect(await code(new ListMetricsCommand({ NextToken: 'forged' }))).toMatch(/^InvalidNextToken/);
  });

  test.each<[string, object]>([
    ['a reserved namespace', { Namespace: 'AWS/EC2', MetricData: [{ MetricName: 'x', Value: 1 }] }],
    ['no value', { Namespace: 'Shop', MetricData: [{ MetricName: 'x' }] }],
    ['two kinds of values', { Namespace: 'Shop', MetricData: [{ MetricName: 'x', Value: 1, Values: [1] }] }],
    ['a time long ago', { Namespace: 'Shop', MetricData: [{ MetricName: 'x', Value: 1, Timestamp: new Date(0) }] }],
    ['another resolution', { Namespace: 'Shop', MetricData: [{ MetricName: 'x', Value: 1, StorageResolution: 7 }] }],
    ['counts of another length', { Namespace: 'Shop', MetricData: [{ MetricName: 'x', Values: [1, 2], Counts: [1] }] }],
  ])('are refused with %s', async (_name, input) => {
    expect(await code(new PutMetricDataCommand(input as never))).toMatch(/^(?:InvalidParameter|MissingRequired)/);
  });
});

describe('alarms', () => {
  const alarm: PutMetricAlarmCommandInput = {
    AlarmName: 'too-many',
    AlarmDescription: 'cups',
    Namespace: 'Shop',
    MetricName: 'Alarmed',
    Dimensions,
    Statistic: 'Sum',
    Period: 60,
    EvaluationPeriods: 1,
    Threshold: 10,
    ComparisonOperator: 'GreaterThanThreshold',
    TreatMissingData: 'notBreaching',
    AlarmActions: [`arn:aws:sns:us-east-1:${accountId}:owner`],
  };
  const found = async () => (await send(new DescribeAlarmsCommand({ AlarmNames: ['too-many'] }))).MetricAlarms[0];

  test('read back as they were put, and follow their metric', async () => {
    await send(new PutMetricAlarmCommand(alarm));
    expect(await found()).toMatchObject({
      ...alarm,
      StateValue: 'INSUFFICIENT_DATA',
      AlarmArn: `arn:aws:cloudwatch:us-east-1:${accountId}:alarm:too-many`,
    });
    await instance.advance(11);
    expect((await found()).StateValue).toBe('OK');
    const now = Date.now() + 11_000;
    await send(
      new PutMetricDataCommand({
        Namespace: 'Shop',
        MetricData: [{ MetricName: 'Alarmed', Dimensions, Value: 11, Timestamp: new Date(now) }],
      }),
    );
    // The next whole minute shows it, to the first look after it: there is one every ten seconds.
    await instance.advance(60 - (Math.floor(now / 1000) % 60) + 11);
    expect(await found()).toMatchObject({
      StateValue: 'ALARM',
      StateReason: expect.stringContaining('Threshold Crossed'),
    });
    const history = await send(
      new DescribeAlarmHistoryCommand({ AlarmName: 'too-many', ScanBy: 'TimestampAscending' }),
    );
    const summaries = history.AlarmHistoryItems.map((one: { HistorySummary: string }) => one.HistorySummary);
    expect(summaries).toEqual(
      expect.arrayContaining([
        'Alarm "too-many" created',
        'Alarm updated from INSUFFICIENT_DATA to OK',
        'Alarm updated from OK to ALARM',
      ]),
    );
    expect(summaries.at(-1)).toContain('not built by Bailey');
    expect(
      (await send(new DescribeAlarmsForMetricCommand({ Namespace: 'Shop', MetricName: 'Alarmed', Dimensions })))
        .MetricAlarms,
    ).toHaveLength(1);
  });

  test('tell dimensions in the order in which they were given, and watch the same metric in any order', async () => {
    const given = ['WebACL', 'Rule', 'Region'].map((Name) => ({ Name, Value: 'x' }));
    await send(new PutMetricAlarmCommand({ ...alarm, AlarmName: 'ordered', Dimensions: given }));
    const told = (await send(new DescribeAlarmsCommand({ AlarmNames: ['ordered'] }))).MetricAlarms[0];
    expect(told.Dimensions).toEqual(given);
    // What was left out is not told: clients compare it with what they sent.
    expect(told.DatapointsToAlarm).toBeUndefined();
    const metric = { Namespace: 'Shop', MetricName: 'Alarmed', Dimensions: [...given].reverse() };
    expect((await send(new DescribeAlarmsForMetricCommand(metric))).MetricAlarms).toHaveLength(1);
    await send(new DeleteAlarmsCommand({ AlarmNames: ['ordered'] }));
  });

  test('are set, silenced, tagged and deleted', async () => {
    const AlarmNames = ['too-many'];
    await send(
      new SetAlarmStateCommand({
        AlarmName: 'too-many',
        StateValue: 'OK',
        StateReason: 'quiet',
        StateReasonData: '{"by":"rudy"}',
      }),
    );
    expect(await found()).toMatchObject({ StateValue: 'OK', StateReason: 'quiet', StateReasonData: '{"by":"rudy"}' });
    await send(new DisableAlarmActionsCommand({ AlarmNames }));
    expect((await found()).ActionsEnabled).toBe(false);
    await send(new EnableAlarmActionsCommand({ AlarmNames }));
    expect((await found()).ActionsEnabled).toBe(true);
    const ResourceARN = (await found()).AlarmArn;
    await send(
      new TagResourceCommand({
        ResourceARN,
        Tags: [
          { Key: 'team', Value: 'till' },
          { Key: 'x', Value: 'y' },
        ],
      }),
    );
    await send(new UntagResourceCommand({ ResourceARN, TagKeys: ['x'] }));
    expect((await send(new ListTagsForResourceCommand({ ResourceARN }))).Tags).toEqual([
      { Key: 'team', Value: 'till' },
    ]);
    await send(new DeleteAlarmsCommand({ AlarmNames }));
    expect((await send(new DescribeAlarmsCommand({ AlarmNames }))).MetricAlarms ?? []).toEqual([]);
    for (const command of [
      new DeleteAlarmsCommand({ AlarmNames }),
      new SetAlarmStateCommand({ AlarmName: 'too-many', StateValue: 'OK', StateReason: 'r' }),
      new EnableAlarmActionsCommand({ AlarmNames }),
      new DisableAlarmActionsCommand({ AlarmNames }),
      new TagResourceCommand({ ResourceARN, Tags: [] }),
      new UntagResourceCommand({ ResourceARN, TagKeys: [] }),
      new ListTagsForResourceCommand({ ResourceARN }),
    ]) {
      expect(await code(command)).toMatch(/^ResourceNotFound/);
    }
  });

  test.each<[string, object]>([
    ['two statistics', { ExtendedStatistic: 'p99' }],
    ['a statistic that is none', { Statistic: undefined, ExtendedStatistic: 'q1' }],
    ['more datapoints than periods', { DatapointsToAlarm: 2 }],
    ['a band', { ComparisonOperator: 'GreaterThanUpperThreshold' }],
    ['another period', { Period: 61 }],
    ['more than a week', { Period: 86_400, EvaluationPeriods: 8 }],
  ])('are refused with %s', async (_name, more) => {
    expect(await code(new PutMetricAlarmCommand({ ...alarm, ...more }))).toMatch(/^(?:InvalidParameter|Validation)/);
  });
});

test('a policy may name the namespace that data are put in', async () => {
  const iam = new IAMClient(instance.clientOptions());
  const nobody = new CloudWatchClient(instance.clientOptions(nobodyKeys));
  const PolicyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: 'cloudwatch:PutMetricData',
        Resource: '*',
        Condition: { StringEquals: { 'cloudwatch:namespace': 'Shop' } },
      },
    ],
  });
  await iam.send(new PutUserPolicyCommand({ UserName: 'nobody', PolicyName: 'metrics', PolicyDocument }));
  const attempt = (Namespace: string) =>
    code(new PutMetricDataCommand({ Namespace, MetricData: [{ MetricName: 'x', Value: 1 }] }), nobody);
  expect(await attempt('Shop')).toBe('succeeded');
  expect(await attempt('Bank')).toMatch(/^AccessDenied/);
  iam.destroy();
  nobody.destroy();
});
