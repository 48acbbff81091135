/** Slow attacks with thousands of connections against an edge process: others must not feel them. Loopback only, bounded. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { EdgeLimits } from '../../src/edge/snapshot.ts';
import { Hub } from '../../src/instance/edge/hub.ts';
import {
  ask,
  freePort,
  listener,
  loadBalancer,
  type Origin,
  origin,
  pause,
  snapshot,
  targetGroup,
  temporaryFolder,
  until,
} from './edge.fixture.ts';

const count = 5_000;
const entry = fileURLToPath(new URL('../../src/edge/process.ts', import.meta.url));
const large = Buffer.alloc(300_000, 'x');
let web: Origin;
let port: number;
let hub: Hub;
let child: ChildProcess;
let folder = '';
let toTarget = 0;
const sockets: Socket[] = [];

async function start(limits: Partial<EdgeLimits>, descriptors?: number): Promise<void> {
  folder = temporaryFolder();
  port = await freePort();
  hub = new Hub({ folder, reported: () => undefined, joined: () => undefined, left: () => undefined });
  await hub.open();
  hub.publish(
    snapshot({
      limits,
      loadBalancers: [loadBalancer([listener(port)])],
      targetGroups: [targetGroup('web', [web.port])],
    }),
  );
  const command = [process.execPath, '--disable-warning=ExperimentalWarning', entry, folder, '0', '1'];
  const limited = descriptors === undefined ? '' : `ulimit -n ${descriptors}; `;
  child = spawn('/bin/sh', ['-c', `${limited}exec "$0" "$@"`, ...command], { stdio: ['ignore', 'ignore', 'inherit'] });
  await until(() =>
    ask({ port }).then(
      ({ status }) => status === 200,
      () => false,
    ),
  );
  toTarget = 0;
}

async function stop(): Promise<void> {
  await hub.close(50);
  child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}

beforeAll(async () => {
  web = await origin((incoming, outgoing) => {
    incoming.resume();
    outgoing.end(incoming.url === '/large' ? large : 'ok');
  });
  web.server.on('connection', () => {
    toTarget += 1;
  });
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await stop();
});

afterAll(() => web.close());

/** From 50 addresses, as bots have. */
async function open(bytes: string, number: number): Promise<void> {
  for (let at = 0; at < number; at++) {
    const socket = connect({ port, host: '127.0.0.1', localAddress: `127.0.1.${1 + (at % 50)}` }, () =>
      socket.write(bytes),
    );
    socket.on('error', () => undefined);
    if (bytes.includes('/large')) socket.pause();
    else socket.resume();
    sockets.push(socket);
    // No faster than they are taken.
    if (at % 200 === 199) await pause(5);
  }
}

/** @returns the share of probes that were answered, and the time of the slowest but one in a hundred, in milliseconds */
async function probe(number: number): Promise<{ answered: number; p99: number }> {
  const times: number[] = [];
  for (let at = 0; at < number; at++) {
    const began = performance.now();
    const status = await ask({ port }).then(
      (answer) => answer.status,
      () => 0,
    );
    if (status === 200) times.push(performance.now() - began);
    await pause(2);
  }
  times.sort((a, b) => a - b);
  return {
    answered: times.length / number,
    p99: times[Math.floor(times.length * 0.99) - 1] ?? Number.POSITIVE_INFINITY,
  };
}

const limits = { headMs: 8_000, bodyGraceMs: 6_000, paceMs: 1_000 };

test.each([
  ['slow heads', 'GET / HTTP/1.1\r\nHost: a\r\nX-Slow: '],
  ['slow bodies', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\na'],
  ['nothing at all', ''],
  ['slow readers', 'GET /large HTTP/1.1\r\nHost: a\r\n\r\n'],
])('WAF trap 13: 5,000 connections of %s: probes are answered in time', async (name, bytes) => {
  await start(limits);
  const calm = await probe(100);
  await open(bytes, count);
  const under = await probe(200);
  expect(under.answered).toBeGreaterThanOrEqual(0.99);
  // On a machine that others load too, a calm probe says what its worst moments are.
  expect(under.p99).toBeLessThan(Math.max(100, calm.p99 * 4));
  if (name !== 'slow readers') expect(toTarget).toBeLessThan(10);
  // Heads and sockets of 5,000 connections, and 64 MB of answers that wait.
  const resident = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1];
  expect(Number(resident) / 1024).toBeLessThan(500);
});

test('deadlines end them all', async () => {
  await start({ headMs: 1_000, bodyGraceMs: 500, paceMs: 500 });
  await open('GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ', 500);
  await open('', 500);
  await open('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\na', 500);
  await until(() => sockets.every((socket) => socket.destroyed || socket.readableEnded));
});

test.each([
  ['slow heads', 'GET / HTTP/1.1\r\nHost: a\r\nX-Slow: '],
  ['slow bodies', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\na'],
  ['slow readers', 'GET /large HTTP/1.1\r\nHost: a\r\n\r\n'],
])(
  'WAF trap 13: where the limit of descriptors was not raised, 5,000 connections of %s: the slowest are cut, and probes answered',
  async (name, bytes) => {
    await start(limits, 1_024);
    const calm = await probe(100);
    await open(bytes, count);
    const under = await probe(200);
    expect(under.answered).toBeGreaterThanOrEqual(0.99);
    expect(under.p99).toBeLessThan(Math.max(100, calm.p99 * 4));
    const connected = sockets.filter((socket) => !socket.destroyed && !socket.readableEnded).length;
    if (name !== 'slow readers') expect(connected).toBeLessThan(800);
    // Clients that do not read do not hear that they were cut: what counts is what the process holds.
    expect(readdirSync(`/proc/${child.pid}/fd`).length).toBeLessThan(1_000);
  },
);
