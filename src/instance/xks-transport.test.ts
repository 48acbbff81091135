/** The way to a proxy, against servers that break off, and against the clock. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { XksUnanswered } from '../services/kms/ports.ts';
import { tryReadSignature, verify } from '../wire/signing/index.ts';
import type { HttpRequest } from '../wire/types.ts';
import { createXksTransport } from './xks-transport.ts';

const credential = { accessKeyId: 'ABCDEFGHIJKLMNOPQRST', secret: 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG=' };
const request = {
  endpoint: 'https://xks.example',
  path: '/kms/xks/v1/health',
  region: 'eu-west-1',
  credential,
  body: '{}',
};

/** Requests by connection. */
const connections = new Map<Socket, number>();
let breaksOff: (nth: number) => boolean = () => false;
let answer: { status: number; body: string; headers?: Record<string, string> };
let seen: { readonly request: HttpRequest; readonly body: Buffer }[] = [];
let server: Server;
let address: string;

beforeAll(async () => {
  server = createServer((incoming, outgoing) => {
    const nth = (connections.get(incoming.socket) ?? 0) + 1;
    connections.set(incoming.socket, nth);
    if (breaksOff(nth)) {
      incoming.socket.resetAndDestroy();
      return;
    }
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const headers = Object.assign(Object.create(null), incoming.headers);
      const { method = '', url: path = '' } = incoming;
      seen.push({ request: { method, path, query: '', headers, repeated: [] }, body: Buffer.concat(chunks) });
      outgoing.writeHead(answer.status, answer.headers).end(answer.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

beforeEach(() => {
  breaksOff = () => false;
  answer = { status: 200, body: '{"fine":true}' };
  seen = [];
  connections.clear();
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const transport = (timeoutMs = 5_000) =>
  createXksTransport({ timeoutMs, proxies: [{ endpoint: 'https://xks.example', address }] });
const reason = (error: unknown) => (error instanceof XksUnanswered ? error.reason : error);

test('a request is signed as the specification says, for the host that the store names', async () => {
  const answered = await transport().send(request);
  expect(answered.status).toBe(200);
  expect(Buffer.from(answered.body).toString()).toBe(answer.body);
  const [{ request: came, body } = { request: {} as HttpRequest, body: Buffer.alloc(0) }] = seen;
  expect(came.headers).toMatchObject({ host: 'xks.example', 'content-type': 'application/json' });
  expect(came.headers.authorization).toContain('SignedHeaders=host;x-amz-date,');
  expect(came.headers.authorization).toContain('/eu-west-1/kms-xks-proxy/aws4_request');
  const claim = tryReadSignature(came);
  if (!claim || claim instanceof Error) throw new Error('no signature');
  expect(() => verify(claim, came, credential, { service: 'kms-xks-proxy', now: Date.now(), body })).not.toThrow();
  expect(() =>
    verify(claim, came, credential, { service: 'kms-xks-proxy', now: Date.now(), body: Buffer.from('[]') }),
  ).toThrow();
});

test('connections are kept, and one that was closed meanwhile is replaced', async () => {
  const way = transport();
  await way.send(request);
  await way.send(request);
  expect([...connections.values()]).toEqual([2]);
  breaksOff = (nth) => nth > 2;
  await way.send(request);
  expect([...connections.values()]).toEqual([3, 1]);
  expect(seen).toHaveLength(3);
});

test('a proxy that breaks off on a new connection is not asked again', async () => {
  breaksOff = () => true;
  await expect(transport().send(request).catch(reason)).resolves.toBe('unreachable');
  expect([...connections.values()]).toEqual([1]);
});

test.each([
  ['as large as it may be', 64 * 1024, undefined],
  ['larger', 64 * 1024 + 1, 'malformed'],
  ['far larger', 8 * 1024 * 1024, 'malformed'],
])('an answer %s', async (_name, size, problem) => {
  answer = { status: 200, body: 'x'.repeat(size) };
  const outcome = await transport().send(request).catch(reason);
  if (problem) expect(outcome).toBe(problem);
  else expect(outcome).toMatchObject({ status: 200 });
});

test('redirects are answers', async () => {
  answer = { status: 308, body: '', headers: { location: `${address}/elsewhere` } };
  expect(await transport().send(request)).toMatchObject({ status: 308 });
  expect(seen).toHaveLength(1);
});

test('the time holds for all of it: head, body and every try', async () => {
  const slow = createServer((_incoming, outgoing) => {
    outgoing.writeHead(200).write('{');
    // Something keeps coming, but it never ends.
    const drip = setInterval(() => outgoing.write(' '), 20);
    outgoing.on('close', () => clearInterval(drip));
  });
  await new Promise<void>((resolve) => slow.listen(0, '127.0.0.1', resolve));
  const place = {
    endpoint: 'https://slow.example',
    address: `http://127.0.0.1:${(slow.address() as AddressInfo).port}`,
  };
  const way = createXksTransport({ timeoutMs: 200, proxies: [place] });
  const started = performance.now();
  await expect(way.send({ ...request, endpoint: place.endpoint }).catch(reason)).resolves.toBe('timeout');
  expect(performance.now() - started).toBeGreaterThan(150);
  expect(performance.now() - started).toBeLessThan(3_000);
  slow.closeAllConnections();
  await new Promise((resolve) => slow.close(resolve));
});

test.each(['https://127.0.0.1', 'https://localhost', 'https://10.0.0.1', 'https://169.254.169.254', 'https://0'])(
  '%s is nowhere, whoever listens there',
  async (endpoint) => {
    await expect(
      transport()
        .send({ ...request, endpoint })
        .catch(reason),
    ).resolves.toBe('unreachable');
    expect(seen).toHaveLength(0);
  },
);
