/** Lines of access logs: what was received and sent, heads included, and how far a request kept to the rules. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EdgeNode } from '../../src/edge/node.ts';
import {
  ask,
  freePort,
  listener,
  loadBalancer,
  type Origin,
  openNode,
  origin,
  raw,
  snapshot,
  targetGroup,
  until,
} from './edge.fixture.ts';

let node: EdgeNode;
let web: Origin;
let port: number;

beforeAll(async () => {
  web = await origin((_incoming, outgoing) => outgoing.end('coffee'));
  port = await freePort();
  node = openNode();
  await node.apply(
    snapshot({
      loadBalancers: [loadBalancer([listener(port)], { attributes: { 'access_logs.s3.enabled': 'true' } })],
      targetGroups: [targetGroup('web', [web.port])],
    }),
  );
});

afterAll(async () => {
  await node.close(0);
  await web.close();
});

/** The fields of the next line. */
async function next(): Promise<string[]> {
  let line: string | undefined;
  await until(() => {
    [line] = (node.reports.take()?.logs ?? []).flatMap(({ lines }) => lines);
    return line !== undefined;
  });
  return line?.match(/"[^"]*"|\S+/g) ?? [];
}

const dnsName = 'shop-1.us-east-1.elb.amazonaws.com';
const [received, sent, request, errorReason, classification, why] = [10, 11, 12, 24, 27, 28] as const;
const status = 8;

test('bytes are those of head and body', async () => {
  const head = 'POST /look HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 5\r\n\r\n';
  await raw(port, `${head}hello`);
  const fields = await next();
  expect(Number(fields[received])).toBe(head.length + 5);
  // Node adds what the connection is to become.
  expect(Number(fields[sent])).toBeGreaterThan('HTTP/1.1 200 OK\r\n\r\ncoffee'.length + 100);
  await ask({ port, path: '/longer', headers: { 'x-long': 'x'.repeat(1_000) } });
  expect(Number((await next())[received])).toBeGreaterThan(1_000);
});

test('a head that is refused is classified, and no error of the load balancer', async () => {
  await raw(port, 'GET /a HTTP/1.1\r\nHost: a b\r\n\r\n');
  const fields = await next();
  expect(fields[status]).toBe('400');
  expect(fields[request]).toBe(`"GET http://${dnsName}:${port}- HTTP/1.1"`);
  expect([fields[errorReason], fields[classification], fields[why]]).toEqual(['"-"', '"Severe"', '"BadHeader"']);
});

test.each([
  ['Content-Length: 1\r\nTransfer-Encoding: chunked\r\n', '"Ambiguous"', '"BothTeClPresent"'],
  ['Content-Length: x\r\n', '"Severe"', '"BadContentLength"'],
])('what cannot be read has a line, too: %j', async (header, grade, reason) => {
  await raw(port, `POST / HTTP/1.1\r\nHost: a\r\n${header}\r\n`);
  const fields = await next();
  expect(fields).toHaveLength(30);
  expect(fields[3]).toMatch(/^127\.0\.0\.1:\d+$/);
  expect([fields[status], fields[request]]).toEqual(['400', `"- http://${dnsName}:${port}- -"`]);
  expect([fields[errorReason], fields[classification], fields[why]]).toEqual(['"-"', grade, reason]);
});
