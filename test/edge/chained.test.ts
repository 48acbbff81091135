/** Application load balancers behind network load balancers: connections are handed on, and clients stay who they are. */
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EdgeNode } from '../../src/edge/node.ts';
import type { EdgeLimits, LoadBalancerSettings, TargetGroupSettings } from '../../src/edge/snapshot.ts';
import {
  ask,
  freePort,
  groupArn,
  listener,
  loadBalancer,
  mirror,
  type Origin,
  openNode,
  origin,
  pause,
  raw,
  seenBy,
  snapshot,
  targetGroup,
  until,
} from './edge.fixture.ts';

let node: EdgeNode;
let web: Origin;
let front: number;
let back: number;
const frontArn = 'arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/net/front/50dc6c495c0c9188';
const backArn = 'arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/shop/50dc6c495c0c9188';

beforeAll(async () => {
  web = await origin(mirror);
  [front, back] = await Promise.all([freePort(), freePort()]);
  node = openNode();
});
afterAll(async () => {
  await node.close(0);
  await web.close();
});

interface Using {
  readonly chain?: Partial<TargetGroupSettings>;
  readonly frontIngress?: LoadBalancerSettings['ingress'];
  readonly backIngress?: LoadBalancerSettings['ingress'];
  readonly trustedProxies?: readonly string[];
  readonly loadBalancer?: string;
  readonly over?: Partial<LoadBalancerSettings>;
  readonly limits?: Partial<EdgeLimits>;
}

const rule = (port: number, cidr: string) => [
  { groupId: 'sg', ruleId: 'sgr', protocol: 6, fromPort: port, toPort: port, cidrs: [cidr] },
];

async function use(using: Using = {}): Promise<void> {
  const { chain, frontIngress, backIngress, trustedProxies = [], over = {}, limits = {} } = using;
  const forward = [{ Type: 'forward' as const, TargetGroupArn: groupArn('chain') }];
  const target = { id: backArn, loadBalancer: using.loadBalancer ?? backArn, port: back, registeredAt: 1 };
  await node.apply(
    snapshot({
      loadBalancers: [
        loadBalancer([listener(front, { arn: `${frontArn}/1`, protocol: 'TCP', defaultActions: forward })], {
          arn: frontArn,
          type: 'network',
          ...over,
          ...(frontIngress && { ingress: frontIngress }),
        }),
        loadBalancer([listener(back)], { ...over, ...(backIngress && { ingress: backIngress }) }),
      ],
      targetGroups: [
        targetGroup('chain', [], { protocol: 'TCP', targets: [target], ...chain }),
        targetGroup('web', [web.port]),
      ],
      trustedProxies,
      limits,
    }),
  );
}

test('requests are routed by the application load balancer, with the address that the client really has', async () => {
  await use();
  const seen = await seenBy({ port: front, path: '/hello', localAddress: '127.0.0.5' });
  expect(seen).toMatchObject({ status: 200, url: '/hello' });
  expect(seen.headers['x-forwarded-for']).toBe('127.0.0.5');
  expect(seen.headers['x-forwarded-port']).toBe(String(back));
  const two = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
  expect((await raw(front, two + two)).match(/HTTP\/1\.1 200/g)).toHaveLength(2);
});

test('both security groups are asked about the client', async () => {
  await use({ backIngress: rule(back, '127.0.0.5/32') });
  expect((await ask({ port: front, localAddress: '127.0.0.5' })).status).toBe(200);
  await expect(ask({ port: front, localAddress: '127.0.0.6' })).rejects.toThrow();
  await use({ frontIngress: rule(front, '127.0.0.6/32') });
  expect((await ask({ port: front, localAddress: '127.0.0.6' })).status).toBe(200);
  await expect(ask({ port: front, localAddress: '127.0.0.5' })).rejects.toThrow();
});

test('a client for whom a trusted proxy speaks is that client here, too; nobody else speaks for others', async () => {
  const bytes =
    'PROXY TCP4 198.51.100.7 198.51.100.1 4711 80\r\nGET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';
  await use({ trustedProxies: ['127.0.0.0/8'] });
  expect(await raw(front, bytes)).toMatch(/"x-forwarded-for":"198\.51\.100\.7"/);
  // A second header is no header: it was sent by whom the proxy speaks for.
  expect(await raw(front, bytes.replace('GET', 'PROXY TCP4 9.9.9.9 9.9.9.9 1 80\r\nGET'))).not.toMatch(/9\.9\.9\.9"/);
  await use();
  expect(await raw(front, bytes)).not.toMatch(/198\.51\.100\.7/);
});

test('its health is asked over HTTP, as clients ask', async () => {
  const healthCheck = { ...targetGroup('x', []).healthCheck, enabled: true, intervalSeconds: 0.05, matcher: '200-399' };
  const states = async (state: string): Promise<void> =>
    until(() => (node.report()?.health ?? []).some((one) => one.targetId === backArn && one.health.state === state));
  await use({ chain: { healthCheck } });
  await states('healthy');
  await use({ chain: { healthCheck: { ...healthCheck, matcher: '404' } } });
  await states('unhealthy');
});

test('a client counts once, though two load balancers have it', async () => {
  await use({ limits: { connectionsPerSource: 2 } });
  const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
  const both = [connect(front, '127.0.0.1'), connect(front, '127.0.0.1')];
  for (const round of ['first', 'second']) {
    for (const socket of both) {
      const heard = new Promise((resolve) => {
        socket.once('data', resolve).once('close', () => resolve(undefined));
      });
      socket.on('error', () => undefined).write(get);
      expect(String(await heard), round).toMatch(/^HTTP\/1\.1 200/);
    }
  }
  for (const socket of both) socket.destroy();
});

test('without a listener of that load balancer on the port the connection ends', async () => {
  await use({ loadBalancer: backArn.replace('/shop/', '/other/') });
  expect(await raw(front, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')).toBe('');
});

test('flows and bytes are counted, and nothing is held of connections that are over', async () => {
  await use();
  node.report();
  const open: Socket[] = [];
  for (let n = 0; n < 20; n++) {
    const socket = connect(front, '127.0.0.1');
    socket.on('error', () => undefined).write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await new Promise((resolve) => socket.once('data', resolve));
    open.push(socket);
  }
  for (const socket of open) socket.destroy();
  await pause(200);
  const sums = new Map<string, number>();
  for (const { namespace, values } of node.report()?.metrics ?? []) {
    for (const [name, { sum }] of Object.entries(values)) sums.set(`${namespace} ${name}`, sum);
  }
  expect(sums.get('AWS/NetworkELB NewFlowCount_TCP')).toBe(20);
  expect(sums.get('AWS/ApplicationELB NewConnectionCount')).toBe(20);
  expect(sums.get('AWS/NetworkELB ProcessedBytes_TCP')).toBeGreaterThan(20 * 27);
});
