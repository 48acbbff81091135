/** Whoever takes their time: requests wait here until they are whole, and nobody else waits for them. */
import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { EdgeNode } from '../../src/edge/node.ts';
import {
  ask,
  freePort,
  listener,
  loadBalancer,
  mirror,
  type Origin,
  openNode,
  origin,
  pause,
  raw,
  snapshot,
  targetGroup,
  until,
} from './edge.fixture.ts';

let node: EdgeNode;
let port: number;
let web: Origin;
let connections = 0;
const sockets: Socket[] = [];

beforeAll(async () => {
  web = await origin(mirror);
  web.server.on('connection', () => {
    connections += 1;
  });
  node = openNode();
  port = await freePort();
  await apply({});
});

async function apply(limits: Parameters<typeof snapshot>[0]['limits'] & object): Promise<void> {
  await node.apply(
    snapshot({
      limits,
      loadBalancers: [loadBalancer([listener(port)], { attributes: { 'access_logs.s3.enabled': 'true' } })],
      targetGroups: [targetGroup('web', [web.port])],
    }),
  );
}

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  connections = 0;
});

afterAll(async () => {
  await node.close(0);
  await web.close();
});

function open(bytes: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(bytes);
      resolve(socket);
    });
    socket.on('error', reject);
    socket.on('error', () => undefined);
    sockets.push(socket);
  });
}

test('M-174 the target sees the connection only after the last byte, and all bytes in one burst', async () => {
  /** When a connection came, and when the last byte of a request. */
  const connected: number[] = [];
  const whole: number[] = [];
  const slow = await origin((incoming, outgoing) => {
    incoming.once('end', () => whole.push(Date.now()));
    mirror(incoming, outgoing);
  });
  slow.server.on('connection', () => connected.push(Date.now()));
  const own = await freePort();
  const alone = openNode();
  await alone.apply(
    snapshot({ loadBalancers: [loadBalancer([listener(own)])], targetGroups: [targetGroup('web', [slow.port])] }),
  );
  const text = 'POST /slow HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 20\r\n\r\nabcdefghijklmnopqrst';
  const socket = connect(own, '127.0.0.1');
  let answer = '';
  let lastSent = 0;
  socket.on('data', (chunk) => {
    answer += chunk.toString();
  });
  const over = new Promise((resolve) => socket.once('close', resolve));
  for (const byte of text) {
    expect(connected).toEqual([]);
    socket.write(byte);
    lastSent = Date.now();
    await pause(8);
  }
  await over;
  expect(answer).toContain('"body":"abcdefghijklmnopqrst"');
  expect(connected).toHaveLength(1);
  expect(connected[0]).toBeGreaterThanOrEqual(lastSent);
  expect((whole[0] as number) - (connected[0] as number)).toBeLessThan(100);
  await alone.close(0);
  await slow.close();
});

test('M-170 1,000 half-open heads and bodies: none reaches the target, others are served, deadlines end them', async () => {
  await apply({ headMs: 2_000, bodyGraceMs: 1_000, paceMs: 500 });
  for (let count = 0; count < 500; count++) {
    await open('GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ');
    await open('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\na');
  }
  const times: number[] = [];
  for (let probe = 0; probe < 50; probe++) {
    const began = performance.now();
    expect((await ask({ port })).status).toBe(200);
    times.push(performance.now() - began);
  }
  times.sort((a, b) => a - b);
  expect(connections).toBeLessThan(10);
  expect(times[47]).toBeLessThan(100);
  await until(() => sockets.every((socket) => socket.destroyed || socket.readableEnded || socket.bytesRead > 0));
  await apply({});
});

test('a slow body is answered 408, and its line says why', async () => {
  await apply({ bodyGraceMs: 200, paceMs: 200 });
  const answer = await raw(port, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\na', 4_000);
  expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  const lines: string[] = [];
  await until(() => {
    lines.push(...(node.reports.take()?.logs ?? []).flatMap((one) => one.lines));
    return lines.some((line) => line.includes('"RequestTooSlow"') && line.includes(' 408 '));
  });
  await apply({});
});

test('near the limit of connections the slowest are cut, and new ones served', async () => {
  await apply({ connections: 50 });
  for (let count = 0; count < 60; count++) await open('GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ');
  await until(() => sockets.filter((socket) => socket.destroyed).length >= 10);
  expect((await ask({ port })).status).toBe(200);
  expect(sockets.slice(-20).every((socket) => !socket.destroyed)).toBe(true);
  await apply({});
});

test('one source beyond its cap loses its slowest, not its newest', async () => {
  await apply({ connectionsPerSource: 20 });
  for (let count = 0; count < 30; count++) await open('GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ');
  await until(() => sockets.filter((socket) => socket.destroyed).length >= 10);
  expect((await ask({ port })).status).toBe(200);
  await apply({});
});

test('a body in chunks of one byte arrives whole', async () => {
  const body = 'x'.repeat(200);
  const chunks = [...body].map((byte) => `1\r\n${byte}\r\n`).join('');
  const answer = await raw(port, `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`);
  expect(answer).toContain(`"body":"${body}"`);
});

test('a body that is too large is refused before it comes: 413', async () => {
  await apply({ bodyBytes: 1000 });
  expect(await raw(port, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2000\r\n\r\n')).toMatch(/^HTTP\/1\.1 413 /);
  const chunk = `3e8\r\n${'x'.repeat(1000)}\r\n`;
  expect(await raw(port, `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}${chunk}`)).toMatch(
    /^HTTP\/1\.1 413 /,
  );
  expect(connections).toBe(0);
  await apply({});
});

test('no room on the disk: 503, and the next request is served', async () => {
  await apply({ spillBytes: 1000, bodyMemoryBytes: 1000 });
  const body = Buffer.alloc(300_000, 'x');
  const answer = await ask({ port, method: 'POST', body }).catch((error) => error);
  expect([503, 'EPIPE', 'ECONNRESET']).toContain(answer.status ?? answer.code);
  await apply({});
  expect((await ask({ port, method: 'POST', body })).status).toBe(200);
});

test('a client that takes nothing of its answer holds no target, and is cut', async () => {
  const large = Buffer.alloc(400_000, 'x');
  let isDone = false;
  const big = await origin((_incoming, outgoing) => {
    outgoing.once('finish', () => (isDone = true));
    outgoing.end(large);
  });
  const own = await freePort();
  const alone = openNode();
  await alone.apply(
    snapshot({ loadBalancers: [loadBalancer([listener(own)])], targetGroups: [targetGroup('web', [big.port])] }),
  );
  const socket = connect(own, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n'));
  socket.pause();
  await until(() => isDone);
  socket.destroy();
  await alone.close(0);
  await big.close();
});
