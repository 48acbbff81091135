/** TLS in front: names, versions, HTTP/2, certificates of clients, fingerprints; WebSockets and PROXY protocol. */
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import { connect as connectHttp2, constants } from 'node:http2';
import { createServer as createHttps, request as httpsRequest, type RequestOptions } from 'node:https';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Issuer, makeIntermediate, makeLeaf, makeRoot, validFor } from '../../src/certificates/authority.ts';
import type { Signer } from '../../src/certificates/signer.ts';
import type { Exchange } from '../../src/edge/exchange.ts';
import type { EdgeNode } from '../../src/edge/node.ts';
import type { CertificateSettings, ListenerSettings, Snapshot } from '../../src/edge/snapshot.ts';
import {
  ask,
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
  raw,
  type Seen,
  snapshot,
  targetGroup,
  until,
} from './edge.fixture.ts';

const day = 86_400_000;
let issuer: Issuer;
let rootPem: string;
let web: Origin;
let node: EdgeNode;
let fingerprints: (string | undefined)[] = [];
const ports: Record<string, number> = {};
const clientKeys: Record<string, { cert: string; key: string }> = {};

function signer(): Signer {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    curve: 'P-256',
    publicKey: pair.publicKey.export({ format: 'der', type: 'spki' }),
    sign: async (message) => sign('sha256', message, pair.privateKey),
  };
}

async function leaf(use: 'server' | 'client', names: string[], by = issuer, validity = validFor(Date.now(), 7)) {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const publicKey = pair.publicKey.export({ format: 'der', type: 'spki' });
  const cert = `${await makeLeaf(by, publicKey, use, names, validity)}\n${by.certificate}`;
  return { cert, key: String(pair.privateKey.export({ format: 'pem', type: 'pkcs8' })) };
}

beforeAll(async () => {
  const rootSigner = signer();
  const validity = { from: Date.now() - 30 * day, to: Date.now() + 30 * day };
  rootPem = await makeRoot(rootSigner, 'Root', validity);
  const own = signer();
  const root = { signer: rootSigner, certificate: rootPem };
  issuer = { signer: own, certificate: await makeIntermediate(root, own.publicKey, 'Issuing', validity) };
  const strangerSigner = signer();
  const stranger = { signer: strangerSigner, certificate: await makeRoot(strangerSigner, 'Stranger', validity) };
  const certificates: CertificateSettings[] = [];
  for (const [arn, ...names] of [
    ['default', 'default.example'],
    ['shop', 'shop.example'],
    ['wild', '*.wild.example'],
  ]) {
    const { cert, key } = await leaf('server', names);
    certificates.push({ arn: arn as string, chain: cert, privateKey: key });
  }
  clientKeys.good = await leaf('client', ['alice']);
  clientKeys.expired = await leaf('client', ['bob'], issuer, { from: Date.now() - 10 * day, to: Date.now() - day });
  clientKeys.stranger = await leaf('client', ['mallory'], stranger);
  web = await origin(mirror);
  const secure = async (name: string, over: Partial<ListenerSettings> = {}) => {
    ports[name] = await freePort();
    return listener(ports[name] as number, {
      protocol: 'HTTPS',
      certificates: ['default', 'shop', 'wild'],
      ...over,
    });
  };
  const verify = { mode: 'verify' as const, trustStoreArn: 'store' };
  node = openNode({
    ...openInspector,
    inspect(exchange: Exchange) {
      const { fingerprint } = exchange.connection;
      fingerprints = [fingerprint?.ja3, fingerprint?.ja4];
      return { kind: 'pass', insertedHeaders: [['x-amzn-waf-seen', 'yes']] };
    },
  });
  ports.plain = await freePort();
  await node.apply(
    snapshot({
      certificates,
      trustStores: [{ arn: 'store', caBundle: rootPem, revocations: [] }],
      trustedProxies: ['127.0.0.9/32'],
      webAcls: [{ arn: 'acl', revision: '1' } as never],
      loadBalancers: [
        loadBalancer(
          [
            await secure('both'),
            await secure('only13', { tlsPolicy: { protocols: ['TLSv1.3'], ciphers: ['TLS_AES_256_GCM_SHA384'] } }),
            await secure('verify', { mutualAuthentication: verify }),
            await secure('lenient', { mutualAuthentication: { ...verify, ignoreClientCertificateExpiry: true } }),
            await secure('passthrough', { mutualAuthentication: { mode: 'passthrough' } }),
            await secure('renamed', {
              mutualAuthentication: { mode: 'passthrough' },
              attributes: { 'routing.http.request.x_amzn_mtls_clientcert.header_name': 'X-Client-Cert' },
            }),
            listener(ports.plain),
          ],
          {
            webAcl: 'acl',
            attributes: {
              'routing.http.x_amzn_tls_version_and_cipher_suite.enabled': 'true',
              'access_logs.s3.enabled': 'true',
            },
          },
        ),
      ],
      targetGroups: [targetGroup('web', [web.port])],
    }),
  );
});

afterAll(async () => {
  await node.close(0);
  await web.close();
});

function get(name: string, options: RequestOptions = {}): Promise<Seen & { certificate: string; answer: object }> {
  return new Promise((resolve, reject) => {
    const request = httpsRequest(
      {
        host: '127.0.0.1',
        port: ports[name],
        servername: 'default.example',
        ca: rootPem,
        agent: false,
        headers: { host: 'x.example' },
        ...options,
      },
      (answer) => {
        const certificate = (
          answer.socket as unknown as { getPeerCertificate(): { subjectaltname: string } }
        ).getPeerCertificate().subjectaltname;
        let body = '';
        answer.on('data', (chunk) => {
          body += chunk;
        });
        answer.on('end', () => resolve({ ...JSON.parse(body), certificate, answer: answer.headers }));
      },
    );
    request.on('error', reject);
    request.end();
  });
}

describe('TLS', () => {
  test('shows the certificate of the name that a client asks for, or the default one', async () => {
    expect((await get('both', { servername: 'shop.example' })).certificate).toContain('shop.example');
    expect((await get('both', { servername: 'a.wild.example' })).certificate).toContain('*.wild.example');
    const strange = { servername: 'nobody.example', checkServerIdentity: () => undefined };
    expect((await get('both', strange)).certificate).toContain('default.example');
  });

  test('speaks the versions of its policy, and tells the target', async () => {
    expect((await get('both', { maxVersion: 'TLSv1.2' })).headers['x-amzn-tls-version']).toBe('TLSv1.2');
    const seen = await get('both');
    expect(seen.headers).toMatchObject({ 'x-forwarded-proto': 'https', 'x-amzn-tls-version': 'TLSv1.3' });
    expect(seen.headers['x-amzn-tls-cipher-suite']).toMatch(/^TLS_/);
    await expect(get('only13', { maxVersion: 'TLSv1.2' })).rejects.toThrow();
    expect((await get('only13')).headers['x-amzn-tls-cipher-suite']).toBe('TLS_AES_256_GCM_SHA384');
    await expect(get('both', { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1' })).rejects.toThrow();
  });

  test('is in the log as it was negotiated, in OpenSSL’s words, also when the client is gone at once', async () => {
    const logged = () => (node.reports.take()?.logs ?? []).flatMap(({ lines }) => lines);
    logged();
    const cipher = 'ECDHE-ECDSA-AES128-GCM-SHA256';
    const old = await get('both', { maxVersion: 'TLSv1.2', servername: 'a.wild.example', ciphers: cipher });
    expect(old.headers['x-amzn-tls-cipher-suite']).toBe(cipher);
    expect(logged().join('\n')).toMatch(new RegExp(` ${cipher} TLSv1\\.2 .* "a\\.wild\\.example" "wild" `));
    await new Promise<void>((resolve) => {
      const socket = connectTls({ host: '127.0.0.1', port: ports.both, ca: rootPem, servername: 'shop.example' }, () =>
        socket.end('GET / HTTP/1.1\r\nHost: a\r\n\r\n', () => {
          socket.destroy();
          resolve();
        }),
      );
    });
    let lines = '';
    await until(() => {
      lines = logged().join('\n');
      return lines !== '';
    });
    expect(lines).toMatch(/ TLS_AES_\S+ TLSv1\.3 .* "shop\.example" "shop" /);
  });

  test('knows a client by its hello: JA3 and JA4', async () => {
    await get('both');
    expect(fingerprints[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(fingerprints[1]).toMatch(/^t13d\d{4}(?:00|h1)_[0-9a-f]{12}_[0-9a-f]{12}$/);
    const before = fingerprints[0];
    await get('both', { ciphers: 'TLS_AES_256_GCM_SHA384', minVersion: 'TLSv1.3' });
    expect(fingerprints[0]).not.toBe(before);
  });

  test('what is no TLS ends, and others go on', async () => {
    expect(await raw(ports.both as number, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', 500)).not.toContain('HTTP');
    expect((await get('both')).method).toBe('GET');
  });

  test('a hello that comes byte by byte is still one', async () => {
    const socket = connect(ports.both as number, '127.0.0.1');
    const secure = connectTls({ socket: slowly(socket), ca: rootPem, servername: 'default.example' });
    await new Promise<void>((resolve, reject) => secure.once('secureConnect', resolve).once('error', reject));
    secure.destroy();
  });
});

/** Writes in pieces of 40 bytes. */
function slowly(socket: Socket): Socket {
  const write = socket.write.bind(socket);
  socket.write = ((chunk: Buffer, ...rest: unknown[]) => {
    for (let at = 0; at < chunk.length; at += 40) write(chunk.subarray(at, at + 40));
    const done = rest.find((one) => typeof one === 'function') as (() => void) | undefined;
    done?.();
    return true;
  }) as never;
  return socket;
}

describe('certificates of clients', () => {
  test('verify: only those of the trust store pass, and the target is told who they are', async () => {
    const seen = await get('verify', clientKeys.good);
    expect(seen.headers['x-amzn-mtls-clientcert-subject']).toContain('CN=alice');
    expect(seen.headers['x-amzn-mtls-clientcert-issuer']).toContain('CN=Issuing');
    expect(seen.headers['x-amzn-mtls-clientcert-validity']).toMatch(/^NotBefore=\S+Z;NotAfter=\S+Z$/);
    expect(decodeURIComponent(String(seen.headers['x-amzn-mtls-clientcert-leaf']))).toContain('BEGIN CERTIFICATE');
    for (const options of [{}, clientKeys.expired, clientKeys.stranger]) {
      await expect(get('verify', options)).rejects.toThrow();
    }
  });

  test('expiry can be ignored, but nothing else', async () => {
    expect((await get('lenient', clientKeys.expired)).headers['x-amzn-mtls-clientcert-subject']).toContain('CN=bob');
    await expect(get('lenient', clientKeys.stranger)).rejects.toThrow();
    await expect(get('lenient')).rejects.toThrow();
  });

  test('passthrough: the chain is passed on whoever signed it, and none is needed', async () => {
    const seen = await get('passthrough', clientKeys.stranger);
    expect(
      decodeURIComponent(String(seen.headers['x-amzn-mtls-clientcert'])).match(/BEGIN CERTIFICATE/g)?.length,
    ).toBeGreaterThan(0);
    expect((await get('passthrough')).headers).not.toHaveProperty('x-amzn-mtls-clientcert');
  });

  test('are told by the name that the listener gives, and by nobody else by that name', async () => {
    const forged = { 'X-Client-Cert': 'forged', x_client_cert: 'forged', 'x.client.cert': 'forged', 'X-Client': 'own' };
    const seen = async (keys: object = {}) =>
      (await get('renamed', { headers: { host: 'x', ...forged }, ...keys })).headers;
    expect(await seen(clientKeys.stranger)).toMatchObject({
      'x-client': 'own',
      'x-client-cert': expect.stringMatching(/^-----BEGIN%20CERTIFICATE/),
    });
    const without = await seen();
    expect(without['x-client']).toBe('own');
    expect(Object.keys(without).filter((name) => /^x.client.cert$/.test(name))).toEqual([]);
  });

  test('are asked for, or not any more, from the moment at which the listener says so', async () => {
    ports.turned = await freePort();
    const own = openNode();
    const turn = (mutualAuthentication?: ListenerSettings['mutualAuthentication']) =>
      own.apply(
        snapshot({
          certificates: (node.snapshot as Snapshot).certificates,
          trustStores: [{ arn: 'store', caBundle: rootPem, revocations: [] }],
          loadBalancers: [
            loadBalancer([
              listener(ports.turned as number, {
                protocol: 'HTTPS',
                certificates: ['default'],
                ...(mutualAuthentication && { mutualAuthentication }),
              }),
            ]),
          ],
          targetGroups: [targetGroup('web', [web.port])],
        }),
      );
    const subject = async (keys: object = {}) =>
      (await get('turned', keys)).headers['x-amzn-mtls-clientcert-subject'] !== undefined;
    await turn();
    expect(await subject(clientKeys.good)).toBe(false);
    await turn({ mode: 'verify', trustStoreArn: 'store' });
    await expect(subject()).rejects.toThrow();
    expect(await subject(clientKeys.good)).toBe(true);
    await turn({ mode: 'passthrough' });
    expect(await subject()).toBe(false);
    await turn();
    expect(await subject(clientKeys.good)).toBe(false);
    await own.close(0);
  });
});

describe('HTTP/2', () => {
  test('requests share a connection, with bodies, cookies in pieces, and answers that do not wait for each other', async () => {
    const session = connectHttp2(`https://127.0.0.1:${ports.both}`, { ca: rootPem, servername: 'shop.example' });
    const ask = (headers: object, body?: Buffer) =>
      new Promise<{ status: number; seen: Seen }>((resolve, reject) => {
        const stream = session.request({ ':authority': 'shop.example', ...headers });
        let text = '';
        let status = 0;
        stream.on('response', (answer) => {
          status = answer[':status'] ?? 0;
        });
        stream.on('data', (chunk) => {
          text += chunk;
        });
        stream.on('end', () => resolve({ status, seen: JSON.parse(text) }));
        stream.on('error', reject);
        stream.end(body);
      });
    const all = await Promise.all([
      ask({ ':path': '/a?b', cookie: ['x=1', 'y=2'] }),
      ask({ ':path': '/c', ':method': 'POST', 'content-type': 'text/plain' }, Buffer.from('héllo', 'latin1')),
    ]);
    session.close();
    expect(all.map(({ status }) => status)).toEqual([200, 200]);
    expect(all[0]?.seen).toMatchObject({ method: 'GET', url: '/a?b' });
    expect(all[0]?.seen.headers).toMatchObject({
      host: expect.stringMatching(/^shop\.example:\d+$/),
      cookie: 'x=1; y=2',
      'x-amzn-waf-seen': 'yes',
    });
    expect(all[1]?.seen).toMatchObject({ method: 'POST', body: 'héllo' });
  });

  test('lengths that lie, and codings, do not become requests to the target', async () => {
    const session = connectHttp2(`https://127.0.0.1:${ports.both}`, { ca: rootPem, servername: 'shop.example' });
    session.on('error', () => undefined);
    const seen: (string | undefined)[] = [];
    const listen = ({ url }: IncomingMessage): void => void seen.push(url);
    web.server.on('request', listen);
    const lie = session.request({ ':path': '/', ':method': 'POST', 'content-length': '2' });
    const ended = new Promise<number>((resolve) => {
      lie.on('response', (headers) => resolve(Number(headers[':status'])));
      lie.on('error', () => resolve(0));
      lie.on('close', () => resolve(lie.rstCode));
    });
    lie.end('GET /admin HTTP/1.1\r\n\r\n');
    expect([0, 400, constants.NGHTTP2_PROTOCOL_ERROR]).toContain(await ended);
    await pause(100);
    expect(seen).toEqual([]);
    web.server.off('request', listen);
    session.destroy();
  });

  describe('says goodbye', () => {
    let own: number;
    let leaving: EdgeNode;
    let slow: Origin;
    let answer: (() => void) | undefined;

    beforeEach(async () => {
      own = await freePort();
      leaving = openNode();
      slow = await origin((_incoming, outgoing) => {
        answer = () => outgoing.end('done');
      });
    });

    afterEach(async () => {
      await leaving.close(0);
      await slow.close();
      answer = undefined;
    });

    const use = (listeners: ListenerSettings[], attributes = {}) =>
      leaving.apply(
        snapshot({
          certificates: (node.snapshot as Snapshot).certificates,
          loadBalancers: [loadBalancer(listeners, { attributes })],
          targetGroups: [targetGroup('web', [slow.port])],
        }),
      );
    const secured = () => listener(own, { protocol: 'HTTPS', certificates: ['shop'] });

    /** @returns what came of the request, and whether the connection was taken leave of before its answer */
    async function asking(meanwhile: () => Promise<unknown> | undefined): Promise<[number, boolean]> {
      const session = connectHttp2(`https://127.0.0.1:${own}`, { ca: rootPem, servername: 'shop.example' });
      let isLeaving = false;
      session.on('error', () => undefined);
      session.on('goaway', (code) => {
        isLeaving = code === constants.NGHTTP2_NO_ERROR;
      });
      const stream = session.request({ ':path': '/' });
      const status = new Promise<number>((resolve) => {
        stream.on('response', (headers) => resolve(Number(headers[':status'])));
        stream.on('error', () => resolve(0));
        stream.on('close', () => resolve(0));
      });
      stream.resume();
      await until(() => answer !== undefined);
      await meanwhile();
      await until(() => isLeaving, 2_000).catch(() => undefined);
      const before = isLeaving;
      answer?.();
      const result = await status;
      session.destroy();
      return [result, before];
    }

    test('when the connection is older than the client keep alive, and the stream that is open ends', async () => {
      await use([secured()], { 'client_keep_alive.seconds': '-1' });
      expect(await asking(() => undefined)).toEqual([200, true]);
    });

    test('when its listener goes', async () => {
      await use([secured()]);
      expect(await asking(() => use([]))).toEqual([200, true]);
    });
  });
});

describe('WebSocket', () => {
  const accept = (key: string) =>
    createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');

  test('is inspected, goes through when the target agrees, and carries bytes both ways', async () => {
    const echo = createServer();
    echo.on('upgrade', (incoming, socket) => {
      const key = String(incoming.headers['sec-websocket-key']);
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept(key)}\r\n\r\n`,
      );
      socket.on('data', (chunk: Buffer) => socket.write(`${incoming.headers['x-forwarded-for']} ${chunk}`));
      socket.on('error', () => undefined);
    });
    echo.on('request', (_incoming, outgoing) => outgoing.writeHead(426).end('upgrade please'));
    await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
    const { port: echoPort } = echo.address() as { port: number };
    const own = await freePort();
    const alone = openNode();
    const ForwardConfig = {
      TargetGroups: ['web', 'other'].map((name) => ({ TargetGroupArn: groupArn(name), Weight: 1 })),
      TargetGroupStickinessConfig: { Enabled: true, DurationSeconds: 60 },
    };
    await alone.apply(
      snapshot({
        loadBalancers: [loadBalancer([listener(own, { defaultActions: [{ Type: 'forward', ForwardConfig }] })])],
        targetGroups: [targetGroup('web', [echoPort]), targetGroup('other', [echoPort])],
      }),
    );
    const key = 'dGhlIHNhbXBsZSBub25jZQ==';
    const said = await new Promise<string>((resolve, reject) => {
      const request = httpRequest({
        port: own,
        host: '127.0.0.1',
        headers: {
          connection: 'Upgrade',
          upgrade: 'websocket',
          'sec-websocket-key': key,
          'sec-websocket-version': '13',
        },
      });
      request.on('upgrade', (answer, socket) => {
        expect(answer.headers['sec-websocket-accept']).toBe(accept(key));
        expect(answer.headers['set-cookie']?.[0]).toMatch(/^AWSALBTG=/);
        socket.once('data', (chunk: Buffer) => {
          socket.destroy();
          resolve(chunk.toString());
        });
        socket.write('ping');
      });
      request.on('error', reject);
      request.end();
    });
    expect(said).toBe('127.0.0.1 ping');
    const refused = await raw(own, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n');
    expect(refused).toMatch(/^HTTP\/1\.1 426 /);
    await alone.close(0);
    echo.close();
  });

  test('that the target refuses is answered as the target says', async () => {
    const answer = await raw(
      ports.plain as number,
      'GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK/);
    expect(answer).toContain('"url":"/ws"');
  });
});

describe('what asks for another protocol', () => {
  const upgrade =
    'GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n';

  test.each([
    ['an upgrade', upgrade],
    ['a tunnel', 'CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n'],
  ])('%s is no answer to the request before it, and harms nobody', async (_what, request) => {
    const started = performance.now();
    expect(await raw(ports.plain as number, `GET /before HTTP/1.1\r\nHost: a\r\n\r\n${request}`, 5_000)).toBe('');
    expect(performance.now() - started).toBeLessThan(4_000);
    expect((await ask({ port: ports.plain as number })).status).toBe(200);
  });

  test.each([
    ['an upgrade', upgrade, 200],
    ['a tunnel', 'CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n', 405],
  ])('%s that is refused holds no connection, whatever the client keeps open', async (_what, request, status) => {
    const socket = connect({ port: ports.plain as number, host: '127.0.0.1', allowHalfOpen: true });
    socket.on('error', () => undefined);
    let heard = '';
    socket.on('data', (chunk) => {
      heard += chunk;
    });
    socket.write(request);
    await until(() => heard.startsWith(`HTTP/1.1 ${status} `));
    // Whoever has gone answers a word with a reset; who has half gone would take it.
    const gone = new Promise<boolean>((resolve) => socket.once('close', () => resolve(true)));
    const talking = setInterval(() => socket.write('x'), 50);
    expect(await Promise.race([gone, pause(3_000).then(() => false)])).toBe(true);
    clearInterval(talking);
    socket.destroy();
  });
});

describe('HTTPS targets', () => {
  test('show a certificate that somebody vouches for, whatever name it bears; others get no request', async () => {
    const { cert, key } = await leaf('server', ['inside.example']);
    let asked = 0;
    const target = createHttps({ cert, key }, (_incoming, outgoing) => {
      asked += 1;
      outgoing.end('secret');
    });
    await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
    const { port: targetPort } = target.address() as { port: number };
    const own = await freePort();
    const check = { ...targetGroup('web', []).healthCheck, enabled: true, protocol: 'HTTPS' as const };
    const parts = {
      loadBalancers: [loadBalancer([listener(own)])],
      targetGroups: [targetGroup('web', [targetPort], { protocol: 'HTTPS', healthCheck: check })],
    };
    const trusting = openNode();
    await trusting.apply(snapshot({ ...parts, targetAuthorities: rootPem }));
    const states: string[] = [];
    await until(() => {
      states.push(...(trusting.report()?.health.map(({ health }) => health.state) ?? []));
      return states.includes('healthy');
    });
    expect((await ask({ port: own })).body).toBe('secret');
    // Whoever is not trusted any more gets nothing by a connection from before either; and the next snapshot may trust again.
    await trusting.apply(snapshot(parts));
    expect((await ask({ port: own })).status).toBe(502);
    await trusting.apply(snapshot({ ...parts, targetAuthorities: rootPem }));
    expect((await ask({ port: own })).body).toBe('secret');
    await trusting.close(0);
    const before = asked;
    const doubting = openNode();
    await doubting.apply(snapshot(parts));
    expect((await ask({ port: own })).status).toBe(502);
    expect(asked).toBe(before);
    await doubting.close(0);
    target.close();
    target.closeAllConnections();
  });
});

describe('PROXY protocol', () => {
  const say = (localAddress: string, header: string): Promise<string> =>
    new Promise((resolve) => {
      const socket = connect({ port: ports.plain as number, host: '127.0.0.1', localAddress }, () =>
        socket.write(`${header}GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`),
      );
      let all = '';
      socket.on('data', (chunk) => {
        all += chunk;
      });
      socket.on('close', () => resolve(all));
      socket.on('error', () => undefined);
    });

  test('is believed from trusted peers, and is a malformed request from anybody else', async () => {
    const header = 'PROXY TCP4 203.0.113.7 192.0.2.1 1000 80\r\n';
    expect(await say('127.0.0.9', header)).toContain('"x-forwarded-for":"203.0.113.7"');
    expect(await say('127.0.0.9', '')).toContain('"x-forwarded-for":"127.0.0.9"');
    expect(await say('127.0.0.8', header)).toMatch(/^HTTP\/1\.1 400 /);
    expect(await say('127.0.0.9', 'PROXY TCP4 nonsense\r\n')).toBe('');
  });
});
