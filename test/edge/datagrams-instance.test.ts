/** UDP from the API to the target and back: several processes share a port, security groups, flow logs and metrics. */
import { createSocket, type Socket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { CloudWatchClient, GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient, CreateLogGroupCommand, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateFlowLogsCommand,
  CreateSecurityGroupCommand,
  DescribeNetworkInterfacesCommand,
  EC2Client,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2';
import {
  CreateListenerCommand,
  DeleteListenerCommand,
  DescribeTargetHealthCommand,
  type ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { IAMClient } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { elbClient, makeLoadBalancer, makeTargetGroup, vpcId } from '../support/elb.ts';
import { accountId, startInstance, type TestInstance, testConfig } from '../support/instance.ts';
import { freePort, pause, until } from './edge.fixture.ts';
import { makeFlowLogRole } from './flow-log-role.fixture.ts';

let instance: TestInstance;
let elb: ElasticLoadBalancingV2Client;
let ec2: EC2Client;
let logs: CloudWatchLogsClient;
let iam: IAMClient;
let cloudwatch: CloudWatchClient;
let port: number;
let group: string;
let targetGroup: string;
let balancer: string;
let listener: string;
const targets: { readonly tcp: Server; readonly udp: Socket; readonly port: number }[] = [];
const clients: Socket[] = [];

/** Says its own port; its health is asked by TCP. */
async function openTarget(): Promise<void> {
  const tcp = createServer((socket) => socket.on('error', () => undefined).end());
  await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
  const { port: own } = tcp.address() as AddressInfo;
  const udp = createSocket('udp4');
  udp.on('message', (bytes, from) => udp.send(`${own} ${bytes}`, from.port, from.address));
  await new Promise<void>((resolve) => udp.bind(own, '127.0.0.1', resolve));
  targets.push({ tcp, udp, port: own });
}

async function client(address: string): Promise<Socket> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, address, resolve));
  clients.push(socket);
  return socket;
}

/** What answers within the time; undefined where nobody does. */
function ask(socket: Socket, text: string, withinMs = 3_000): Promise<string | undefined> {
  return new Promise((resolve) => {
    const end = (answer: string | undefined): void => {
      socket.off('message', hear);
      clearTimeout(timer);
      resolve(answer);
    };
    const hear = (bytes: Buffer): void => {
      const [own, heard] = bytes.toString().split(' ');
      if (heard === text) end(own);
    };
    const timer = setTimeout(() => end(undefined), withinMs);
    socket.on('message', hear);
    socket.send(text, port, '127.0.0.1');
  });
}

const admits = (CidrIp: string) => ({
  GroupId: group,
  IpPermissions: [{ IpProtocol: 'udp', FromPort: port, ToPort: port, IpRanges: [{ CidrIp }] }],
});

beforeAll(async () => {
  instance = await startInstance({ ...testConfig, edge: { processes: 2 } });
  elb = elbClient(instance);
  const options = instance.clientOptions();
  [ec2, logs, iam] = [new EC2Client(options), new CloudWatchLogsClient(options), new IAMClient(options)];
  cloudwatch = new CloudWatchClient(options);
  await Promise.all([openTarget(), openTarget()]);
  port = await freePort();
  const made = { GroupName: 'udp', Description: 'udp', VpcId: vpcId };
  group = (await ec2.send(new CreateSecurityGroupCommand(made))).GroupId ?? '';
  const more = { Type: 'network', SecurityGroups: [group] } as const;
  balancer = (await makeLoadBalancer(elb, 'names', { ...more, SecurityGroups: [group] })).LoadBalancerArn;
  const checks = { HealthCheckIntervalSeconds: 5, HealthCheckTimeoutSeconds: 2 };
  targetGroup = (await makeTargetGroup(elb, 'names', { Protocol: 'UDP', Port: 53, ...checks })).TargetGroupArn;
  const Targets = targets.map((one) => ({ Id: '127.0.0.1', Port: one.port, AvailabilityZone: 'all' }));
  await elb.send(new RegisterTargetsCommand({ TargetGroupArn: targetGroup, Targets }));
  const { Listeners } = await elb.send(
    new CreateListenerCommand({
      LoadBalancerArn: balancer,
      Protocol: 'UDP',
      Port: port,
      DefaultActions: [{ Type: 'forward', TargetGroupArn: targetGroup }],
    }),
  );
  listener = Listeners?.[0]?.ListenerArn ?? '';
  await until(async () => {
    const asked = new DescribeTargetHealthCommand({ TargetGroupArn: targetGroup });
    const { TargetHealthDescriptions: all = [] } = await elb.send(asked);
    return all.length === 2 && all.every(({ TargetHealth }) => TargetHealth?.State === 'healthy');
  });
  await pause(300);
}, 60_000);
afterAll(async () => {
  for (const socket of clients) socket.close();
  for (const { tcp, udp } of targets) {
    tcp.close();
    udp.close();
  }
  for (const one of [elb, ec2, logs, iam, cloudwatch]) one?.destroy();
  await instance?.stop();
});

test('nothing passes before a rule for UDP lets it in', async () => {
  const one = await client('127.0.0.1');
  expect(await ask(one, 'early', 300)).toBeUndefined();
  const tcp = { ...admits('0.0.0.0/0').IpPermissions[0], IpProtocol: 'tcp' };
  await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: group, IpPermissions: [tcp] }));
  await pause(300);
  expect(await ask(one, 'tcp', 300)).toBeUndefined();
  await ec2.send(new AuthorizeSecurityGroupIngressCommand(admits('0.0.0.0/0')));
  await until(async () => (await ask(one, 'in', 300)) !== undefined);
});

test('flows keep their target when the process that carried them is gone', async () => {
  const before = new Map<Socket, string | undefined>();
  for (let n = 0; n < 24; n++) {
    const one = await client('127.0.0.1');
    before.set(one, await ask(one, 'before'));
  }
  expect(new Set(before.values())).toEqual(new Set(targets.map((one) => String(one.port))));
  const pid = (slot: number): number =>
    Number(readFileSync(join(instance.dataDir, 'edge', `${slot}.pid`), 'utf8').trim());
  const gone = pid(0);
  process.kill(gone, 'SIGKILL');
  await until(() => {
    try {
      process.kill(gone, 0);
      return false;
    } catch {
      return true;
    }
  });
  // What was under way to the process may be lost with it: clients of UDP ask again.
  const patient = async (one: Socket) => (await ask(one, 'after', 1_000)) ?? ask(one, 'after', 1_000);
  for (const [one, name] of before) expect(await patient(one)).toBe(name);
});

test('flow logs and metrics tell of flows, and of what was refused', async () => {
  const role = await makeFlowLogRole(iam);
  await logs.send(new CreateLogGroupCommand({ logGroupName: 'flows' }));
  await ec2.send(
    new CreateFlowLogsCommand({
      ResourceType: 'VPC',
      ResourceIds: [vpcId],
      TrafficType: 'ALL',
      LogGroupName: 'flows',
      DeliverLogsPermissionArn: role,
      MaxAggregationInterval: 60,
    }),
  );
  await ec2.send(new AuthorizeSecurityGroupIngressCommand(admits('127.0.0.5/32')));
  await ec2.send(new RevokeSecurityGroupIngressCommand(admits('0.0.0.0/0')));
  const stranger = await client('127.0.0.9');
  await until(async () => (await ask(await client('127.0.0.8'), 'refused', 100)) === undefined);
  await pause(300);
  expect(await ask(stranger, 'refused', 300)).toBeUndefined();
  const one = await client('127.0.0.5');
  for (const text of ['first', 'second']) expect(await ask(one, text)).toMatch(/^\d+$/);
  // What ends is told of at once.
  await elb.send(new DeleteListenerCommand({ ListenerArn: listener }));
  await pause(800);
  await instance.advance(11);
  await instance.advance(61);
  const Filters = [{ Name: 'requester-id', Values: ['amazon-elb'] }];
  const { NetworkInterfaces = [] } = await ec2.send(new DescribeNetworkInterfacesCommand({ Filters }));
  const own = NetworkInterfaces.map(({ PrivateIpAddress = '' }) => PrivateIpAddress.replaceAll('.', '\\.')).join('|');
  const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName: 'flows' }));
  const lines = events.map(({ message = '' }) => message);
  const { port: clientPort } = one.address();
  const count = (pattern: string) =>
    lines.filter((line) => new RegExp(`^2 ${accountId} eni-\\w+ ${pattern} OK$`).test(line)).length;
  // Two datagrams of 5 and 6 bytes, and 28 bytes of headers for each.
  expect(count(`127\\.0\\.0\\.5 (?:${own}) ${clientPort} ${port} 17 2 67 \\d+ \\d+ ACCEPT`)).toBe(1);
  expect(count(`(?:${own}) 127\\.0\\.0\\.5 ${port} ${clientPort} 17 2 \\d+ \\d+ \\d+ ACCEPT`)).toBe(1);
  expect(count(`127\\.0\\.0\\.9 (?:${own}) ${stranger.address().port} ${port} 17 1 28 \\d+ \\d+ REJECT`)).toBe(1);
  for (const MetricName of ['NewFlowCount_UDP', 'ProcessedBytes_UDP', 'SecurityGroupBlockedFlowCount_Inbound_UDP']) {
    const { Datapoints = [] } = await cloudwatch.send(
      new GetMetricStatisticsCommand({
        Namespace: 'AWS/NetworkELB',
        MetricName,
        Dimensions: [{ Name: 'LoadBalancer', Value: balancer.split(':loadbalancer/')[1] }],
        StartTime: new Date(Date.now() - 3_600_000),
        EndTime: new Date(Date.now() + 3_600_000),
        Period: 60,
        Statistics: ['Sum'],
      }),
    );
    expect(Datapoints.reduce((sum, { Sum = 0 }) => sum + Sum, 0)).toBeGreaterThan(0);
  }
}, 60_000);
