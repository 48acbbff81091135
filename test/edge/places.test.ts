/** Edge nodes in availability zones and at edge locations: each carries what belongs there, and names lead to it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { Resolver } from 'node:dns/promises';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AuthorizeSecurityGroupIngressCommand, EC2Client } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type JoinedNode, joinEdge } from '../../src/instance/edge/join.ts';
import { cloudFrontClient, makeDistribution } from '../support/cloudfront.ts';
import { answering, defaultGroupId, elbClient, makeListener, makeLoadBalancer, subnetIds } from '../support/elb.ts';
import { adminKeys, testConfig } from '../support/instance.ts';
import { bailey, type Running, up } from '../support/process.ts';
import { ask, freePort, until } from './edge.fixture.ts';

const root = mkdtempSync(join(tmpdir(), 'bp-'));
const dataDir = join(root, 'data');
const bin = fileURLToPath(new URL('../../bin/bailey.mjs', import.meta.url));
/** This instance's own node is in zone a. */
const zoneA = '127.0.0.1';
const zoneB = '127.0.0.41';
const zoneC = '127.0.0.43';
const frankfurt = '127.0.0.42';
const everybody = [zoneA, zoneB, zoneC, frankfurt];
let instance: Running;
let inFrankfurt: ChildProcess;
const nodes = new Map<string, JoinedNode>();
let [shopPort, teaPort, cdnPort, dnsPort] = [0, 0, 0, 0];
let [shopName, teaName, cdnName, teaCdnName] = ['', '', '', ''];

async function newToken(): Promise<string> {
  return (await bailey(['edge', 'token', '--data', dataDir])).output.trim();
}

async function inZone(zone: string, bindAddress: string): Promise<void> {
  const folder = join(root, zone);
  const token = await newToken();
  nodes.set(zone, await joinEdge({ folder, bindAddress, processes: 1, token, place: { zone } }));
}

beforeAll(async () => {
  [shopPort, teaPort, cdnPort, dnsPort] = [await freePort(), await freePort(), await freePort(), await freePort()];
  const edge = {
    processes: 1,
    zone: 'us-east-1a',
    join: { host: '127.0.0.1', port: 0 },
    dns: { port: dnsPort },
    cloudfront: { port: cdnPort },
  };
  const configFile = join(root, 'bailey.json');
  writeFileSync(configFile, JSON.stringify({ ...testConfig, edge, edgeLocations: ['FRA'] }));
  instance = await up(['--data', dataDir, '--config', configFile]);
  const options = { endpoint: instance.endpoint, region: 'us-east-1', credentials: adminKeys, maxAttempts: 1 };
  const asInstance = { clientOptions: () => options } as never;
  const loopback = [{ CidrIp: '127.0.0.0/8' }];
  await new EC2Client(options).send(
    new AuthorizeSecurityGroupIngressCommand({
      GroupId: defaultGroupId,
      IpPermissions: [{ IpProtocol: 'tcp', FromPort: 1, ToPort: 65_535, IpRanges: loopback }],
    }),
  );
  const elb = elbClient(asInstance);
  const [a = '', b = '', c = ''] = subnetIds;
  const shop = await makeLoadBalancer(elb, 'shop', { Subnets: [a, c] });
  const tea = await makeLoadBalancer(elb, 'tea', { Subnets: [b, c] });
  await makeListener(elb, shop.LoadBalancerArn, shopPort, answering('coffee'));
  await makeListener(elb, tea.LoadBalancerArn, teaPort, answering('tea'));
  const before = async (DomainName: string | undefined, HTTPPort: number): Promise<string> => {
    const CustomOriginConfig = { HTTPPort, HTTPSPort: 443, OriginProtocolPolicy: 'http-only' } as const;
    const Items = [{ Id: 'web', DomainName, CustomOriginConfig }];
    const { distribution } = await makeDistribution(cloudFrontClient(asInstance), { Origins: { Quantity: 1, Items } });
    return distribution.DomainName ?? '';
  };
  [shopName, teaName] = [shop.DNSName ?? '', tea.DNSName ?? ''];
  [cdnName, teaCdnName] = [await before(shop.DNSName, shopPort), await before(tea.DNSName, teaPort)];
});

afterAll(async () => {
  for (const node of nodes.values()) await node.close();
  if (inFrankfurt) {
    const ended = new Promise((resolve) => inFrankfurt.once('exit', resolve));
    inFrankfurt.kill('SIGCONT');
    inFrankfurt.kill('SIGTERM');
    await ended;
  }
  await instance?.end('SIGTERM');
  rmSync(root, { recursive: true, force: true });
});

const at = (host: string, port: number, name = ''): Promise<string> =>
  ask({ port, host, headers: { host: name } }).then(
    ({ status, body }) => (status === 200 ? body : `${status}`),
    (error: NodeJS.ErrnoException) => error.code ?? 'broken off',
  );

/** What each address answers at a port, in the order of `everybody`. */
const everywhere = (port: number, name?: string): Promise<string[]> =>
  Promise.all(everybody.map((host) => at(host, port, name)));

/** Edge locations answer names. */
async function addressesOf(name: string, server = frankfurt): Promise<string[]> {
  const resolver = new Resolver({ timeout: 500, tries: 1 });
  resolver.setServers([`${server}:${dnsPort}`]);
  return (await resolver.resolve4(name).catch(({ code }) => [code])).sort();
}

const leadsTo = (name: string, wanted: readonly string[]): Promise<void> =>
  until(async () => (await addressesOf(name)).join() === wanted.join());

test('a zone or an edge location that is not there is refused at joining, and the token stays good', async () => {
  const token = await newToken();
  const join = (...more: string[]) => bailey(['edge', '--join', token, '--data', `${root}/node`, ...more]);
  const zone = await join('--zone', 'us-east-1z');
  expect(zone.code).toBe(1);
  expect(zone.errors).toContain('There is no availability zone us-east-1z: us-east-1 has us-east-1a, us-east-1b');
  const location = await join('--edge-location', 'LHR');
  expect([location.code, location.errors]).toEqual([
    1,
    expect.stringContaining('There is no edge location LHR: there are FRA.'),
  ]);
  expect((await join('--edge-location', 'FRA', '--zone', 'us-east-1a')).errors).toContain('--zone or --edge-location');
  expect((await bailey(['edge', 'list', '--data', dataDir])).output).toBe('');
  const options = ['--data', `${root}/node`, '--bind', frankfurt, '--processes', '1'];
  inFrankfurt = spawn(process.execPath, [bin, 'edge', '--join', token, '--edge-location', 'FRA', ...options], {
    stdio: 'ignore',
  });
  await until(async () => (await bailey(['edge', 'list', '--data', dataDir])).output.includes('  connected  FRA  '));
});

test('an edge location serves the distribution and answers names, and carries no load balancer', async () => {
  await until(async () => (await at(frankfurt, cdnPort, cdnName)) === 'coffee');
  expect(await everywhere(cdnPort, cdnName)).toEqual(['ECONNREFUSED', 'ECONNREFUSED', 'ECONNREFUSED', 'coffee']);
  await leadsTo(cdnName, [frankfurt]);
  expect(await addressesOf(cdnName, zoneA)).toEqual(['ECONNREFUSED']);
  expect(await at(frankfurt, shopPort)).toBe('ECONNREFUSED');
  expect(await at(frankfurt, teaPort)).toBe('ECONNREFUSED');
});

test('a node in a zone listens for the load balancers in its zone alone, and their names lead to it', async () => {
  await leadsTo(shopName, [zoneA]);
  expect(await addressesOf(teaName)).toEqual(['ENOTFOUND']);
  await inZone('us-east-1b', zoneB);
  await inZone('us-east-1c', zoneC);
  await leadsTo(shopName, [zoneA, zoneC]);
  await leadsTo(teaName, [zoneB, zoneC]);
  await until(async () => (await at(zoneB, teaPort)) === 'tea' && (await at(zoneC, shopPort)) === 'coffee');
  expect(await everywhere(shopPort)).toEqual(['coffee', 'ECONNREFUSED', 'coffee', 'ECONNREFUSED']);
  expect(await everywhere(teaPort)).toEqual(['ECONNREFUSED', 'tea', 'tea', 'ECONNREFUSED']);
  expect(await addressesOf(cdnName)).toEqual([frankfurt]);
  // Its origin is asked where it is carried.
  await until(async () => (await at(frankfurt, cdnPort, teaCdnName)) === 'tea');
});

test('names lead to a node that is gone no longer, unless no other is left', async () => {
  await nodes.get('us-east-1c')?.close();
  await leadsTo(shopName, [zoneA]);
  await leadsTo(teaName, [zoneB]);
  await nodes.get('us-east-1b')?.close();
  await leadsTo(teaName, [zoneB, zoneC]);
  nodes.clear();
  const { output } = await bailey(['edge', 'list', '--data', dataDir]);
  expect(output).toMatch(/ {2}away {2}us-east-1b .* 127\.0\.0\.41\n/);
});

test('a node keeps its place when it starts again, and is not given another', async () => {
  const again = { folder: join(root, 'us-east-1b'), bindAddress: zoneB, processes: 1 };
  await expect(joinEdge({ ...again, place: { zone: 'us-east-1a' } })).rejects.toThrow(/given its place when it joins/);
  nodes.set('us-east-1b', await joinEdge(again));
  await leadsTo(teaName, [zoneB]);
  await until(async () => (await at(zoneB, teaPort)) === 'tea');
  expect(await at(zoneB, shopPort)).toBe('ECONNREFUSED');
});

test('a node that falls silent is away, and comes again by itself', async () => {
  const listed = async (): Promise<string> => (await bailey(['edge', 'list', '--data', dataDir])).output;
  expect(await listed()).toContain('  connected  FRA  ');
  inFrankfurt.kill('SIGSTOP');
  await until(async () => (await listed()).includes('  away  FRA  '), 40_000);
  // Its processes carry on.
  expect(await at(frankfurt, cdnPort, cdnName)).toBe('coffee');
  inFrankfurt.kill('SIGCONT');
  await until(async () => (await listed()).includes('  connected  FRA  '));
}, 60_000);
