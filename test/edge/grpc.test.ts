/** HTTP/2 and gRPC all the way: from HTTPS listeners to targets that speak nothing else, in the clear and by TLS. */
import {
  type ClientHttp2Session,
  connect as connectHttp2,
  constants,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import { request as httpsRequest } from 'node:https';
import { type AddressInfo, createServer as createTcp, type Socket } from 'node:net';
import { createServer as createTls } from 'node:tls';
import type { Dispatcher } from 'undici';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Exchange } from '../../src/edge/exchange.ts';
import type { EdgeNode } from '../../src/edge/node.ts';
import type { Snapshot, TargetGroupSettings } from '../../src/edge/snapshot.ts';
import { Pools } from '../../src/edge/upstream/pools.ts';
import { type Made, makeCertificate } from '../support/certificates.ts';
import {
  freePort,
  groupArn,
  listener,
  loadBalancer,
  mirror,
  type Origin,
  openInspector,
  openNode,
  origin,
  pause,
  rule,
  snapshot,
  targetGroup,
  until,
} from './edge.fixture.ts';
import { bodyOf, call, framed, type Http2Target, http2Target, reply, send, unframed } from './grpc.fixture.ts';

let node: EdgeNode;
let shown: Snapshot;
let authority: Made;
let shop: Made;
let port: number;
let plain: Http2Target;
let secure: Http2Target;
let narrow: Http2Target;
let web: Origin;
let silent: { readonly port: number; close(): void };
let session: ClientHttp2Session;
let inspected: { body: string; size: number }[] = [];
/** Headers that the web ACL adds, for a test that sends what no request may hold. */
let inserted: readonly (readonly [string, string])[] = [];
let serve: Serve;
let onBody: (body: Buffer) => void;

type Serve = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, message: string) => void;

/** Answers with what it heard, by a status of its own. */
const echo: Serve = (stream, _headers, message) =>
  reply(stream, [`heard ${message}`], { 'grpc-status': '0', 'grpc-message': 'fine', 'x-own': 'yes' });

const group = (name: string, ports: number[], over: Partial<TargetGroupSettings>): TargetGroupSettings =>
  targetGroup(name, ports, { protocolVersion: 'GRPC', ...over });

const to = (priority: number, path: string, name: string) =>
  rule(priority, {
    conditions: [{ Field: 'path-pattern', Values: [path] }],
    actions: [{ Type: 'forward', TargetGroupArn: groupArn(name) }],
  });

beforeAll(async () => {
  authority = await makeCertificate({ name: 'Authority', isAuthority: true });
  shop = await makeCertificate({ name: 'shop.example', issuer: authority });
  const target = await makeCertificate({ name: 'target.internal', issuer: authority });
  const answer = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void => {
    bodyOf(stream).then(
      (body) => {
        onBody(body);
        serve(stream, headers, headers['content-type'] === 'application/grpc' ? (unframed(body)[0] ?? '') : '');
      },
      () => undefined,
    );
  };
  plain = await http2Target(answer);
  secure = await http2Target(
    answer,
    {},
    {
      cert: target.pem,
      key: target.privateKey,
    },
  );
  narrow = await http2Target(answer, { maxConcurrentStreams: 3 });
  web = await origin(mirror);
  const sockets = new Set<Socket>();
  const server = createTcp((socket) => void sockets.add(socket.on('error', () => undefined)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  silent = {
    port: (server.address() as AddressInfo).port,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
  port = await freePort();
  node = openNode({
    ...openInspector,
    inspect(exchange: Exchange) {
      inspected.push({ body: exchange.body.start.toString('latin1'), size: exchange.body.size });
      return { kind: 'pass', insertedHeaders: inserted };
    },
  });
  shown = snapshot({
    targetAuthorities: authority.pem,
    limits: { upstreamConnectMs: 1_000, connectionsPerTarget: 4, bodyMemoryBytes: 65_536 },
    certificates: [{ arn: 'cert', chain: `${shop.pem}\n${authority.pem}`, privateKey: shop.privateKey }],
    webAcls: [{ arn: 'acl', revision: 'grpc' } as never],
    loadBalancers: [
      loadBalancer(
        [
          listener(port, {
            protocol: 'HTTPS',
            certificates: ['cert'],
            defaultActions: [{ Type: 'forward', TargetGroupArn: groupArn('calls') }],
            rules: [
              to(1, '/two/*', 'two'),
              to(2, '/one/*', 'one'),
              to(3, '/secure.*', 'secure'),
              to(4, '/silent.*', 'silent'),
              to(5, '/closed.*', 'closed'),
              to(6, '/narrow.*', 'narrow'),
              to(7, '/other/*', 'speaks-one'),
            ],
          }),
        ],
        {
          webAcl: 'acl',
          attributes: { 'idle_timeout.timeout_seconds': '1', 'access_logs.s3.enabled': 'true' },
        },
      ),
    ],
    targetGroups: [
      group('calls', [plain.port], {}),
      group('two', [plain.port], { protocolVersion: 'HTTP2' }),
      group('one', [web.port], { protocolVersion: 'HTTP1' }),
      group('secure', [secure.port], { protocol: 'HTTPS' }),
      group('silent', [silent.port], {}),
      group('closed', [await freePort()], {}),
      group('narrow', [narrow.port], {}),
      group('speaks-one', [web.port], { protocolVersion: 'HTTP2' }),
    ],
  });
  await node.apply(shown);
});

afterAll(async () => {
  await node.close(0);
  await Promise.all([plain.close(), secure.close(), narrow.close(), web.close()]);
  silent.close();
});

beforeEach(() => {
  serve = echo;
  onBody = () => undefined;
  inserted = [];
  inspected = [];
  session = connect();
});

afterEach(() => session.destroy());

function connect(): ClientHttp2Session {
  const made = connectHttp2(`https://127.0.0.1:${port}`, { ca: authority.pem, servername: 'shop.example' });
  made.on('error', () => undefined);
  return made;
}

/** What the log says of the requests since the last time. */
const logged = (): string[] => (node.reports.take()?.logs ?? []).flatMap(({ lines }) => lines);

describe('a call', () => {
  test('comes whole, as it was, and brings messages, status and trailers back', async () => {
    let seen: IncomingHttpHeaders = {};
    serve = (stream, headers, message) => {
      seen = headers;
      echo(stream, headers, message);
    };
    const answer = await call(session, '/shop.Menu/List', 'coffee', {
      'grpc-timeout': '5S',
      'trace-bin': 'AAEC',
      'x-amzn-mtls-clientcert': 'forged',
    });
    expect(answer).toMatchObject({ status: 200, messages: ['heard coffee'], grpcStatus: '0', isHeadAlone: false });
    expect(answer.trailers).toMatchObject({ 'grpc-message': 'fine', 'x-own': 'yes' });
    expect(answer.headers['grpc-status']).toBeUndefined();
    expect(seen).toMatchObject({
      ':method': 'POST',
      ':path': '/shop.Menu/List',
      ':scheme': 'http',
      ':authority': `shop.example:${port}`,
      'content-type': 'application/grpc',
      te: 'trailers',
      'grpc-timeout': '5S',
      'trace-bin': 'AAEC',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'https',
    });
    for (const name of ['x-amzn-mtls-clientcert', 'host', 'connection', 'content-length', 'transfer-encoding']) {
      expect(seen).not.toHaveProperty(name);
    }
    expect(inspected).toEqual([{ body: framed('coffee').toString('latin1'), size: 11 }]);
  });

  test('goes by TLS where the group says so', async () => {
    let scheme: unknown;
    serve = (stream, headers, message) => {
      scheme = headers[':scheme'];
      echo(stream, headers, message);
    };
    expect(await call(session, '/secure.A/B', 'tea')).toMatchObject({ grpcStatus: '0', messages: ['heard tea'] });
    expect(scheme).toBe('https');
  });

  test('that fails has its status in a head alone, as it was sent', async () => {
    serve = (stream) => {
      const head = { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '5', 'x-meta': 'kept' };
      stream.respond(head, { endStream: true });
    };
    const answer = await call(session, '/shop.Menu/Find', 'x');
    expect(answer).toMatchObject({ status: 200, isHeadAlone: true, grpcStatus: '5' });
    expect(answer.headers['x-meta']).toBe('kept');
  });

  test('streams its answers as they come', async () => {
    let go: (() => void) | undefined;
    serve = (stream) => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.write(framed('first'));
      go = () => stream.end(framed('second'));
    };
    const headers = { ':method': 'POST', ':path': '/a.B/C', ':authority': 'shop.example' };
    const stream = session.request({ ...headers, 'content-type': 'application/grpc' });
    stream.end(framed('all'));
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    let status: unknown;
    stream.on('trailers', (trailers) => {
      status = trailers['grpc-status'];
    });
    await until(() => unframed(Buffer.concat(chunks)).length === 1);
    expect(status).toBeUndefined();
    go?.();
    await until(() => status === '0');
    expect(unframed(Buffer.concat(chunks))).toEqual(['first', 'second']);
  });

  test('that streams its requests is delivered when they are complete, from the disk where they are large', async () => {
    const messages = Array.from({ length: 40 }, (_, index) => `${index} ${'x'.repeat(5_000)}`);
    let heard: string[] = [];
    onBody = (body) => {
      heard = unframed(body);
    };
    const headers = { ':method': 'POST', ':path': '/a.B/Up', ':authority': 'shop.example' };
    const stream = session.request({ ...headers, 'content-type': 'application/grpc' });
    let status: unknown;
    stream.on('trailers', (trailers) => {
      status = trailers['grpc-status'];
    });
    stream.resume();
    for (const one of messages) stream.write(framed(one));
    await pause(100);
    expect(heard).toEqual([]);
    stream.end();
    await until(() => status === '0');
    expect(heard).toEqual(messages);
  });

  test('says in the log what it was', async () => {
    logged();
    await call(session, '/shop.Menu/List', 'x', { 'user-agent': 'grpc-test/1' });
    await send(session, { ':method': 'GET', ':path': '/two/a' });
    const lines: string[] = [];
    await until(() => lines.push(...logged()) === 2);
    const [first = '', second = ''] = lines;
    expect(first).toMatch(
      new RegExp(
        `^grpcs \\S+ app/shop/\\S+ 127\\.0\\.0\\.1:\\d+ 127\\.0\\.0\\.1:${plain.port} [\\d.]+ [\\d.]+ [\\d.]+ 200 200 \\d+ \\d+ ` +
          `"POST https://shop\\.example:${port}/shop\\.Menu/List HTTP/2\\.0" "grpc-test/1" TLS_\\S+ TLSv1\\.3 arn:aws:\\S+targetgroup/calls/`,
      ),
    );
    expect(second).toMatch(/^h2 .* "GET https:\/\/shop\.example:\d+\/two\/a HTTP\/2\.0" /);
  });
});

describe('HTTP/2 to targets', () => {
  test('takes any method and body, and keeps what is there twice', async () => {
    let seen: IncomingHttpHeaders = {};
    let heard = '';
    onBody = (body) => {
      heard = String(body);
    };
    serve = (stream, headers) => {
      seen = headers;
      stream.respond(
        { ':status': 201, 'set-cookie': ['a=1', 'b=2'], 'content-length': '4' },
        { waitForTrailers: true },
      );
      stream.on('wantTrailers', () => stream.sendTrailers({ checksum: 'c' }));
      stream.end('made');
    };
    const head = { ':method': 'PUT', ':path': '/two/a?b=c', 'x-many': ['1', '2'], te: 'trailers' };
    const answer = await send(session, head, Buffer.from('hello'));
    expect(answer).toMatchObject({ status: 201, trailers: { checksum: 'c' } });
    expect(answer.headers['set-cookie']).toEqual(['a=1', 'b=2']);
    expect(String(answer.body)).toBe('made');
    expect(seen).toMatchObject({ ':method': 'PUT', ':path': '/two/a?b=c', 'x-many': '1, 2', te: 'trailers' });
    expect(seen['content-length']).toBe('5');
    expect(heard).toBe('hello');
    serve = (stream, headers) => {
      seen = headers;
      stream.respond({ ':status': 204 }, { endStream: true });
    };
    expect(await send(session, { ':method': 'DELETE', ':path': '/two/a' })).toMatchObject({ status: 204 });
    expect(seen).not.toHaveProperty('te');
    serve = (stream) => stream.respond({ ':status': 200, 'content-length': '9' }, { endStream: true });
    const asked = await send(session, { ':method': 'HEAD', ':path': '/two/a' });
    expect(asked).toMatchObject({ status: 200, headers: { 'content-length': '9' } });
  });

  test('carries an answer larger than any window, whole', async () => {
    const large = Buffer.alloc(3_000_000, 'large ');
    serve = (stream) => {
      stream.respond({ ':status': 200 });
      stream.end(large);
    };
    const answer = await send(session, { ':method': 'GET', ':path': '/two/large' });
    expect(answer.body.equals(large)).toBe(true);
  });
});

describe('what does not fit', () => {
  const page = (path: string, headers: Record<string, string> = {}): Promise<number> =>
    new Promise((resolve, reject) => {
      const options = { port, path, method: 'POST', headers: { host: 'shop.example', ...headers }, agent: false };
      const request = httpsRequest({ ...options, ca: authority.pem, servername: 'shop.example' }, (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      });
      request.on('error', reject);
      request.end('x');
    });

  test('is answered 464: HTTP/1.1 to HTTP/2 and gRPC, gRPC to HTTP/1.1, gRPC groups by other methods', async () => {
    let calls = 0;
    serve = () => {
      calls += 1;
    };
    expect(await page('/a.B/C')).toBe(464);
    expect(await page('/a.B/C', { 'content-type': 'application/grpc' })).toBe(464);
    expect(await page('/two/a')).toBe(464);
    expect(await send(session, { ':method': 'GET', ':path': '/a.B/C' })).toMatchObject({ status: 464 });
    const refused = await call(session, '/one/C', 'x');
    expect(refused).toMatchObject({ status: 464, isHeadAlone: true, grpcStatus: '2' });
    expect(calls).toBe(0);
  });

  test('is let through where AWS does: POST to gRPC groups, gRPC to HTTP/2, gRPC-Web and HTTP/2 to HTTP/1.1', async () => {
    expect(await send(session, { ':method': 'POST', ':path': '/a.B/C' }, framed('x'))).toMatchObject({ status: 200 });
    expect(await call(session, '/two/C', 'x')).toMatchObject({ status: 200, grpcStatus: '0' });
    const web = { ':method': 'POST', ':path': '/one/C', 'content-type': 'application/grpc-web+proto' };
    expect(await send(session, web, framed('x'))).toMatchObject({ status: 200 });
  });
});

describe('a target that fails', () => {
  test('is told in the words of gRPC too', async () => {
    const gone = await call(session, '/closed.A/B', 'x');
    expect(gone).toMatchObject({ status: 502, isHeadAlone: true, grpcStatus: '14', messages: [] });
    expect(gone.headers).toMatchObject({
      'content-type': 'application/grpc',
      'grpc-message': 'TargetConnectionError',
      server: 'awselb/2.0',
    });
    // It takes the connection and never says what it speaks.
    expect(await call(session, '/silent.A/B', 'x')).toMatchObject({ status: 504, grpcStatus: '14' });
    session = connect();
    // It speaks HTTP/1.1.
    const page = await send(session, { ':method': 'GET', ':path': '/other/a' });
    expect(page.status).toBe(502);
    expect(String(page.body)).toContain('502 Bad Gateway');
  });

  test('by silence is given up after the idle time, and its connection goes on', async () => {
    const late: ServerHttp2Stream[] = [];
    serve = (stream) => void late.push(stream);
    expect(await call(session, '/a.B/Slow', 'x')).toMatchObject({ status: 504, grpcStatus: '14' });
    await until(() => late[0]?.destroyed === true);
    session = connect();
    const before = plain.opened();
    serve = echo;
    expect(await call(session, '/a.B/C', 'x')).toMatchObject({ grpcStatus: '0' });
    expect(plain.opened()).toBe(before);
  });

  test('in the middle of an answer resets the stream: half of one never looks whole', async () => {
    serve = (stream) => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
      stream.write(framed('half'));
      setTimeout(() => stream.session?.socket.destroy(), 30);
    };
    for (const path of ['/a.B/C', '/two/C']) {
      const answer = await call(session, path, 'x');
      expect(answer).toMatchObject({ status: 200, grpcStatus: undefined, messages: ['half'] });
      expect(answer.resetCode).toBe(constants.NGHTTP2_INTERNAL_ERROR);
    }
    serve = (stream) => {
      stream.respond({ ':status': 200, 'content-length': '10' });
      stream.write('half');
      setTimeout(() => stream.destroy(), 30);
    };
    const short = await send(session, { ':method': 'GET', ':path': '/two/short' });
    expect(short.resetCode).toBe(constants.NGHTTP2_INTERNAL_ERROR);
  });

  test('before its answer is asked again only by whoever only asked', async () => {
    let asked = 0;
    serve = (stream) => {
      asked += 1;
      stream.session?.socket.destroy();
    };
    expect(await call(session, '/a.B/C', 'x')).toMatchObject({ status: 502, grpcStatus: '14' });
    expect(asked).toBe(1);
    expect(await send(session, { ':method': 'GET', ':path': '/two/x' })).toMatchObject({ status: 502 });
    expect(asked).toBe(3);
    serve = (stream) => {
      asked += 1;
      if (asked > 4) echo(stream, {}, 'x');
      else stream.close(constants.NGHTTP2_REFUSED_STREAM);
    };
    // It says that it has not begun: then the call may be made again.
    expect(await call(session, '/a.B/C', 'x')).toMatchObject({ grpcStatus: '0' });
    expect(asked).toBe(5);
  });

  test('by saying goodbye ends what it has, and the next call goes to a new connection', async () => {
    let release: (() => void) | undefined;
    serve = (stream, headers, message) => {
      release = () => echo(stream, headers, message);
      stream.session?.goaway(constants.NGHTTP2_NO_ERROR);
    };
    const first = call(session, '/a.B/C', 'one');
    await until(() => release !== undefined);
    await pause(50);
    const before = plain.opened();
    serve = echo;
    expect(await call(session, '/a.B/C', 'two')).toMatchObject({ grpcStatus: '0', messages: ['heard two'] });
    expect(plain.opened()).toBe(before + 1);
    release?.();
    expect(await first).toMatchObject({ grpcStatus: '0', messages: ['heard one'] });
    await until(() => plain.sessions.size === 1);
    // What came after the last that it took was not begun: that call is made again.
    let isFirst = true;
    serve = (stream, headers, message) => {
      if (isFirst) {
        const { session: own } = stream;
        own?.goaway(constants.NGHTTP2_NO_ERROR, (stream.id ?? 0) - 2);
        // It would keep its half of the connection for the call that it has refused.
        setTimeout(() => own?.destroy(), 100);
      }
      if (!isFirst) echo(stream, headers, message);
      isFirst = false;
    };
    expect(await call(session, '/a.B/C', 'again')).toMatchObject({ grpcStatus: '0', messages: ['heard again'] });
    serve = (stream) => stream.session?.goaway(constants.NGHTTP2_INTERNAL_ERROR);
    expect(await call(session, '/a.B/C', 'x')).toMatchObject({ status: 502 });
    serve = echo;
    expect(await call(session, '/a.B/C', 'x')).toMatchObject({ grpcStatus: '0' });
  });
});

test('a target that freezes is not asked by the same connection again', async () => {
  const sockets: Socket[] = [];
  const settings = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);
  const server = createTcp((socket) => {
    sockets.push(socket.on('error', () => undefined).resume());
    socket.write(settings);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const pools = new Pools({ connectMs: 1_000, connections: 4, authorities: undefined, reachesOwn: true });
  const sessions = pools.sessionsTo(`h2c://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const ask = (): Promise<string> =>
    new Promise((resolve) => {
      const request: Dispatcher.DispatchOptions = {
        method: 'GET',
        path: '/',
        headers: ['Host', 'a'],
        headersTimeout: 400,
      };
      sessions.dispatch(request, {
        onResponseError: (_controller, error) => resolve((error as Error & { code: string }).code),
      });
    });
  expect(await ask()).toBe('UND_ERR_HEADERS_TIMEOUT');
  expect(await ask()).toBe('UND_ERR_HEADERS_TIMEOUT');
  expect(sockets).toHaveLength(2);
  await until(() => sockets.every(({ destroyed }) => destroyed), 5_000);
  await pools.close();
  server.close();
});

test('targets are asked by TLS only where somebody vouches for them, and they offer HTTP/2', async () => {
  const stranger = await makeCertificate({ name: 'stranger' });
  const known = await makeCertificate({ name: 'known', issuer: authority });
  let calls = 0;
  const count = (): void => {
    calls += 1;
  };
  const unknown = await http2Target(count, {}, { cert: stranger.pem, key: stranger.privateKey });
  const old = createTls({ cert: known.pem, key: known.privateKey }, (socket) => socket.on('error', () => undefined));
  await new Promise<void>((resolve) => old.listen(0, '127.0.0.1', resolve));
  const own = openNode();
  const front = await freePort();
  await own.apply(
    snapshot({
      targetAuthorities: authority.pem,
      certificates: [{ arn: 'cert', chain: `${shop.pem}\n${authority.pem}`, privateKey: shop.privateKey }],
      loadBalancers: [
        loadBalancer([
          listener(front, {
            protocol: 'HTTPS',
            certificates: ['cert'],
            rules: [to(1, '/unknown.*', 'unknown'), to(2, '/old.*', 'old')],
          }),
        ]),
      ],
      targetGroups: [
        group('unknown', [unknown.port], { protocol: 'HTTPS' }),
        group('old', [(old.address() as AddressInfo).port], { protocol: 'HTTPS' }),
      ],
    }),
  );
  const there = connectHttp2(`https://127.0.0.1:${front}`, { ca: authority.pem, servername: 'shop.example' });
  expect(await call(there, '/unknown.A/B', 'x')).toMatchObject({ status: 502, grpcStatus: '14' });
  const refused = await call(there, '/old.A/B', 'x');
  expect(refused).toMatchObject({ status: 502, headers: { 'grpc-message': 'TargetConnectionError' } });
  expect(calls).toBe(0);
  there.destroy();
  await own.close(0);
  await unknown.close();
  old.close();
});

test('what belongs to a connection is not in an answer, and harms nobody', async () => {
  serve = (stream) => {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc', 'x-own': '1' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0', te: 'trailers' }));
    stream.end(framed('x'));
  };
  const answer = await call(session, '/a.B/C', 'x');
  expect(answer).toMatchObject({ grpcStatus: '0', headers: { 'x-own': '1' } });
  expect(answer.trailers).not.toHaveProperty('te');
});

test('a client that does not read makes the target wait, and holds little here', async () => {
  let sent = 0;
  serve = (stream) => {
    stream.respond({ ':status': 200 });
    const piece = Buffer.alloc(64 * 1024);
    const fill = (): void => {
      while (sent < 64 * 1024 * 1024 && !stream.destroyed) {
        sent += piece.length;
        if (!stream.write(piece)) {
          stream.once('drain', fill);
          return;
        }
      }
      stream.end();
    };
    fill();
  };
  const stream = session.request({ ':method': 'GET', ':path': '/two/large', ':authority': 'shop.example' });
  stream.on('error', () => undefined);
  await new Promise((resolve) => stream.once('response', resolve));
  let before = -1;
  await until(async () => {
    before = sent;
    await pause(300);
    return sent === before;
  });
  expect(sent).toBeLessThan(8 * 1024 * 1024);
  stream.close(constants.NGHTTP2_CANCEL);
});

test('a client that goes away takes its call with it', async () => {
  let ended = 0;
  serve = (stream) => {
    stream.on('close', () => {
      ended += 1;
    });
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
    // Never silent: nothing but the client's leaving ends it.
    const talking = setInterval(() => stream.write(framed('x')), 50);
    stream.on('close', () => clearInterval(talking));
  };
  for (const wait of [true, false]) {
    const own = connect();
    const head = { ':method': 'POST', ':path': '/a.B/C', ':authority': 'shop.example' };
    const stream = own.request({ ...head, 'content-type': 'application/grpc' });
    stream.on('error', () => undefined);
    const answered = new Promise((resolve) => stream.once('data', resolve));
    stream.end(framed('x'));
    await answered;
    if (wait) stream.close(constants.NGHTTP2_CANCEL);
    else own.destroy();
    await until(() => ended === (wait ? 1 : 2));
    own.destroy();
  }
});

describe('names and values that could begin another request', () => {
  test.each([
    [['x-a', 'b\r\nx-c: d']],
    [['x-a', 'b\0x-c']],
    [['x-a\0b', 'c']],
    [['x a', 'b']],
    [[':path', '/elsewhere']],
    [['connection', 'close']],
    [['transfer-encoding', 'chunked']],
    [['host', 'elsewhere']],
    [['te', 'gzip']],
  ] as [[string, string]][])('%j does not go to the target, and nobody else’s call ends', async (header) => {
    let release: (() => void) | undefined;
    let calls = 0;
    serve = (stream, headers, message) => {
      calls += 1;
      release = () => echo(stream, headers, message);
    };
    const other = call(session, '/a.B/C', 'other');
    await until(() => release !== undefined);
    inserted = [header];
    expect(await call(session, '/a.B/C', 'x')).toMatchObject({ status: 502, grpcStatus: '14' });
    expect(calls).toBe(1);
    release?.();
    expect(await other).toMatchObject({ grpcStatus: '0' });
  });

  test('capitals become small', async () => {
    let seen: IncomingHttpHeaders = {};
    serve = (stream, headers, message) => {
      seen = headers;
      echo(stream, headers, message);
    };
    inserted = [['X-Amzn-WAF-Kind', 'Bot']];
    expect(await call(session, '/a.B/C', 'x')).toMatchObject({ grpcStatus: '0' });
    expect(seen['x-amzn-waf-kind']).toBe('Bot');
  });
});

test('health is the status of a call, or of HTTP where the version is HTTP2', async () => {
  const statuses: Record<string, string | undefined> = {};
  const checked = await http2Target((stream, headers) => {
    const path = String(headers[':path']);
    const status = statuses[path];
    if (path === '/plain') stream.respond({ ':status': headers[':method'] === 'GET' ? 204 : 500 }, { endStream: true });
    // A head alone, trailers, no answer, no status.
    else if (status === '12') stream.respond({ ':status': 200, 'grpc-status': status }, { endStream: true });
    else if (status !== undefined)
      void bodyOf(stream).then((body) => reply(stream, [], { 'grpc-status': body.length === 5 ? status : '13' }));
    else if (path === '/bare') reply(stream, [], { other: 'x' });
  });
  const own = openNode();
  const check = (path: string, matcher: string) => ({
    enabled: true,
    protocol: 'HTTP' as const,
    port: 'traffic-port',
    path,
    intervalSeconds: 0.05,
    timeoutSeconds: 0.3,
    healthyThreshold: 2,
    unhealthyThreshold: 2,
    matcher,
  });
  statuses['/A.B/unknown'] = '12';
  statuses['/A.B/fine'] = '0';
  const made = [
    group('unknown', [checked.port], { healthCheck: check('/A.B/unknown', '12') }),
    group('fine', [checked.port], { healthCheck: check('/A.B/fine', '0') }),
    group('strict', [checked.port], { healthCheck: check('/A.B/unknown', '0,13-15') }),
    group('slow', [checked.port], { healthCheck: check('/A.B/slow', '0-99') }),
    group('bare', [checked.port], { healthCheck: check('/bare', '0-99') }),
    group('plain', [checked.port], { healthCheck: check('/plain', '204'), protocolVersion: 'HTTP2' }),
    group('speaks-one', [web.port], { healthCheck: check('/', '200'), protocolVersion: 'HTTP2' }),
  ];
  await own.apply(
    snapshot({
      loadBalancers: [
        loadBalancer([listener(await freePort(), { rules: made.map(({ name }, at) => to(at + 1, `/${name}`, name)) })]),
      ],
      targetGroups: made,
    }),
  );
  const states: Record<string, Record<string, string>> = {};
  const look = (): typeof states => {
    for (const { targetGroupArn, health } of own.reports.take()?.health ?? []) {
      states[targetGroupArn.split('/')[1] as string] = { ...health };
    }
    return states;
  };
  await until(() => Object.keys(look()).length === made.length);
  expect(states).toEqual({
    unknown: { state: 'healthy' },
    fine: { state: 'healthy' },
    plain: { state: 'healthy' },
    strict: {
      state: 'unhealthy',
      reason: 'Target.ResponseCodeMismatch',
      description: 'Health checks failed with these codes: [12]',
    },
    slow: { state: 'unhealthy', reason: 'Target.Timeout', description: 'Request timed out' },
    bare: { state: 'unhealthy', reason: 'Target.FailedHealthChecks', description: 'Health checks failed' },
    'speaks-one': { state: 'unhealthy', reason: 'Target.FailedHealthChecks', description: 'Health checks failed' },
  });
  await own.close(0);
  await until(() => checked.sessions.size === 0);
  await checked.close();
});

test('many calls at once share few connections, and no more than the target takes', async () => {
  let running = 0;
  let most = 0;
  serve = (stream, headers, message) => {
    running += 1;
    most = Math.max(most, running);
    setTimeout(() => {
      running -= 1;
      echo(stream, headers, message);
    }, 5);
  };
  const answers = await Promise.all(Array.from({ length: 100 }, (_, index) => call(session, '/a.B/C', String(index))));
  expect(answers.every(({ grpcStatus }) => grpcStatus === '0')).toBe(true);
  expect(answers.map(({ messages }) => messages[0])).toEqual(answers.map((_, index) => `heard ${index}`));
  expect(plain.sessions.size).toBeLessThanOrEqual(2);
  most = 0;
  const few = await Promise.all(Array.from({ length: 60 }, (_, index) => call(session, '/narrow.B/C', String(index))));
  expect(few.every(({ grpcStatus }) => grpcStatus === '0')).toBe(true);
  // Three on each of four connections.
  expect(most).toBeLessThanOrEqual(12);
  expect(narrow.opened()).toBeGreaterThan(1);
  expect(narrow.opened()).toBeLessThanOrEqual(4);
});

test('10,000 calls leave nothing behind', async () => {
  serve = echo;
  await call(session, '/a.B/C', 'x');
  const before = { opened: plain.opened(), handles: handles() };
  const lanes = Array.from({ length: 50 }, async () => {
    for (let round = 0; round < 200; round++) {
      const { grpcStatus } = await call(session, '/a.B/C', 'x');
      if (grpcStatus !== '0') throw new Error(`a call ended with ${grpcStatus}`);
    }
  });
  await Promise.all(lanes);
  expect(plain.opened() - before.opened).toBeLessThanOrEqual(1);
  await until(() => handles() <= before.handles + 2);
  expect(node.reports.take()?.metrics.some(({ values }) => values.GrpcRequestCount !== undefined)).toBe(true);
}, 60_000);

test('connections to targets that are gone end after their last call', async () => {
  let release: (() => void) | undefined;
  serve = (stream, headers, message) => {
    release = () => echo(stream, headers, message);
  };
  const last = call(session, '/a.B/C', 'last');
  await until(() => release !== undefined);
  const { loadBalancers, targetGroups } = shown;
  await node.apply({
    ...shown,
    version: shown.version + 1_000,
    loadBalancers,
    targetGroups: targetGroups.map((one) => (one.name === 'calls' ? { ...one, targets: [] } : one)),
  });
  await pause(100);
  release?.();
  expect(await last).toMatchObject({ grpcStatus: '0', messages: ['heard last'] });
  expect(await call(session, '/a.B/C', 'x')).toMatchObject({ status: 503, grpcStatus: '14' });
  await node.apply({ ...shown, version: shown.version + 1_001, loadBalancers: [], targetGroups: [] });
  await until(() => plain.sessions.size === 0 && secure.sessions.size === 0 && narrow.sessions.size === 0);
});

const handles = (): number => process.getActiveResourcesInfo().filter((name) => name !== 'Immediate').length;
