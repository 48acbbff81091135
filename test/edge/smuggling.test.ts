/** Requests that two readers could understand differently: refused, or the target sees exactly what was inspected. */
import { createServer as createTcp, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Exchange } from '../../src/edge/exchange.ts';
import type { EdgeNode } from '../../src/edge/node.ts';
import {
  freePort,
  listener,
  loadBalancer,
  openInspector,
  openNode,
  raw,
  snapshot,
  targetGroup,
} from './edge.fixture.ts';

const nodes: EdgeNode[] = [];
const ports: Record<string, number> = {};
let target: Server;
/** Bytes that the target got. */
let arrived = '';
let inspected: string[] = [];

const inspector = {
  ...openInspector,
  inspect(exchange: Exchange) {
    inspected.push(`${exchange.head?.method} ${exchange.head?.target} ${exchange.body.start.toString('latin1')}`);
    return { kind: 'pass' as const, insertedHeaders: [] };
  },
};

const webAcl = {
  arn: 'acl',
  name: 'acl',
  account: '111122223333',
  scope: 'REGIONAL' as const,
  revision: '1',
  region: 'us-east-1',
  definition: {} as never,
  isLogged: false,
  tokenKey: '',
  inspectedBodyBytes: 8192,
};

beforeAll(async () => {
  target = createTcp((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      arrived += chunk.toString('latin1');
      const wanted = /content-length: (\d+)/i.exec(arrived)?.[1];
      const head = arrived.indexOf('\r\n\r\n');
      if (head < 0 || arrived.length < head + 4 + Number(wanted ?? 0)) return;
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    });
  });
  await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
  const { port } = target.address() as { port: number };
  for (const mode of ['monitor', 'defensive', 'strictest']) {
    const node = openNode(inspector);
    const own = await freePort();
    const attributes = { 'routing.http.desync_mitigation_mode': mode };
    await node.apply(
      snapshot({
        webAcls: [webAcl],
        loadBalancers: [loadBalancer([listener(own)], { attributes, webAcl: 'acl' })],
        targetGroups: [targetGroup('web', [port])],
      }),
    );
    nodes.push(node);
    ports[mode] = own;
  }
});

afterAll(async () => {
  for (const node of nodes) await node.close(0);
  target.close();
});

async function send(bytes: string, mode = 'defensive'): Promise<{ status: string; count: number }> {
  arrived = '';
  inspected = [];
  const answer = await raw(ports[mode] as number, bytes, 150);
  return { status: answer.slice(9, 12), count: (answer.match(/HTTP\/1\.1 \d/g) ?? []).length };
}

const post = (headers: string, body: string): string => `POST /p HTTP/1.1\r\nHost: a\r\n${headers}\r\n${body}`;

const refused: Record<string, string> = {
  'CL.TE': post('Content-Length: 6\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\nG'),
  'TE.CL': post('Transfer-Encoding: chunked\r\nContent-Length: 3\r\n', '1\r\nZ\r\n0\r\n\r\n'),
  'TE.TE, one of them unknown': post('Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n', '0\r\n\r\n'),
  'two codings': post('Transfer-Encoding: gzip, chunked\r\n', '0\r\n\r\n'),
  'a coding with a vertical tab': post('Transfer-Encoding: \x0bchunked\r\n', '0\r\n\r\n'),
  'a space before the colon': post('Transfer-Encoding : chunked\r\n', '0\r\n\r\n'),
  'chunks under HTTP/1.0': 'POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'two lengths that differ': post('Content-Length: 1\r\nContent-Length: 2\r\n', 'xy'),
  'two lengths that agree': post('Content-Length: 1\r\nContent-Length: 1\r\n', 'x'),
  'a list of lengths': post('Content-Length: 1, 1\r\n', 'x'),
  'a length with a sign': post('Content-Length: +1\r\n', 'x'),
  'a length in hexadecimal': post('Content-Length: 0x1\r\n', 'x'),
  'a folded header': 'GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n',
  'a folded coding': post('Transfer-Encoding:\r\n chunked\r\n', '0\r\n\r\n'),
  'lines that end in LF alone': 'GET / HTTP/1.1\nHost: a\n\n',
  'one header that ends in LF alone': 'GET / HTTP/1.1\r\nHost: a\nX: 1\r\n\r\n',
  'one header that ends in CR alone': 'GET / HTTP/1.1\r\nHost: a\rX: 1\r\n\r\n',
  'a chunk that ends in LF alone': post('Transfer-Encoding: chunked\r\n', '1\nx\n0\n\n'),
  'a chunk extension that ends in LF alone': post('Transfer-Encoding: chunked\r\n', '1;\nxx\r\nx\r\n0\r\n\r\n'),
  'a negative chunk': post('Transfer-Encoding: chunked\r\n', '-1\r\nx\r\n0\r\n\r\n'),
  'two hosts': 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n',
  'no host': 'GET / HTTP/1.1\r\n\r\n',
  'a host with a path': 'GET / HTTP/1.1\r\nHost: a/b\r\n\r\n',
  'a host with a user': 'GET / HTTP/1.1\r\nHost: b@a/\r\n\r\n',
  'a URI of another host': 'GET http://evil/ HTTP/1.1\r\nHost: a\r\n\r\n',
  'NUL in the path': 'GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n',
  'NUL in a header': 'GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n',
  'a space in the path': 'GET /a b HTTP/1.1\r\nHost: a\r\n\r\n',
  'a fragment': 'GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n',
  'a byte above 127 in the path': 'GET /\xe9 HTTP/1.1\r\nHost: a\r\n\r\n',
  'a header without name': 'GET / HTTP/1.1\r\nHost: a\r\n: x\r\n\r\n',
  'a name with a parenthesis': 'GET / HTTP/1.1\r\nHost: a\r\nX(: x\r\n\r\n',
  'HTTP/2.0 by its first line': 'GET / HTTP/2.0\r\nHost: a\r\n\r\n',
  'HTTP/1.2': 'GET / HTTP/1.2\r\nHost: a\r\n\r\n',
  'a tunnel': 'CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n',
};

describe('WAF trap 3: refused in every mode, and the target sees nothing', () => {
  test.each(Object.keys(refused))('%s', async (name) => {
    for (const mode of ['monitor', 'defensive', 'strictest']) {
      const { status, count } = await send(refused[name] as string, mode);
      expect(status, mode).toMatch(/^(?:400|405|501|505)$/);
      expect(count, mode).toBe(1);
      expect(arrived, mode).toBe('');
      expect(inspected, mode).toEqual([]);
    }
  });
});

describe('WAF trap 3: made plain: one request is inspected, and the same one arrives', () => {
  test('a prefix for the next request stays in the body of its own', async () => {
    const body = 'GET /admin HTTP/1.1\r\nX: ';
    await send(post(`Content-Length: ${body.length}\r\n`, body));
    expect(inspected).toEqual([`POST /p ${body}`]);
    expect(arrived.match(/HTTP\/1\.1\r\n/g)).toHaveLength(2);
    expect(arrived.toLowerCase()).toContain(`content-length: ${body.length}\r\n`);
  });

  test('Transfer_Encoding and its like do not arrive, for readers that take _ for -', async () => {
    for (const name of ['Transfer_Encoding', 'transfer.encoding', 'Content_Length', 'Content-Length_']) {
      await send(post(`${name}: chunked\r\nContent-Length: 5\r\n`, '0\r\n\r\n'));
      expect(arrived.toLowerCase()).not.toContain(name.toLowerCase());
      expect(inspected).toEqual(['POST /p 0\r\n\r\n']);
    }
    expect(
      (await send(post('Transfer_Encoding: chunked\r\nContent-Length: 5\r\n', '0\r\n\r\n'), 'strictest')).status,
    ).toBe('400');
  });

  test('a GET with a body: by its length in monitor, with the connection closed in defensive, refused in strictest', async () => {
    const get = 'GET /g HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabcGET /next HTTP/1.1\r\nHost: a\r\n\r\n';
    expect((await send(get, 'strictest')).status).toBe('400');
    expect(arrived).toBe('');
    expect(await send(get, 'defensive')).toEqual({ status: '200', count: 1 });
    expect(inspected).toEqual(['GET /g abc']);
    expect((await send(get, 'monitor')).count).toBe(2);
    expect(inspected).toEqual(['GET /g abc', 'GET /next ']);
  });

  test('an absolute URI of the same host becomes a path', async () => {
    expect((await send('GET http://a/x?y HTTP/1.1\r\nHost: a\r\n\r\n', 'monitor')).status).toBe('200');
    expect(inspected).toEqual(['GET /x?y ']);
    expect(arrived).toMatch(/^GET \/x\?y HTTP\/1\.1\r\nhost: a:\d+\r\n/i);
  });

  test('%2f and its like stay as they were sent: what is inspected is what the target reads', async () => {
    for (const path of [
      '/a%2f..%2fadmin',
      '/a%2F%2e%2e%2Fadmin',
      '/a/..;/admin',
      '/a%5c..%5cadmin',
      '/a%252fb',
      '/a%00b',
    ]) {
      expect((await send(`GET ${path}?x=%2f HTTP/1.1\r\nHost: a\r\n\r\n`)).status).toBe('200');
      expect(inspected).toEqual([`GET ${path}?x=%2f `]);
      expect(arrived.startsWith(`GET ${path}?x=%2f HTTP/1.1\r\n`)).toBe(true);
    }
  });

  test('a header that calls the cookie its own keeps nothing from the target', async () => {
    await send('GET / HTTP/1.1\r\nHost: a\r\nCookie: s=1\r\nConnection: keep-alive, cookie, host\r\n\r\n');
    expect(arrived).toContain('Cookie: s=1');
  });

  test('names with an underscore pass unless the load balancer drops them', async () => {
    await send('GET / HTTP/1.1\r\nHost: a\r\nX_Real_Ip: 1\r\n\r\n');
    expect(arrived).toContain('X_Real_Ip: 1');
  });
});

test('WAF trap 3: after a request that was refused the connection is closed: nothing rides behind it', async () => {
  const answer = await raw(ports.defensive as number, `${refused['CL.TE']}GET /next HTTP/1.1\r\nHost: a\r\n\r\n`, 200);
  expect(answer.match(/HTTP\/1\.1 \d/g)).toHaveLength(1);
  const { count } = await send(`${refused['two hosts']}GET /next HTTP/1.1\r\nHost: a\r\n\r\n`);
  expect([count, inspected, arrived]).toEqual([1, [], '']);
});

test('heads beyond the limits: 431 and 414', async () => {
  expect((await send(`GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(70_000)}\r\n\r\n`)).status).toBe('431');
  expect((await send(`GET / HTTP/1.1\r\nHost: a\r\n${'X: 1\r\n'.repeat(300)}\r\n`)).status).toBe('431');
  expect((await send(`GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: a\r\n\r\n`)).status).toBe('414');
  const many = Array.from({ length: 31 }, (_, index) => `10.0.0.${index}`).join(', ');
  expect((await send(`GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: ${many}\r\n\r\n`)).status).toBe('463');
  expect((await send('TRACE / HTTP/1.1\r\nHost: a\r\n\r\n')).status).toBe('405');
});
