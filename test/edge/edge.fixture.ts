/** An edge node in this process, targets that say what they saw, and snapshots written by hand. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type RequestListener,
  type ServerOptions,
} from 'node:http';
import { type AddressInfo, connect, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Inspector } from '../../src/edge/inspection/inspector.ts';
import { EdgeNode } from '../../src/edge/node.ts';
import {
  defaultLimits,
  type EdgeLimits,
  type ListenerSettings,
  type LoadBalancerSettings,
  type RuleSettings,
  type Snapshot,
  type TargetGroupSettings,
} from '../../src/edge/snapshot.ts';

export { freePort } from '../support/ports.ts';

const loadBalancerArn = 'arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/shop/50dc6c495c0c9188';
const listenerArn = loadBalancerArn.replace(':loadbalancer/', ':listener/').concat('/f2f7dc8efc522ab2');
export const groupArn = (name: string): string =>
  `arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/${name}/73e2d6bc24d8a067`;

export interface Origin {
  readonly port: number;
  readonly server: Server;
  close(): Promise<void>;
}

/** A target of the test's own. */
export async function origin(listener: RequestListener, port = 0, more: ServerOptions = {}): Promise<Origin> {
  const server = createServer({ keepAliveTimeout: 60_000, ...more }, listener);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    server,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly rawHeaders: readonly string[];
  readonly body: string;
}

/** Answers with what it saw, as JSON. */
export const mirror: RequestListener = (incoming, outgoing) => {
  const chunks: Buffer[] = [];
  incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
  incoming.on('end', () => {
    const { method, url, headers, rawHeaders } = incoming;
    const body = Buffer.concat(chunks).toString('latin1');
    outgoing.setHeader('content-type', 'application/json');
    outgoing.end(JSON.stringify({ method, url, headers, rawHeaders, body }));
  });
};

export function targetGroup(
  name: string,
  ports: readonly number[],
  over: Partial<TargetGroupSettings> = {},
): TargetGroupSettings {
  return {
    arn: groupArn(name),
    name,
    protocol: 'HTTP',
    protocolVersion: 'HTTP1',
    port: 80,
    attributes: {},
    healthCheck: {
      enabled: false,
      protocol: 'HTTP',
      port: 'traffic-port',
      path: '/',
      intervalSeconds: 1,
      timeoutSeconds: 1,
      healthyThreshold: 2,
      unhealthyThreshold: 2,
      matcher: '200',
    },
    targets: ports.map((port) => ({ id: '127.0.0.1', address: '127.0.0.1', port, registeredAt: 1 })),
    ...over,
  };
}

export function listener(port: number, over: Partial<ListenerSettings> = {}): ListenerSettings {
  return {
    arn: `${listenerArn}${port}`,
    protocol: 'HTTP',
    port,
    certificates: [],
    attributes: {},
    defaultActions: [{ Type: 'forward', TargetGroupArn: groupArn('web') }],
    rules: [],
    ...over,
  };
}

export function rule(priority: number, over: Partial<RuleSettings>): RuleSettings {
  return { arn: `${listenerArn}/rule/${priority}`, priority, conditions: [], actions: [], ...over };
}

export function loadBalancer(
  listeners: readonly ListenerSettings[],
  over: Partial<LoadBalancerSettings> = {},
): LoadBalancerSettings {
  return {
    arn: loadBalancerArn,
    name: 'shop',
    account: '111122223333',
    region: 'us-east-1',
    type: 'application',
    dnsName: 'shop-1.us-east-1.elb.amazonaws.com',
    scheme: 'internet-facing',
    attributes: {},
    listeners,
    ...over,
  };
}

let version = 0;

export interface SnapshotParts extends Partial<Omit<Snapshot, 'node' | 'version'>> {
  readonly limits?: Partial<EdgeLimits>;
  readonly trustedProxies?: readonly string[];
  readonly targetAuthorities?: string;
}

export function snapshot(parts: SnapshotParts): Snapshot {
  const { limits, trustedProxies = [], targetAuthorities, ...rest } = parts;
  version += 1;
  return {
    version,
    instanceId: 'test',
    node: {
      bindAddress: '127.0.0.1',
      trustedProxies,
      spillFolder: join(tmpdir(), 'bailey-edge-test-spill'),
      cookieKey: Buffer.alloc(32, 7).toString('base64'),
      limits: { ...defaultLimits, ...limits },
      ...(targetAuthorities !== undefined && { targetAuthorities }),
    },
    loadBalancers: [],
    targetGroups: [],
    trustStores: [],
    certificates: [],
    webAcls: [],
    distributions: [],
    zones: [],
    ...rest,
  };
}

/** To be removed by whoever asks for it. */
export const temporaryFolder = (): string => mkdtempSync(join(tmpdir(), 'bailey-edge-'));

/** Lets everything pass. */
export const openInspector: Inspector = {
  bodyBytes: 8192,
  inspect: () => ({ kind: 'pass', insertedHeaders: [] }),
  takeRates: () => [],
  mergeRates: () => undefined,
  take: () => ({ inspected: [], traffic: undefined, limited: [], lost: 0 }),
};

/** Lets everything pass, or what the test says. */
export function openNode(inspector?: Inspector): EdgeNode {
  return new EdgeNode({
    now: Date.now,
    random: () => randomBytes(4).readUInt32BE() / 2 ** 32,
    reusesPorts: false,
    inspectorFor: () => inspector ?? openInspector,
  });
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly trailers: IncomingMessage['trailers'];
  readonly body: string;
}

export interface Asking {
  readonly port: number;
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Record<string, string | string[]>;
  readonly body?: string | Buffer;
  readonly host?: string;
  readonly localAddress?: string;
}

/** One request on a connection of its own. */
export function ask(asking: Asking): Promise<Answer> {
  const { port, path = '/', method = 'GET', headers = {}, body, host = '127.0.0.1', localAddress } = asking;
  return new Promise((resolve, reject) => {
    const options = { host, port, path, method, headers, agent: false, ...(localAddress && { localAddress }) };
    const request = httpRequest(options, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          trailers: answer.trailers,
          body: Buffer.concat(chunks).toString('latin1'),
        }),
      );
    });
    request.on('error', reject);
    request.end(body);
  });
}

export async function seenBy(asking: Asking): Promise<Seen & { readonly status: number }> {
  const answer = await ask(asking);
  return { ...(JSON.parse(answer.body) as Seen), status: answer.status };
}

/** Bytes as they are; answers everything that came until the other side closed, or fell silent. */
export function raw(port: number, bytes: string | Buffer, silenceMs = 300): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () =>
      socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes),
    );
    let all = '';
    const end = (): void => {
      socket.destroy();
      resolve(all);
    };
    socket.setTimeout(silenceMs, end);
    socket.on('data', (chunk) => {
      all += chunk.toString('latin1');
    });
    socket.on('error', (error: NodeJS.ErrnoException) => (error.code === 'ECONNRESET' ? end() : reject(error)));
    socket.on('close', end);
  });
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** @param withinMs as long as a busy machine may need; a test that promises a time gives its own */
export async function until(what: () => boolean | Promise<boolean>, withinMs = 20_000): Promise<void> {
  const last = performance.now() + withinMs;
  while (performance.now() < last) {
    if (await what()) return;
    await pause(25);
  }
  throw new Error(`it did not come to that within ${withinMs} ms`);
}
