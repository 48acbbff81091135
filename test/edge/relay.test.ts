/** Network load balancers: connections are joined to targets, whatever they carry. */
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EdgeNode } from '../../src/edge/node.ts';
import { readProxyHeader } from '../../src/gateway/proxy-protocol.ts';
import { freePort, groupArn, listener, loadBalancer, openNode, snapshot, targetGroup, until } from './edge.fixture.ts';

let node: EdgeNode;
let echo: Server;
let port: number;
let first: Buffer = Buffer.alloc(0);

beforeAll(async () => {
  echo = createServer({ allowHalfOpen: true }, (socket) => {
    socket.once('data', (chunk: Buffer) => {
      first = chunk;
    });
    socket.on('error', () => undefined);
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
  port = await freePort();
  node = openNode();
});

afterAll(async () => {
  await node.close(0);
  echo.close();
});

async function use(attributes = {}, cidr = '127.0.0.0/8', trustedProxies: string[] = [], limits = {}): Promise<void> {
  const { port: target } = echo.address() as AddressInfo;
  const tcp = listener(port, {
    protocol: 'TCP',
    defaultActions: [{ Type: 'forward', TargetGroupArn: groupArn('tcp') }],
  });
  const ingress = [{ groupId: 'sg', ruleId: 'sgr', protocol: 6, fromPort: port, toPort: port, cidrs: [cidr] }];
  await node.apply(
    snapshot({
      trustedProxies,
      limits,
      loadBalancers: [loadBalancer([tcp], { type: 'network', ingress })],
      targetGroups: [targetGroup('tcp', [target], { protocol: 'TCP', attributes })],
    }),
  );
}

function say(text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }, () => socket.end(text));
    let heard = '';
    socket.on('data', (chunk) => {
      heard += chunk.toString('latin1');
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(heard));
    socket.on('end', () => socket.destroy());
  });
}

test('carries bytes both ways, and half of a connection may end before the other', async () => {
  await use();
  expect(await say('hello')).toBe('hello');
  const long = 'x'.repeat(3_000_000);
  expect(await say(long)).toHaveLength(long.length);
});

test('tells the target who the client is, where it wants PROXY protocol', async () => {
  await use({ 'proxy_protocol_v2.enabled': 'true' });
  await say('hello');
  const header = readProxyHeader(first);
  expect(header).toMatchObject({ source: '127.0.0.1' });
});

test('keeps what a trusted proxy has sent behind its header until the target is there', async () => {
  await use({ 'proxy_protocol_v2.enabled': 'true' }, '127.0.0.0/8', ['127.0.0.0/8']);
  const heard = await say('PROXY TCP4 203.0.113.7 192.0.2.1 1000 80\r\nhello');
  expect(heard.endsWith('hello')).toBe(true);
  expect(readProxyHeader(first)).toMatchObject({ source: '203.0.113.7' });
});

test('lets in whom its security groups let in, and counts', async () => {
  await use({}, '192.0.2.0/24');
  expect(await say('hello')).toBe('');
  await use();
  expect(await say('hello')).toBe('hello');
  const names = new Set<string>();
  await until(() => {
    for (const { values } of node.report()?.metrics ?? []) for (const name in values) names.add(name);
    return names.has('NewFlowCount_TCP') && names.has('SecurityGroupBlockedFlowCount_Inbound_TCP');
  });
  expect([names.has('NewFlowCount'), names.has('SecurityGroupBlockedFlowCount_Inbound')]).toEqual([true, true]);
  expect(names.has('RejectedFlowCount')).toBe(false);
});

test('counts whom it has no room for as rejected, and not as kept out by a group', async () => {
  node.report();
  await use({}, '127.0.0.0/8', [], { connections: 0 });
  expect(await say('hello')).toBe('');
  const names = (node.report()?.metrics ?? []).flatMap(({ values }) => Object.keys(values));
  expect(names).toContain('RejectedFlowCount_TCP');
  expect(names.filter((name) => name.startsWith('SecurityGroupBlocked'))).toEqual([]);
});

test('clients that stay with their target do so, and others are shared out', async () => {
  const hosts = ['127.0.0.2', '127.0.0.3'];
  const named = await Promise.all(
    hosts.map(async (name) => {
      const server = createServer((socket) => socket.on('error', () => undefined).end(name));
      await new Promise<void>((resolve) => server.listen(0, name, resolve));
      return { name, server, port: (server.address() as AddressInfo).port };
    }),
  );
  const targets = named.map((one) => ({ id: one.name, address: one.name, port: one.port, registeredAt: 1 }));
  const forward = [{ Type: 'forward' as const, TargetGroupArn: groupArn('tcp') }];
  const heardBy = async (attributes: Record<string, string>): Promise<Set<string>> => {
    await node.apply(
      snapshot({
        loadBalancers: [
          loadBalancer([listener(port, { protocol: 'TCP', defaultActions: forward })], { type: 'network' }),
        ],
        targetGroups: [targetGroup('tcp', [], { protocol: 'TCP', targets, attributes })],
      }),
    );
    const heard = new Set<string>();
    for (let n = 0; n < 6; n++) heard.add(await say('hello'));
    return heard;
  };
  expect((await heardBy({ 'stickiness.enabled': 'true', 'stickiness.type': 'source_ip' })).size).toBe(1);
  expect(await heardBy({})).toEqual(new Set(hosts));
  for (const { server } of named) server.close();
});

test('without a target the connection ends', async () => {
  await node.apply(
    snapshot({
      loadBalancers: [
        loadBalancer(
          [listener(port, { protocol: 'TCP', defaultActions: [{ Type: 'forward', TargetGroupArn: groupArn('tcp') }] })],
          {
            type: 'network',
          },
        ),
      ],
      targetGroups: [targetGroup('tcp', [], { protocol: 'TCP' })],
    }),
  );
  expect(await say('hello')).toBe('');
});
