/** Network load balancers and UDP: flows, their targets, who may begin them, and how many there may be. */
import { createSocket, type Socket } from 'node:dgram';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { EdgeNode } from '../../src/edge/node.ts';
import type { FlowReport } from '../../src/edge/reports/flows.ts';
import type {
  EdgeLimits,
  ListenerSettings,
  LoadBalancerSettings,
  TargetGroupSettings,
} from '../../src/edge/snapshot.ts';
import { groupArn, listener, loadBalancer, openNode, pause, snapshot, targetGroup, until } from './edge.fixture.ts';

/** Says its name and what it heard; by TCP, which is how it is asked for its health, too. */
interface Target {
  readonly name: string;
  readonly port: number;
  readonly heard: { readonly text: string; readonly port: number }[];
  readonly udp: Socket;
  /** Answers health checks no more. */
  fail(): void;
  close(): Promise<void>;
}

async function target(name: string): Promise<Target> {
  for (;;) {
    const open = new Set<import('node:net').Socket>();
    const tcp: Server = createServer((socket) => {
      open.add(socket);
      socket.on('error', () => undefined).on('close', () => open.delete(socket));
      socket.on('data', (bytes) => socket.write(`${name} ${bytes}`));
    });
    await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
    const { port } = tcp.address() as AddressInfo;
    const udp = createSocket('udp4');
    const heard: { text: string; port: number }[] = [];
    udp.on('message', (bytes, from) => {
      const text = bytes.toString();
      heard.push({ text, port: from.port });
      if (text === 'silence') return;
      const times = /^repeat (\d+)$/.exec(text)?.[1] ?? '1';
      for (let n = 0; n < Number(times); n++) udp.send(`${name} ${text}`, from.port, from.address);
    });
    const isBound = await new Promise<boolean>((resolve) => {
      udp.once('error', () => resolve(false));
      udp.bind(port, '127.0.0.1', () => resolve(true));
    });
    const close = async (): Promise<void> => {
      for (const socket of open) socket.destroy();
      await Promise.all([
        new Promise<void>((resolve) => tcp.close(() => resolve())),
        new Promise<void>((resolve) => udp.close(() => resolve())),
      ]);
    };
    if (!isBound) {
      tcp.close();
      continue;
    }
    const fail = (): void => {
      tcp.close();
      for (const socket of open) socket.destroy();
    };
    return { name, port, heard, udp, fail, close };
  }
}

/** One client: a port of its own, and what it was answered. */
class Client {
  readonly answers: { readonly text: string; readonly port: number }[] = [];
  readonly socket = createSocket('udp4');

  static async at(address = '127.0.0.1'): Promise<Client> {
    const client = new Client();
    client.socket.on('message', (bytes, { port }) => client.answers.push({ text: bytes.toString(), port }));
    await new Promise<void>((resolve) => client.socket.bind(0, address, resolve));
    clients.push(client);
    return client;
  }

  send(text: string | Buffer): void {
    this.socket.send(text, port, '127.0.0.1');
  }

  /** The name of the target that answers this; undefined where none does. */
  async ask(text: string, withinMs = 3_000): Promise<string | undefined> {
    const before = this.answers.length;
    this.send(text);
    const last = performance.now() + withinMs;
    while (performance.now() < last) {
      const answer = this.answers.slice(before).find((one) => one.text.endsWith(` ${text}`));
      if (answer) return answer.text.split(' ')[0];
      await pause(5);
    }
    return undefined;
  }
}

let node: EdgeNode;
let a: Target;
let b: Target;
let port: number;
let clients: Client[];

beforeEach(async () => {
  clients = [];
  node = openNode();
  [a, b] = await Promise.all([target('a'), target('b')]);
  // A target of its own is free by TCP and UDP alike.
  const free = await target('nobody');
  port = free.port;
  await free.close();
});
afterEach(async () => {
  for (const { socket } of clients) socket.close();
  await node.close(0);
  await Promise.all([a.close().catch(() => undefined), b.close().catch(() => undefined)]);
});

interface Using {
  readonly ports?: readonly number[];
  readonly protocol?: ListenerSettings['protocol'];
  readonly group?: Partial<TargetGroupSettings>;
  readonly balancer?: Partial<LoadBalancerSettings>;
  readonly limits?: Partial<EdgeLimits>;
}

async function use(using: Using = {}): Promise<void> {
  const { ports = [a.port, b.port], protocol = 'UDP', group = {}, balancer = {}, limits = {} } = using;
  const defaultActions = [{ Type: 'forward', TargetGroupArn: groupArn('udp') }] as const;
  await node.apply(
    snapshot({
      loadBalancers: [
        loadBalancer([listener(port, { protocol, defaultActions: [...defaultActions] })], {
          type: 'network',
          ...balancer,
        }),
      ],
      targetGroups: [targetGroup('udp', ports, { protocol: protocol === 'UDP' ? 'UDP' : 'TCP_UDP', ...group })],
      limits,
    }),
  );
}

const byTcp: TargetGroupSettings['healthCheck'] = {
  enabled: true,
  protocol: 'TCP',
  port: 'traffic-port',
  path: '/',
  intervalSeconds: 0.05,
  timeoutSeconds: 1,
  healthyThreshold: 2,
  unhealthyThreshold: 2,
  matcher: '200',
};
const rule = (protocol: number, cidr: string) => ({
  groupId: 'sg',
  ruleId: 'sgr',
  protocol,
  fromPort: port,
  toPort: port,
  cidrs: [cidr],
});
const drain = (ports: readonly number[], drained: number): Partial<TargetGroupSettings> => ({
  targets: ports.map((one) => ({
    id: '127.0.0.1',
    address: '127.0.0.1',
    port: one,
    registeredAt: 1,
    ...(one === drained && { deregisteredAt: 1 }),
  })),
});

/** Everything that was told of metrics, summed up, and of flows. */
class Heard {
  readonly sums = new Map<string, number>();
  readonly flows: FlowReport[] = [];

  take(): this {
    const report = node.report();
    for (const { values } of report?.metrics ?? []) {
      for (const [name, { sum }] of Object.entries(values)) this.sums.set(name, (this.sums.get(name) ?? 0) + sum);
    }
    this.flows.push(...(report?.flows ?? []));
    return this;
  }
}

describe('flows of UDP', () => {
  test('stay with their target, and both targets get some', async () => {
    await use();
    const names = new Set<string | undefined>();
    for (let n = 0; n < 16; n++) {
      const client = await Client.at();
      const first = await client.ask('hello');
      expect(first).toMatch(/^[ab]$/);
      for (let again = 0; again < 5; again++) expect(await client.ask(`again ${again}`)).toBe(first);
      names.add(first);
      // Answers come from where the client has asked.
      expect(new Set(client.answers.map((one) => one.port))).toEqual(new Set([port]));
    }
    expect(names).toEqual(new Set(['a', 'b']));
    // One socket for each flow.
    expect(new Set([...a.heard, ...b.heard].map((one) => one.port)).size).toBe(16);
  });

  test('clients that stay with their target do so from every port', async () => {
    await use({ group: { attributes: { 'stickiness.enabled': 'true', 'stickiness.type': 'source_ip' } } });
    const byAddress = new Map<string, Set<string | undefined>>();
    for (let n = 1; n <= 12; n++) {
      const address = `127.0.0.${n}`;
      const names = new Set<string | undefined>();
      for (let again = 0; again < 3; again++) names.add(await (await Client.at(address)).ask('hello'));
      byAddress.set(address, names);
    }
    for (const names of byAddress.values()) expect(names.size).toBe(1);
    expect(new Set([...byAddress.values()].flatMap((names) => [...names]))).toEqual(new Set(['a', 'b']));
  });

  test('empty and large datagrams pass as they are', async () => {
    await use({ ports: [a.port] });
    const client = await Client.at();
    client.send(Buffer.alloc(0));
    await until(() => a.heard.length === 1);
    expect(a.heard[0]?.text).toBe('');
    expect(await client.ask('x'.repeat(40_000), 2_000)).toBe('a');
  });

  test('go to the other target when theirs fails its health checks, and nobody else moves', async () => {
    await use({ group: { healthCheck: byTcp } });
    await until(() => node.report()?.health.some(({ health }) => health.state === 'healthy') ?? false);
    await pause(200);
    const before = new Map<Client, string | undefined>();
    for (let n = 0; n < 12; n++) {
      const client = await Client.at();
      before.set(client, await client.ask('hello'));
    }
    expect(new Set(before.values())).toEqual(new Set(['a', 'b']));
    a.fail();
    const [moved] = [...before].find(([, name]) => name === 'a') ?? [];
    await until(async () => (await moved?.ask('where')) === 'b');
    const heardByA = a.heard.length;
    for (const client of before.keys()) expect(await client.ask('after')).toBe('b');
    expect(a.heard).toHaveLength(heardByA);
  });

  test('of a target that drains go on; when it is deregistered, nothing is sent to it any more', async () => {
    await use();
    const client = await Client.at();
    const first = (await client.ask('hello')) === 'a' ? a : b;
    const other = first === a ? b : a;
    await use({ group: drain([a.port, b.port], first.port) });
    expect(await client.ask('draining')).toBe(first.name);
    for (let n = 0; n < 8; n++) expect(await (await Client.at()).ask('new')).toBe(other.name);
    await use({ ports: [other.port] });
    const heard = first.heard.length;
    // What the old target says now, nobody hears.
    const answers = client.answers.length;
    first.udp.send('late', first.heard[0]?.port ?? 0, '127.0.0.1');
    expect(await client.ask('gone')).toBe(other.name);
    expect(first.heard).toHaveLength(heard);
    expect(client.answers.slice(answers).map(({ text }) => text)).toEqual([`${other.name} gone`]);
    await use({ ports: [] });
    expect(await client.ask('nobody', 300)).toBeUndefined();
    expect(other.heard.some(({ text }) => text === 'nobody')).toBe(false);
    expect(new Heard().take().sums.get('RejectedFlowCount_UDP')).toBe(1);
  });

  test('are answered by their target alone', async () => {
    await use({ ports: [a.port] });
    const client = await Client.at();
    expect(await client.ask('hello')).toBe('a');
    const upstream = a.heard[0]?.port ?? 0;
    b.udp.send('b forged', upstream, '127.0.0.1');
    const stranger = await Client.at('127.0.0.9');
    stranger.socket.send('stranger forged', upstream, '127.0.0.1');
    expect(await client.ask('still')).toBe('a');
    await pause(100);
    expect(client.answers.map(({ text }) => text)).toEqual(['a hello', 'a still']);
  });

  test('end after silence, and begin anew', async () => {
    await use({ ports: [a.port], limits: { flowIdleMs: 300 } });
    const client = await Client.at();
    await client.ask('hello');
    await pause(1_600);
    await client.ask('again');
    const [one, two] = a.heard;
    expect(two?.text).toBe('again');
    expect(two?.port).not.toBe(one?.port);
  });

  test('are counted as those of TCP are', async () => {
    await use({ ports: [a.port], balancer: { isFlowLogged: true } });
    node.report();
    const client = await Client.at();
    await client.ask('hello');
    await use({ ports: [], balancer: { isFlowLogged: true } });
    const { sums, flows } = new Heard().take();
    expect(Object.fromEntries(sums)).toMatchObject({
      NewFlowCount: 1,
      NewFlowCount_UDP: 1,
      ProcessedBytes: 12,
      ProcessedBytes_UDP: 12,
    });
    const sourcePort = client.socket.address().port;
    const shared = { protocol: 17, verdict: 'ACCEPT', source: '127.0.0.1', sourcePort, port, packets: 1 };
    expect(flows).toMatchObject([
      { ...shared, direction: 'ingress', bytes: 5 },
      { ...shared, direction: 'egress', bytes: 7 },
    ]);
  });
});

describe('security groups and UDP', () => {
  test('let in by rules for UDP only, and are told of in flow logs', async () => {
    const balancer = { isFlowLogged: true, ingress: [rule(6, '127.0.0.0/8')] };
    await use({ balancer });
    const client = await Client.at();
    expect(await client.ask('hello', 300)).toBeUndefined();
    expect([...a.heard, ...b.heard]).toEqual([]);
    const { sums, flows } = new Heard().take();
    expect(sums.get('SecurityGroupBlockedFlowCount_Inbound_UDP')).toBe(1);
    expect(flows).toMatchObject([{ protocol: 17, verdict: 'REJECT', source: '127.0.0.1', port, packets: 1 }]);
    await use({ balancer: { ingress: [rule(17, '127.0.0.2/32')] } });
    expect(await client.ask('hello', 300)).toBeUndefined();
    expect(await (await Client.at('127.0.0.2')).ask('hello')).toMatch(/^[ab]$/);
    await use({ balancer: { ingress: [rule(-1, '127.0.0.0/8')] } });
    expect(await client.ask('hello')).toMatch(/^[ab]$/);
  });

  test('a flow that is tracked goes on when its rule goes, as connections do, and none begins', async () => {
    await use({ balancer: { ingress: [rule(17, '127.0.0.0/8')] } });
    const client = await Client.at();
    expect(await client.ask('hello')).toMatch(/^[ab]$/);
    await use({ balancer: { ingress: [] } });
    expect(await client.ask('on')).toMatch(/^[ab]$/);
    expect(await (await Client.at()).ask('new', 300)).toBeUndefined();
    const untracked = [{ ...rule(17, '127.0.0.0/8'), isUntracked: true }];
    await use({ balancer: { ingress: untracked } });
    const other = await Client.at();
    expect(await other.ask('hello')).toMatch(/^[ab]$/);
    await use({ balancer: { ingress: [] } });
    expect(await other.ask('gone', 300)).toBeUndefined();
  });
});

describe('TCP_UDP', () => {
  const say = (text: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1' }, () => socket.write(text));
      socket.once('data', (bytes) => {
        socket.destroy();
        resolve(bytes.toString());
      });
      socket.on('error', reject);
      socket.setTimeout(2_000, () => socket.destroy(new Error('silence')));
    });

  test('serves both on one port, and connections end with the registration of their target', async () => {
    await use({ protocol: 'TCP_UDP', ports: [a.port] });
    expect(await (await Client.at()).ask('hello')).toBe('a');
    expect(await say('hello')).toBe('a hello');
    const attributes = { 'deregistration_delay.connection_termination.enabled': 'true' };
    const socket = connect({ port, host: '127.0.0.1' }, () => socket.write('hi'));
    await new Promise((resolve) => socket.once('data', resolve));
    let isOver = false;
    socket.on('close', () => {
      isOver = true;
    });
    socket.on('error', () => undefined);
    await use({ protocol: 'TCP_UDP', ports: [b.port] });
    await pause(100);
    expect(isOver).toBe(false);
    const second = connect({ port, host: '127.0.0.1' }, () => second.write('hi'));
    await new Promise((resolve) => second.once('data', resolve));
    second.on('error', () => undefined);
    const ended = new Promise((resolve) => second.once('close', resolve));
    await use({ protocol: 'TCP_UDP', ports: [a.port], group: { attributes } });
    await ended;
    socket.destroy();
  });

  test('half of it is a fault, and the other half serves', async () => {
    const taken = createSocket('udp4');
    await new Promise<void>((resolve) => taken.bind(port, '127.0.0.1', resolve));
    await use({ protocol: 'TCP_UDP', ports: [a.port] });
    expect(node.report()?.listeners).toMatchObject([{ state: 'failed', error: expect.stringMatching(/EADDRINUSE/) }]);
    expect(await say('hello')).toBe('a hello');
    await new Promise<void>((resolve) => taken.close(() => resolve()));
    await use({ protocol: 'TCP_UDP', ports: [a.port] });
    expect(node.report()?.listeners).toMatchObject([{ state: 'listening' }]);
    expect(await (await Client.at()).ask('hello')).toBe('a');
    await node.close(0);
    node = openNode();
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
    await use({ protocol: 'TCP_UDP', ports: [a.port] });
    expect(node.report()?.listeners).toMatchObject([{ state: 'failed', error: expect.stringMatching(/EADDRINUSE/) }]);
    expect(await (await Client.at()).ask('hello')).toBe('a');
    await new Promise<void>((resolve) => other.close(() => resolve()));
  });

  test('UDP and TCP of two load balancers may have the same number, two of UDP may not', async () => {
    const defaultActions = [{ Type: 'forward' as const, TargetGroupArn: groupArn('udp') }];
    const on = (protocol: ListenerSettings['protocol'], arn: string) =>
      loadBalancer([listener(port, { arn, protocol, defaultActions })], {
        type: 'network',
        arn: `${arn}:loadbalancer/x`,
      });
    await node.apply(
      snapshot({
        loadBalancers: [on('UDP', 'one'), on('TCP', 'two'), on('UDP', 'three')],
        targetGroups: [targetGroup('udp', [a.port], { protocol: 'TCP_UDP' })],
      }),
    );
    const states = Object.fromEntries(node.report()?.listeners.map(({ arn, state }) => [arn, state]) ?? []);
    expect(states).toEqual({ one: 'listening', two: 'listening', three: 'failed' });
    expect(await say('hello')).toBe('a hello');
    expect(await (await Client.at()).ask('hello')).toBe('a');
  });
});

describe('floods of UDP', () => {
  test('of sources stay within bounds, and those who talk keep their flow', async () => {
    await use({ ports: [a.port], limits: { flows: 40, flowsPerSource: 1_000 } });
    const talking = await Client.at();
    for (let n = 0; n < 3; n++) expect(await talking.ask(`hello ${n}`)).toBe('a');
    const upstream = a.heard[0]?.port;
    const memory = process.memoryUsage().rss;
    let isMost = 0;
    for (let round = 0; round < 20; round++) {
      for (let n = 0; n < 25; n++) (await Client.at(`127.0.${round + 1}.${n + 1}`)).send('silence');
      await pause(5);
      isMost = Math.max(isMost, openFlows());
    }
    await until(() => a.heard.filter(({ text }) => text === 'silence').length >= 490);
    expect(isMost).toBeGreaterThan(30);
    expect(isMost).toBeLessThanOrEqual(40);
    expect(await talking.ask('still')).toBe('a');
    expect(a.heard.at(-1)?.port).toBe(upstream);
    expect(process.memoryUsage().rss - memory).toBeLessThan(100 * 1024 * 1024);
  }, 30_000);

  test('one source makes room among its own flows', async () => {
    await use({ ports: [a.port], limits: { flowsPerSource: 3 } });
    const neighbour = await Client.at('127.0.0.7');
    await neighbour.ask('hello');
    for (let n = 0; n < 20; n++) expect(await (await Client.at()).ask('hello')).toBe('a');
    expect(openFlows()).toBe(4);
    await neighbour.ask('again');
    expect(new Set(a.heard.filter(({ text }) => text === 'again').map((one) => one.port))).toEqual(
      new Set([a.heard[0]?.port]),
    );
  });

  test('a source that sends too much is heard no further, and others are', async () => {
    await use({ ports: [a.port], limits: { datagramsPerSource: 20 } });
    const loud = await Client.at();
    for (let round = 0; round < 10; round++) {
      for (let n = 0; n < 50; n++) loud.send('silence');
      await pause(10);
    }
    await pause(100);
    expect(a.heard.length).toBeGreaterThanOrEqual(20);
    expect(a.heard.length).toBeLessThan(60);
    expect(await (await Client.at('127.0.0.2')).ask('hello')).toBe('a');
    expect(new Heard().take().sums.get('RejectedFlowCount_UDP')).toBeGreaterThan(400);
  });

  test('little is sent to one address, whatever is asked for in its name', async () => {
    await use({ ports: [a.port], limits: { answeredPerSource: 200 } });
    const victim = await Client.at();
    victim.send('repeat 500');
    await pause(400);
    // "a repeat 500": 12 bytes.
    expect(victim.answers.length).toBeGreaterThanOrEqual(16);
    expect(victim.answers.length).toBeLessThan(30);
    expect(await (await Client.at('127.0.0.2')).ask('hello')).toBe('a');
  });
});

/** As the target sees it: sockets of this process that are connected to it. */
function openFlows(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'UDPWrap').length - clients.length - ownSockets;
}
/** Of the two targets and of the listener. */
const ownSockets = 3;
