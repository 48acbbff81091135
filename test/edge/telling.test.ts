/** What an instance tells of its traffic: metrics in CloudWatch, access logs in S3. */
import { gunzipSync } from 'node:zlib';
import { CloudWatchClient, GetMetricStatisticsCommand, ListMetricsCommand } from '@aws-sdk/client-cloudwatch';
import { AuthorizeSecurityGroupIngressCommand, CreateSecurityGroupCommand, EC2Client } from '@aws-sdk/client-ec2';
import {
  type ElasticLoadBalancingV2Client,
  ModifyLoadBalancerAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { answering, elbClient, makeListener, makeLoadBalancer } from '../support/elb.ts';
import { accountId, startInstance, type TestInstance, testConfig } from '../support/instance.ts';
import { ask, freePort, until } from './edge.fixture.ts';

let instance: TestInstance;
let elb: ElasticLoadBalancingV2Client;
let s3: S3Client;
let port: number;
let balancer = '';
const asked = 37;

beforeAll(async () => {
  instance = await startInstance({ ...testConfig, cloudtrail: { deliverySeconds: 1 } });
  elb = elbClient(instance);
  s3 = new S3Client(instance.clientOptions());
  port = await freePort();
  const ec2 = new EC2Client(instance.clientOptions());
  const { GroupId } = await ec2.send(new CreateSecurityGroupCommand({ GroupName: 'web', Description: 'web' }));
  const IpPermissions = [{ IpProtocol: 'tcp', FromPort: port, ToPort: port, IpRanges: [{ CidrIp: '127.0.0.0/8' }] }];
  await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
  balancer = (await makeLoadBalancer(elb, 'shop', { SecurityGroups: [GroupId ?? ''] })).LoadBalancerArn;
  await s3.send(new CreateBucketCommand({ Bucket: 'logs' }));
  const statement = {
    Effect: 'Allow',
    Principal: { Service: 'logdelivery.elasticloadbalancing.amazonaws.com' },
    Action: 's3:PutObject',
    Resource: `arn:aws:s3:::logs/mine/AWSLogs/${accountId}/*`,
  };
  const policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
  await s3.send(new PutBucketPolicyCommand({ Bucket: 'logs', Policy: policy }));
  const attributes = {
    'access_logs.s3.enabled': 'true',
    'access_logs.s3.bucket': 'logs',
    'access_logs.s3.prefix': 'mine',
  };
  await elb.send(
    new ModifyLoadBalancerAttributesCommand({
      LoadBalancerArn: balancer,
      Attributes: Object.entries(attributes).map(([Key, Value]) => ({ Key, Value })),
    }),
  );
  await makeListener(elb, balancer, port, answering('coffee'));
  await until(() =>
    ask({ port, path: '/ready' }).then(
      ({ status }) => status === 200,
      () => false,
    ),
  );
});

afterAll(() => instance.stop());

test('M-197 CloudWatch counts what was asked, and lists what is measured', async () => {
  const cloudwatch = new CloudWatchClient(instance.clientOptions());
  const Dimensions = [{ Name: 'LoadBalancer', Value: balancer.split(':loadbalancer/')[1] }];
  const count = async (): Promise<number> => {
    const { Datapoints = [] } = await cloudwatch.send(
      new GetMetricStatisticsCommand({
        Namespace: 'AWS/ApplicationELB',
        MetricName: 'RequestCount',
        Dimensions,
        StartTime: new Date(Date.now() - 3_600_000),
        EndTime: new Date(Date.now() + 120_000),
        Period: 60,
        Statistics: ['Sum'],
      }),
    );
    return Datapoints.reduce((sum, { Sum = 0 }) => sum + Sum, 0);
  };
  for (let at = 0; at < asked; at++) expect((await ask({ port, path: `/n${at}` })).body).toBe('coffee');
  const ready = 1;
  // Jobs run by the instance's clock: it is moved rather than waited for.
  await until(async () => {
    await instance.advance(5);
    return (await count()) >= asked + ready;
  });
  expect(await count()).toBe(asked + ready);
  const { Metrics = [] } = await cloudwatch.send(new ListMetricsCommand({ Namespace: 'AWS/ApplicationELB' }));
  const names = Metrics.map(({ MetricName }) => MetricName);
  expect(names).toEqual(expect.arrayContaining(['RequestCount', 'HTTP_Fixed_Response_Count', 'NewConnectionCount']));
});

test('access logs lie in the bucket, a line for each request', async () => {
  await ask({ port, path: '/look?a="b"', headers: { 'user-agent': 'tester "1"\u00e9', host: `shop.example:${port}` } });
  const lines = async (): Promise<string[]> => {
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: 'logs', Prefix: 'mine/AWSLogs/' }));
    const found: string[] = [];
    for (const { Key = '' } of Contents) {
      if (!Key.endsWith('.log.gz')) continue;
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'logs', Key }));
      const bytes = gunzipSync((await Body?.transformToByteArray()) ?? new Uint8Array(0));
      found.push(...bytes.toString().split('\n').filter(Boolean));
    }
    return found;
  };
  let all: string[] = [];
  await until(async () => {
    await instance.advance(2);
    all = await lines();
    return all.some((line) => line.includes('/look'));
  });
  const line = all.find((one) => one.includes('/look')) ?? '';
  const fields = line.match(/"[^"]*"|\S+/g) ?? [];
  expect(fields).toHaveLength(30);
  expect(fields[0]).toBe('http');
  expect(fields[1]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
  expect(fields[2]).toBe(balancer.split(':loadbalancer/')[1]);
  expect(fields[3]).toMatch(/^127\.0\.0\.1:\d+$/);
  expect(fields.slice(4, 10)).toEqual(['-', '-1', '-1', '-1', '200', '-']);
  expect(fields[12]).toBe(`"GET http://shop.example:${port}/look?a=\\x22b\\x22 HTTP/1.1"`);
  expect(fields[13]).toBe('"tester \\x221\\x22\\xE9"');
  expect(fields[22 - 1 + 1]).toBe('"fixed-response"');
});
