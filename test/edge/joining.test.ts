/** Edge nodes of other machines: they join with a token, once, and carry on by themselves. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { AuthorizeSecurityGroupIngressCommand, CreateSecurityGroupCommand, EC2Client } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodeFrame } from '../../src/edge/control/frames.ts';
import { type JoinedNode, joinEdge } from '../../src/instance/edge/join.ts';
import { parseJoinToken, printJoinToken } from '../../src/instance/edge/join-token.ts';
import { answering, elbClient, makeListener, makeLoadBalancer } from '../support/elb.ts';
import { adminKeys, testConfig } from '../support/instance.ts';
import { bailey, type Running, up } from '../support/process.ts';
import { ask, freePort, until } from './edge.fixture.ts';

const root = mkdtempSync(join(tmpdir(), 'bj-'));
const dataDir = join(root, 'data');
const configFile = join(root, 'bailey.json');
const elsewhere = '127.0.0.31';
let instance: Running;
let port: number;
let node: JoinedNode | undefined;
let token = '';

const start = async (): Promise<Running> => up(['--data', dataDir, '--config', configFile, '--dns-port', '0']);

beforeAll(async () => {
  const joinPort = await freePort();
  const edge = { processes: 1, join: { host: '127.0.0.1', port: joinPort } };
  writeFileSync(configFile, JSON.stringify({ ...testConfig, edge }));
  instance = await start();
  const options = { endpoint: instance.endpoint, region: 'us-east-1', credentials: adminKeys, maxAttempts: 1 };
  port = await freePort();
  const ec2 = new EC2Client(options);
  const { GroupId } = await ec2.send(new CreateSecurityGroupCommand({ GroupName: 'web', Description: 'web' }));
  const IpPermissions = [{ IpProtocol: 'tcp', FromPort: port, ToPort: port, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }];
  await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
  const elb = elbClient({ clientOptions: () => options } as never);
  const { LoadBalancerArn } = await makeLoadBalancer(elb, 'shop', { SecurityGroups: [GroupId ?? ''] });
  await makeListener(elb, LoadBalancerArn, port, answering('coffee'));
});

afterAll(async () => {
  await node?.close();
  await instance?.end('SIGTERM');
  rmSync(root, { recursive: true, force: true });
});

const bodyAt = (host: string): Promise<string> =>
  ask({ port, host }).then(
    ({ body }) => body,
    () => '',
  );

const folder = join(root, 'node');
const joining = (given?: string) =>
  joinEdge({ folder, bindAddress: elsewhere, processes: 1, ...(given !== undefined && { token: given }) });

test('a node joins with a token of the operator, and serves what the instance serves', async () => {
  const made = await bailey(['edge', 'token', '--data', dataDir]);
  expect([made.code, made.errors]).toEqual([0, '']);
  token = made.output.trim();
  node = await joining(token);
  await until(async () => (await bodyAt(elsewhere)) === 'coffee');
  const listed = await bailey(['edge', 'list', '--data', dataDir]);
  expect(listed.output).toContain(`${node.id}  connected`);
});

test('a token is good once; forged ones, other authorities and silence join nothing', async () => {
  const other = join(root, 'other');
  const refused = (given: string) => joinEdge({ folder: other, bindAddress: '127.0.0.32', processes: 1, token: given });
  await expect(refused(token)).rejects.toThrow(/did not take the token/);
  const parsed = parseJoinToken(token);
  await expect(refused(printJoinToken({ ...parsed, secret: 'forged' }))).rejects.toThrow(/did not take the token/);
  await expect(refused('nonsense')).rejects.toThrow(/no join token/);
  // Whoever has no certificate is sent nothing, whatever they say.
  const { host, port: door, root: ca } = parsed;
  const heard = await new Promise<string>((resolve) => {
    const socket = connect({ host, port: door, ca, servername: 'edge.bailey.internal' }, () => {
      socket.write(encodeFrame({ type: 'hello', token: '', slot: 0, pid: 1, version: 0 }));
    });
    let all = '';
    socket.on('data', (chunk) => {
      all += chunk;
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(all));
  });
  expect(heard).toBe('');
});

test('it carries on while there is no control plane, and finds the next one', async () => {
  await instance.end('SIGKILL');
  expect(await bodyAt(elsewhere)).toBe('coffee');
  instance = await start();
  await until(async () => (await bailey(['edge', 'list', '--data', dataDir])).output.includes('  connected'));
  expect(await bodyAt(elsewhere)).toBe('coffee');
});

test('a node that starts again needs no token; one that was removed is sent nothing', async () => {
  await node?.close();
  await until(async () => (await bodyAt(elsewhere)) === '');
  node = await joining();
  await until(async () => (await bodyAt(elsewhere)) === 'coffee');
  const { code } = await bailey(['edge', 'remove', node.id, '--data', dataDir]);
  expect(code).toBe(0);
  await node.close();
  node = await joining();
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect(await bodyAt(elsewhere)).toBe('');
});
