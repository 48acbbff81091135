/** The way of a request through a load balancer's listener and of its answer back, on real sockets. */
import { connect, createServer as createTcp } from 'node:net';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { EdgeNode } from '../../src/edge/node.ts';
import { Rules } from '../../src/edge/routing/rules.ts';
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
  rule,
  seenBy,
  snapshot,
  targetGroup,
  until,
} from './edge.fixture.ts';

let node: EdgeNode;
let web: Origin;
let port: number;
let handler: Parameters<typeof origin>[0] = mirror;

beforeAll(async () => {
  web = await origin((incoming, outgoing) => handler(incoming, outgoing));
  port = await freePort();
  node = openNode();
  await node.apply(
    snapshot({
      loadBalancers: [
        loadBalancer([
          listener(port, {
            rules: [
              rule(1, {
                conditions: [{ Field: 'path-pattern', Values: ['/old/*'] }],
                actions: [
                  {
                    Type: 'redirect',
                    RedirectConfig: {
                      Host: 'new.example',
                      Path: '/new/#{path}',
                      Port: '443',
                      Protocol: 'HTTPS',
                      StatusCode: 'HTTP_301',
                    },
                  },
                ],
              }),
              rule(2, {
                conditions: [{ Field: 'host-header', HostHeaderConfig: { Values: ['*.Closed.example'] } }],
                actions: [
                  {
                    Type: 'fixed-response',
                    FixedResponseConfig: { StatusCode: '410', ContentType: 'text/plain', MessageBody: 'gone' },
                  },
                ],
              }),
              rule(3, {
                conditions: [{ Field: 'path-pattern', Values: ['/login'] }],
                actions: [{ Type: 'authenticate-oidc', Order: 1 } as never, { Type: 'forward', Order: 2 }],
              }),
            ],
          }),
        ]),
      ],
      targetGroups: [targetGroup('web', [web.port])],
    }),
  );
});

afterAll(async () => {
  await node.close(0);
  await web.close();
});

describe('a request', () => {
  test('arrives with its method, path, headers and body, and with what tells of the client', async () => {
    handler = mirror;
    const seen = await seenBy({
      port,
      method: 'POST',
      path: '/a%20b?c=d&c=e',
      headers: {
        host: 'shop.example',
        'X-Own': 'one',
        'x-forwarded-for': '203.0.113.9',
        'x-amzn-mtls-clientcert': 'forged',
      },
      body: 'hello',
    });
    expect(seen).toMatchObject({ method: 'POST', url: '/a%20b?c=d&c=e', body: 'hello' });
    expect(seen.headers).toMatchObject({
      host: `shop.example:${port}`,
      'x-own': 'one',
      'x-forwarded-for': '203.0.113.9, 127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-forwarded-port': String(port),
      'content-length': '5',
    });
    expect(seen.headers['x-amzn-trace-id']).toMatch(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/);
    expect(seen.headers).not.toHaveProperty('x-amzn-mtls-clientcert');
    expect(seen.rawHeaders).toContain('X-Own');
  });

  test('that names no host is one for the load balancer', async () => {
    handler = mirror;
    const answer = await raw(port, 'GET / HTTP/1.0\r\n\r\n');
    expect(answer).toContain(`"host":"shop-1.us-east-1.elb.amazonaws.com:${port}"`);
  });

  test('keeps nothing of its hop: connection, te, upgrade to other protocols', async () => {
    const seen = await seenBy({
      port,
      headers: {
        connection: 'upgrade, x-hop',
        'x-hop': '1',
        upgrade: 'h2c',
        te: 'trailers',
        'http2-settings': 'AAMAAABkAAQAAP__',
      },
    });
    expect(seen.headers).not.toHaveProperty('x-hop');
    expect(seen.headers).not.toHaveProperty('te');
    expect(seen.headers).not.toHaveProperty('upgrade');
  });

  test('in chunks arrives with one length, trailers and extensions gone', async () => {
    const answer = await raw(
      port,
      'POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nT: 1\r\n\r\n',
    );
    const seen = JSON.parse(answer.slice(answer.indexOf('{')));
    expect(seen.body).toBe('abcde');
    expect(seen.headers['content-length']).toBe('5');
    expect(seen.headers['transfer-encoding']).toBeUndefined();
  });

  test('that expects 100-continue is told to go on, and arrives whole', async () => {
    const answer = await raw(
      port,
      'POST /c HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK/);
    expect(answer).toContain('"body":"hi"');
  });

  test('one after another on one connection, and two at once', async () => {
    const answer = await raw(port, 'GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n');
    expect(answer.match(/"url":"\/[12]"/g)).toEqual(['"url":"/1"', '"url":"/2"']);
  });
});

test('what cannot be read is not answered in the place of the request before it', async () => {
  let isAsked = false;
  handler = (_incoming, outgoing) => {
    isAsked = true;
    setTimeout(() => outgoing.end('late'), 500);
  };
  const answer = await raw(port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\nno HTTP\r\n\r\n', 2_000);
  expect([isAsked, answer]).toEqual([true, '']);
});

test('requests without bodies, whatever their method, end with their heads: what follows is the next one', async () => {
  handler = mirror;
  const heads = ['POST /one', 'PUT /two', 'DELETE /three', 'GET /four'];
  const answers = await raw(port, heads.map((head) => `${head} HTTP/1.1\r\nHost: a\r\n\r\n`).join(''));
  const seen = [...answers.matchAll(/"method":"(\w+)","url":"([^"]*)"/g)].map(([, method, url]) => `${method} ${url}`);
  expect(seen).toEqual(heads);
  expect([...answers.matchAll(/"body":"([^"]*)"/g)].map(([, body]) => body)).toEqual(['', '', '', '']);
});

describe('an answer', () => {
  test('streams as it comes', async () => {
    handler = (_incoming, outgoing) => {
      outgoing.write('first');
      setTimeout(() => outgoing.end('second'), 150);
    };
    const times: number[] = [];
    await new Promise<void>((resolve) => {
      const socket = connect(port, '127.0.0.1', () =>
        socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'),
      );
      socket.on('data', (chunk) => {
        if (/first|second/.test(chunk.toString())) times.push(Date.now());
      });
      socket.on('close', () => resolve());
    });
    expect(times).toHaveLength(2);
    expect((times[1] as number) - (times[0] as number)).toBeGreaterThan(80);
  });

  test.each([0, 1, 255, 256, 8_191, 8_192, 8_193, 100_000])('of %i bytes keeps each of them', async (length) => {
    const bytes = Buffer.from(Array.from({ length }, (_, at) => (at * 7) % 256));
    handler = (_incoming, outgoing) => {
      outgoing.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': String(length) });
      outgoing.end(bytes);
    };
    const answer = await ask({ port });
    expect(answer.headers['content-length']).toBe(String(length));
    expect(Buffer.from(answer.body, 'latin1').equals(bytes)).toBe(true);
  });

  test('keeps its trailers, its gzip and its cookies', async () => {
    handler = (_incoming, outgoing) => {
      outgoing.writeHead(200, { trailer: 'x-sum', 'content-encoding': 'gzip', 'set-cookie': ['a=1', 'b=2'] });
      outgoing.write('\x1f\x8bnot looked into');
      outgoing.addTrailers({ 'x-sum': '42' });
      outgoing.end();
    };
    const answer = await ask({ port });
    expect(answer.trailers).toMatchObject({ 'x-sum': '42' });
    expect(answer.headers).toMatchObject({ 'content-encoding': 'gzip', 'set-cookie': ['a=1', 'b=2'] });
    expect(answer.headers['x-amzn-requestid']).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('to HEAD, 204 and 304 has no body, and the connection goes on', async () => {
    handler = (incoming, outgoing) => {
      outgoing.writeHead(incoming.url === '/204' ? 204 : 200, incoming.url === '/204' ? {} : { 'content-length': '7' });
      outgoing.end(incoming.method === 'HEAD' || incoming.url === '/204' ? undefined : 'content');
    };
    const answer = await raw(
      port,
      'HEAD / HTTP/1.1\r\nHost: a\r\n\r\nGET /204 HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n',
    );
    expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 204', 'HTTP/1.1 200']);
    expect(answer.match(/content$/)).not.toBeNull();
  });

  test('of 5 MB arrives whole', async () => {
    const large = Buffer.alloc(5 * 1024 * 1024, 'x');
    handler = (_incoming, outgoing) => outgoing.end(large);
    expect((await ask({ port })).body).toHaveLength(large.length);
  });

  test('redirects, fixed answers and what is not built', async () => {
    const redirected = await ask({ port, path: '/old/shoes?size=9', headers: { host: `shop.example:${port}` } });
    expect(redirected.status).toBe(301);
    expect(redirected.headers.location).toBe('https://new.example:443/new/old/shoes?size=9');
    const fixed = await ask({ port, headers: { host: 'www.closed.example' } });
    expect([fixed.status, fixed.body, fixed.headers.server]).toEqual([410, 'gone', 'awselb/2.0']);
    expect((await ask({ port, path: '/login' })).status).toBe(501);
  });
});

test('a fault of the edge itself is answered 500, and harms nobody else', async () => {
  const complaints = vi.spyOn(console, 'error').mockReturnValue(undefined);
  const fault = vi.spyOn(Rules.prototype, 'find').mockImplementationOnce(() => {
    throw new Error('injected');
  });
  handler = mirror;
  expect((await ask({ port })).status).toBe(500);
  fault.mockRestore();
  complaints.mockRestore();
  expect((await ask({ port })).status).toBe(200);
  expect(node.report()?.failures).toBe(1);
});

describe('upstream faults', () => {
  async function withTarget(
    listen: Parameters<typeof createTcp>[1],
    run: (port: number, alone: EdgeNode) => Promise<void>,
  ): Promise<void> {
    const server = createTcp(listen as never);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port: targetPort } = server.address() as { port: number };
    const own = await freePort();
    const alone = openNode();
    await alone.apply(
      snapshot({
        loadBalancers: [loadBalancer([listener(own)], { attributes: { 'idle_timeout.timeout_seconds': '1' } })],
        targetGroups: [targetGroup('web', [targetPort])],
      }),
    );
    try {
      await run(own, alone);
    } finally {
      await alone.close(0);
      server.close();
    }
  }

  /** Names of metrics since the beginning, or the last time. */
  const counted = (of: EdgeNode): string[] => (of.report()?.metrics ?? []).flatMap(({ values }) => Object.keys(values));

  test('down: 502; nobody registered: 503', async () => {
    const nobody = await freePort();
    const own = await freePort();
    const alone = openNode();
    const balancer = loadBalancer([listener(own)]);
    await alone.apply(snapshot({ loadBalancers: [balancer], targetGroups: [targetGroup('web', [nobody])] }));
    const answer = await ask({ port: own });
    expect(answer.status).toBe(502);
    expect(answer.body).toContain('<center><h1>502 Bad Gateway</h1></center>');
    expect(counted(alone)).toContain('TargetConnectionErrorCount');
    await alone.apply(snapshot({ loadBalancers: [balancer], targetGroups: [targetGroup('web', [])] }));
    expect((await ask({ port: own })).status).toBe(503);
    await alone.close(0);
  });

  test('silent beyond the idle timeout: 504', async () => {
    await withTarget(
      () => undefined,
      async (own, alone) => {
        expect((await ask({ port: own })).status).toBe(504);
        // It was there, if silent.
        const names = counted(alone);
        expect(names).toContain('HTTPCode_ELB_504_Count');
        expect(names).not.toContain('TargetConnectionErrorCount');
      },
    );
  });

  test('resetting before an answer: 502; in the middle of one: the client sees it break off', async () => {
    await withTarget(
      (socket) => socket.once('data', () => socket.resetAndDestroy()),
      async (own) => expect((await ask({ port: own })).status).toBe(502),
    );
    await withTarget(
      (socket) =>
        socket.once('data', () => {
          socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf');
          setTimeout(() => socket.resetAndDestroy(), 50);
        }),
      async (own) => await expect(ask({ port: own })).rejects.toThrow(),
    );
  });

  test('what is no HTTP: 502', async () => {
    await withTarget(
      (socket) => socket.once('data', () => socket.end('hello\r\n\r\n')),
      async (own) => expect((await ask({ port: own })).status).toBe(502),
    );
  });

  test('a client that leaves takes its request upstream along', async () => {
    let isAborted = false;
    handler = (incoming) => incoming.socket.once('close', () => (isAborted = true));
    const socket = connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n'));
    await pause(100);
    socket.destroy();
    await pause(200);
    expect(isAborted).toBe(true);
  });

  test('and nobody looks at what it has sent behind', async () => {
    let isAsked = false;
    handler = () => {
      isAsked = true;
    };
    const found = vi.spyOn(Rules.prototype, 'find');
    const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;
    const socket = connect(port, '127.0.0.1', () => socket.write(get('/first') + get('/second') + get('/third')));
    await until(() => isAsked);
    socket.destroy();
    await pause(200);
    expect(found.mock.calls.map(([{ head }]) => head.path)).toEqual(['/first']);
    found.mockRestore();
  });
});
