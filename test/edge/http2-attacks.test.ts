/** What HTTP/2 lets clients do to a server: streams thrown away, endless headers, sessions that do nothing. */
import { generateKeyPairSync, sign } from 'node:crypto';
import { type ClientHttp2Session, connect as connectHttp2, constants } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeLeaf, makeRoot, validFor } from '../../src/certificates/authority.ts';
import type { EdgeNode } from '../../src/edge/node.ts';
import {
  freePort,
  listener,
  loadBalancer,
  type Origin,
  openNode,
  origin,
  pause,
  snapshot,
  targetGroup,
  until,
} from './edge.fixture.ts';

let node: EdgeNode;
let web: Origin;
let port: number;
let root: string;
let asked = 0;

beforeAll(async () => {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = pair.publicKey.export({ format: 'der', type: 'spki' });
  const signer = {
    curve: 'P-256' as const,
    publicKey: spki,
    sign: async (message: Uint8Array) => sign('sha256', message, pair.privateKey),
  };
  root = await makeRoot(signer, 'Root', validFor(Date.now(), 30));
  const own = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const publicKey = own.publicKey.export({ format: 'der', type: 'spki' });
  const chain = await makeLeaf(
    { signer, certificate: root },
    publicKey,
    'server',
    ['shop.example'],
    validFor(Date.now(), 7),
  );
  web = await origin((_incoming, outgoing) => {
    asked += 1;
    setTimeout(() => outgoing.end('ok'), 20);
  });
  port = await freePort();
  node = openNode();
  await node.apply(
    snapshot({
      limits: { headMs: 1_000 },
      certificates: [
        { arn: 'cert', chain, privateKey: String(own.privateKey.export({ format: 'pem', type: 'pkcs8' })) },
      ],
      loadBalancers: [
        loadBalancer([listener(port, { protocol: 'HTTPS', certificates: ['cert'] })], {
          attributes: { 'idle_timeout.timeout_seconds': '1' },
        }),
      ],
      targetGroups: [targetGroup('web', [web.port])],
    }),
  );
});

afterAll(async () => {
  await node.close(0);
  await web.close();
});

function session(): ClientHttp2Session {
  const made = connectHttp2(`https://127.0.0.1:${port}`, { ca: root, servername: 'shop.example' });
  made.on('error', () => undefined);
  return made;
}

function get(on: ClientHttp2Session): Promise<number> {
  return new Promise((resolve, reject) => {
    const stream = on.request({ ':path': '/', ':authority': 'shop.example' });
    stream.on('response', (headers) => resolve(Number(headers[':status'])));
    stream.on('error', reject);
    stream.resume();
  });
}

test('streams that are opened and thrown away end the session, and cost the target little', async () => {
  const before = asked;
  const attacker = session();
  await new Promise<void>((resolve) => attacker.once('connect', () => resolve()));
  let opened = 0;
  while (!attacker.destroyed && !attacker.closed && opened < 20_000) {
    const streams = Array.from({ length: 50 }, () => attacker.request({ ':path': '/', ':authority': 'shop.example' }));
    opened += streams.length;
    for (const stream of streams) stream.on('error', () => undefined);
    await pause(2);
    for (const stream of streams) stream.close(constants.NGHTTP2_CANCEL);
    await pause(0);
  }
  await until(() => attacker.destroyed || attacker.closed);
  expect(asked - before).toBeLessThan(2_000);
  const customer = session();
  expect(await get(customer)).toBe(200);
  customer.close();
});

test('a session that asks for nothing ends by itself', async () => {
  const idle = session();
  await new Promise<void>((resolve) => idle.once('connect', () => resolve()));
  await until(() => idle.destroyed || idle.closed);
});

test('headers without end are cut off', async () => {
  const socket = connectTls({ port, host: '127.0.0.1', ca: root, servername: 'shop.example', ALPNProtocols: ['h2'] });
  socket.on('error', () => undefined);
  await new Promise<void>((resolve) => socket.once('secureConnect', () => resolve()));
  const frame = (type: number, flags: number, stream: number, payload: Buffer): Buffer => {
    const head = Buffer.alloc(9);
    head.writeUIntBE(payload.length, 0, 3);
    head[3] = type;
    head[4] = flags;
    head.writeUInt32BE(stream, 5);
    return Buffer.concat([head, payload]);
  };
  socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
  socket.write(frame(4, 0, 0, Buffer.alloc(0)));
  // HEADERS without END_HEADERS, then CONTINUATION after CONTINUATION: a literal header each.
  const literal = Buffer.concat([
    Buffer.from([0x00, 0x05]),
    Buffer.from('x-aaa'),
    Buffer.from([0x7f, 0x81, 0x07]),
    Buffer.alloc(1024, 'a'),
  ]);
  socket.write(frame(1, 0, 1, Buffer.from([0x82, 0x87, 0x84])));
  let sent = 0;
  while (!socket.destroyed && sent < 50_000) {
    socket.write(frame(9, 0, 1, literal));
    sent += 1;
    if (sent % 50 === 0) await pause(1);
  }
  expect(sent).toBeLessThan(50_000);
});

test('connections that never begin a handshake, or never end it, are cut', async () => {
  const said = ['', '\x16', '\x16\x03\x01\x40\x00\x01'];
  const sockets = said.map((bytes) =>
    connect(port, '127.0.0.1', function (this: Socket) {
      this.write(Buffer.from(bytes, 'latin1'));
    }),
  );
  for (const socket of sockets) socket.on('error', () => undefined).resume();
  await until(() => sockets.every((socket) => socket.destroyed));
});

test('more streams at once than are allowed wait or are refused, and the rest are answered', async () => {
  const eager = session();
  await new Promise<void>((resolve) => eager.once('connect', () => resolve()));
  const answers = await Promise.allSettled(Array.from({ length: 300 }, () => get(eager)));
  expect(answers.filter((one) => one.status === 'fulfilled' && one.value === 200).length).toBeGreaterThanOrEqual(128);
  eager.destroy();
});
