/** A whole instance: what is configured by the API is what the edge does, also while there is no control plane. */

import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DescribeSubnetsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DeleteListenerCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  ModifyListenerCommand,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { AssociateWebACLCommand, CreateIPSetCommand, CreateWebACLCommand, WAFV2Client } from '@aws-sdk/client-wafv2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { adminKeys, testConfig } from '../support/instance.ts';
import { type Running, up } from '../support/process.ts';
import { ask, freePort, pause, temporaryFolder, until } from './edge.fixture.ts';

const folder = temporaryFolder();
const dataDir = join(folder, 'data');
const configFile = join(folder, 'bailey.yaml');
let instance: Running;
let port: number;
let listenerArn = '';
let balancerArn = '';
let groupArn = '';
const target = createServer((incoming, outgoing) => outgoing.end(`hello ${incoming.url}`));

function clients() {
  const options = { endpoint: instance.endpoint, region: 'us-east-1', credentials: adminKeys, maxAttempts: 1 };
  return {
    ec2: new EC2Client(options),
    elb: new ElasticLoadBalancingV2Client(options),
    waf: new WAFV2Client(options),
  };
}

const start = async (): Promise<Running> => up(['--data', dataDir, '--config', configFile]);

beforeAll(async () => {
  writeFileSync(configFile, JSON.stringify({ ...testConfig, edge: { processes: 2 } }));
  await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
  port = await freePort();
  instance = await start();
  const { ec2, elb } = clients();
  const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({}));
  const { GroupId } = await ec2.send(new CreateSecurityGroupCommand({ GroupName: 'web', Description: 'web' }));
  await ec2.send(
    new AuthorizeSecurityGroupIngressCommand({
      GroupId,
      IpPermissions: [{ IpProtocol: 'tcp', FromPort: port, ToPort: port, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
    }),
  );
  const { LoadBalancers } = await elb.send(
    new CreateLoadBalancerCommand({
      Name: 'shop',
      Subnets: Subnets.slice(0, 2).map(({ SubnetId }) => SubnetId ?? ''),
      SecurityGroups: [GroupId ?? ''],
    }),
  );
  balancerArn = LoadBalancers?.[0]?.LoadBalancerArn ?? '';
  const { TargetGroups } = await elb.send(
    new CreateTargetGroupCommand({
      Name: 'web',
      Protocol: 'HTTP',
      Port: 80,
      VpcId: Subnets[0]?.VpcId,
      TargetType: 'ip',
      HealthCheckIntervalSeconds: 5,
      HealthCheckTimeoutSeconds: 2,
    }),
  );
  groupArn = TargetGroups?.[0]?.TargetGroupArn ?? '';
  await elb.send(
    new RegisterTargetsCommand({
      TargetGroupArn: groupArn,
      Targets: [{ Id: '127.0.0.1', Port: (target.address() as AddressInfo).port, AvailabilityZone: 'all' }],
    }),
  );
  const { Listeners } = await elb.send(
    new CreateListenerCommand({
      LoadBalancerArn: balancerArn,
      Protocol: 'HTTP',
      Port: port,
      DefaultActions: [{ Type: 'forward', TargetGroupArn: groupArn }],
    }),
  );
  listenerArn = Listeners?.[0]?.ListenerArn ?? '';
});

afterAll(async () => {
  await instance?.end('SIGTERM');
  target.close();
  rmSync(folder, { recursive: true, force: true });
});

const pids = (): number[] =>
  readdirSync(join(dataDir, 'edge'))
    .filter((name) => name.endsWith('.pid'))
    .map((name) => Number(readFileSync(join(dataDir, 'edge', name), 'utf8')));

const isAlive = (pid: number): boolean => {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z');
  } catch {
    return false;
  }
};

const works = (): Promise<boolean> =>
  ask({ port }).then(
    ({ status }) => status === 200,
    () => false,
  );

test('a listener that is created is served, and its target found healthy', async () => {
  await until(works);
  expect((await ask({ port, path: '/x' })).body).toBe('hello /x');
  await until(async () => {
    const answer = await clients().elb.send(new DescribeTargetHealthCommand({ TargetGroupArn: groupArn }));
    return answer.TargetHealthDescriptions?.[0]?.TargetHealth?.State === 'healthy';
  });
});

test('M-164 M-188 M-191 M-192 a web ACL acts as soon as it is associated: 403 by IP set, and the target sees nothing', async () => {
  const { waf } = clients();
  const { Summary: set } = await waf.send(
    new CreateIPSetCommand({
      Name: 'pranksters',
      Scope: 'REGIONAL',
      IPAddressVersion: 'IPV4',
      Addresses: ['127.0.0.66/32'],
    }),
  );
  const visible = { SampledRequestsEnabled: true, CloudWatchMetricsEnabled: true, MetricName: 'm' };
  const { Summary } = await waf.send(
    new CreateWebACLCommand({
      Name: 'acl',
      Scope: 'REGIONAL',
      DefaultAction: { Allow: {} },
      VisibilityConfig: visible,
      Rules: [
        {
          Name: 'blocked',
          Priority: 1,
          Statement: { IPSetReferenceStatement: { ARN: set?.ARN } },
          Action: { Block: {} },
          VisibilityConfig: visible,
        },
      ],
    }),
  );
  await waf.send(new AssociateWebACLCommand({ WebACLArn: Summary?.ARN, ResourceArn: balancerArn }));
  const prankster = { port, localAddress: '127.0.0.66' };
  await until(async () => (await ask(prankster)).status === 403);
  const refused = await ask(prankster);
  expect(refused.body).toContain('<center><h1>403 Forbidden</h1></center>');
  expect((await ask({ port })).status).toBe(200);
});

test('the control plane is killed: traffic flows on, and a new one finds the processes again', async () => {
  const before = pids();
  expect(before).toHaveLength(2);
  let failures = 0;
  let requests = 0;
  let isOver = false;
  const traffic = (async () => {
    while (!isOver) {
      requests += 1;
      if (!(await works())) failures += 1;
      await pause(5);
    }
  })();
  await instance.end('SIGKILL');
  await pause(1_000);
  instance = await start();
  const { elb } = clients();
  await elb.send(
    new ModifyListenerCommand({
      ListenerArn: listenerArn,
      DefaultActions: [
        {
          Type: 'fixed-response',
          FixedResponseConfig: { StatusCode: '200', ContentType: 'text/plain', MessageBody: 'new' },
        },
      ],
    }),
  );
  await until(async () => (await ask({ port })).body === 'new' && (await ask({ port })).body === 'new');
  isOver = true;
  await traffic;
  expect(failures).toBe(0);
  expect(requests).toBeGreaterThan(50);
  expect(pids()).toEqual(before);
});

test('an edge process that dies is replaced', async () => {
  const [first = 0] = pids();
  process.kill(first, 'SIGKILL');
  await until(() => pids().every((pid) => pid !== first && isAlive(pid)));
  await until(works);
});

test('a deleted listener is closed, and a clean end ends the edge', async () => {
  await clients().elb.send(new DeleteListenerCommand({ ListenerArn: listenerArn }));
  await until(async () => !(await works()));
  const before = pids();
  await instance.end('SIGTERM');
  await until(() => before.every((pid) => !isAlive(pid)));
});
