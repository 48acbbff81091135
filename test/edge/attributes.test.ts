/** Attributes of load balancers and listeners, as requests and answers show them. */
import { connect as connectHttp2 } from 'node:http2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EdgeNode } from '../../src/edge/node.ts';
import type { AttributeMap } from '../../src/edge/snapshot.ts';
import {
  ask,
  freePort,
  listener,
  loadBalancer,
  mirror,
  type Origin,
  openNode,
  origin,
  raw,
  seenBy,
  snapshot,
  targetGroup,
} from './edge.fixture.ts';

let node: EdgeNode;
let web: Origin;
let port: number;

beforeAll(async () => {
  web = await origin((incoming, outgoing) => {
    outgoing.setHeader('server', 'target/1.0');
    outgoing.setHeader('x-frame-options', 'ALLOWALL');
    mirror(incoming, outgoing);
  });
  port = await freePort();
  node = openNode();
});

afterAll(async () => {
  await node.close(0);
  await web.close();
});

async function use(attributes: AttributeMap, ofListener: AttributeMap = {}): Promise<void> {
  await node.apply(
    snapshot({
      loadBalancers: [loadBalancer([listener(port, { attributes: ofListener })], { attributes })],
      targetGroups: [targetGroup('web', [web.port])],
    }),
  );
}

const mode = 'routing.http.xff_header_processing.mode';

test.each([
  ['append', '203.0.113.9, 127.0.0.1'],
  ['preserve', '203.0.113.9'],
  ['remove', undefined],
])('X-Forwarded-For: %s', async (value, expected) => {
  await use({ [mode]: value });
  const seen = await seenBy({ port, headers: { 'x-forwarded-for': '203.0.113.9' } });
  expect(seen.headers['x-forwarded-for']).toBe(expected);
});

test('X-Forwarded-For with the port of the client', async () => {
  await use({ 'routing.http.xff_client_port.enabled': 'true' });
  expect((await seenBy({ port })).headers['x-forwarded-for']).toMatch(/^127\.0\.0\.1:\d+$/);
});

test('the host has the port of the listener, unless it is to stay as it came', async () => {
  const hostOf = async (host: string) => (await seenBy({ port, headers: { host } })).headers.host;
  await use({});
  expect(await hostOf('shop.example')).toBe(`shop.example:${port}`);
  expect(await hostOf('shop.example:81')).toBe('shop.example:81');
  await use({ 'routing.http.preserve_host_header.enabled': 'true' });
  expect(await hostOf('shop.example')).toBe('shop.example');
});

test('names of other characters than letters, digits and hyphens are dropped where that is wanted', async () => {
  const headers = { x_own: '1', 'x-own': '2', 'x.own': '3' };
  await use({});
  expect((await seenBy({ port, headers })).headers).toMatchObject(headers);
  await use({ 'routing.http.drop_invalid_header_fields.enabled': 'true' });
  const seen = await seenBy({ port, headers });
  expect([seen.headers.x_own, seen.headers['x-own'], seen.headers['x.own']]).toEqual([undefined, '2', undefined]);
});

test('a listener adds headers to answers, in place of the target’s, and says nothing of servers if told so', async () => {
  await use(
    {},
    {
      'routing.http.response.server.enabled': 'false',
      'routing.http.response.x_frame_options.header_value': 'DENY',
      'routing.http.response.strict_transport_security.header_value': 'max-age=1',
    },
  );
  const { headers } = await ask({ port });
  expect(headers).toMatchObject({ 'x-frame-options': 'DENY', 'strict-transport-security': 'max-age=1' });
  expect(headers.server).toBeUndefined();
});

test('a connection that is older than the client keep alive ends with its next answer', async () => {
  await use({ 'client_keep_alive.seconds': '-1' });
  const answer = await raw(port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n', 400);
  expect(answer.match(/HTTP\/1\.1 200/g)).toHaveLength(1);
  expect(answer.toLowerCase()).toContain('connection: close');
});

test('trace ids that clients bring stay, with a mark of this hop', async () => {
  await use({});
  const given = 'Root=1-67891233-abcdef012345678912345678';
  const seen = await seenBy({ port, headers: { 'x-amzn-trace-id': `${given};Custom=1` } });
  expect(seen.headers['x-amzn-trace-id']).toMatch(
    /^Self=1-[0-9a-f]{8}-[0-9a-f]{24};Root=1-67891233-abcdef012345678912345678;Custom=1$/,
  );
  const forged = await seenBy({ port, headers: { 'x-amzn-trace-id': 'a b' } });
  expect(forged.headers['x-amzn-trace-id']).toMatch(/^Root=/);
});

test('HTTP/2 without TLS is no HTTP here', async () => {
  await use({});
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  await new Promise<void>((resolve) => {
    session.on('error', () => resolve());
    session.on('close', () => resolve());
    session.request({ ':path': '/' }).on('error', () => resolve());
  });
  session.destroy();
  expect((await ask({ port })).status).toBe(200);
});
