/**
 * Throws spoiled requests at the edge: whatever comes, the target must get exactly the requests that were inspected, each
 * with the body that was inspected, and the edge must go on answering. `node fuzz/edge.ts [SEED [SECONDS]]`
 */
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { Exchange } from '../src/edge/exchange.ts';
import {
  ask,
  freePort,
  listener,
  loadBalancer,
  openInspector,
  openNode,
  snapshot,
  targetGroup,
} from '../test/edge/edge.fixture.ts';
import { Dice } from '../test/oracle/random.ts';

const seed = Number(process.argv[2] ?? Date.now() % 1_000_000);
const seconds = Number(process.argv[3] ?? 10);
const dice = new Dice(seed);
console.log(`seed ${seed}, ${seconds} s`);

const heads = [
  'GET /a@?b=c HTTP/1.1\r\nHost: shop\r\n\r\n',
  'POST /p@ HTTP/1.1\r\nHost: shop\r\nContent-Length: 5\r\n\r\nhello',
  'POST /c@ HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n',
  'POST /t@ HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nTrailer: 1\r\n\r\n',
  'PUT /x@ HTTP/1.1\r\nHost: shop\r\nConnection: keep-alive, x-y\r\nX-Y: 1\r\nContent-Length: 0\r\n\r\n',
  'GET http://shop/abs@ HTTP/1.1\r\nHost: shop\r\n\r\n',
  'GET /old@ HTTP/1.0\r\nHost: shop\r\nConnection: keep-alive\r\n\r\n',
];
const pieces = [
  '\r\n',
  '\n',
  '\r',
  '\0',
  ' ',
  '\t',
  ':',
  '\x0b',
  '\xff',
  '0\r\n\r\n',
  'Content-Length: 3\r\n',
  'Content-Length: 0\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Transfer-Encoding: identity\r\n',
  'Transfer_Encoding: chunked\r\n',
  'Host: evil\r\n',
  'GET /smuggled@ HTTP/1.1\r\nHost: shop\r\n\r\n',
  'Connection: close\r\n',
  'Expect: 100-continue\r\n',
  'Upgrade: websocket\r\nConnection: Upgrade\r\n',
  'X: y\r\n z\r\n',
  'HTTP/2.0',
  'ffffffffffffffff\r\n',
];

function spoil(text: string): string {
  let spoilt = text;
  for (let times = 1 + dice.below(3); times > 0; times--) {
    const at = dice.below(spoilt.length + 1);
    switch (dice.below(4)) {
      case 0:
        spoilt = spoilt.slice(0, at) + pieces[dice.below(pieces.length)] + spoilt.slice(at);
        break;
      case 1:
        spoilt = spoilt.slice(0, at) + spoilt.slice(at + 1 + dice.below(4));
        break;
      case 2:
        spoilt = spoilt.slice(0, at) + String.fromCharCode(dice.below(256)) + spoilt.slice(at + 1);
        break;
      default:
        spoilt += heads[dice.below(heads.length)];
    }
  }
  return spoilt;
}

/** What was inspected and has not arrived yet: each may arrive once. */
const inspected = new Map<string, number>();
const arrivedOtherwise: string[] = [];
let passed = 0;

function arrive(one: string): void {
  passed += 1;
  const times = inspected.get(one) ?? 0;
  if (times === 0) arrivedOtherwise.push(one);
  else inspected.set(one, times - 1);
}

const target = createServer({ insecureHTTPParser: true }, (incoming: IncomingMessage, outgoing) => {
  const chunks: Buffer[] = [];
  incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
  incoming.on('end', () => {
    arrive(line(incoming.method, incoming.url, Buffer.concat(chunks)));
    outgoing.end('ok');
  });
});
target.on('upgrade', (incoming, socket) => {
  arrive(line(incoming.method, incoming.url, Buffer.alloc(0)));
  socket.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n');
});
target.on('clientError', (_error, socket) => {
  arrive('what is no HTTP');
  socket.destroy();
});
await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));

function line(method: string | undefined, url: string | undefined, body: Buffer): string {
  return `${method} ${url} ${body.toString('base64')}`;
}

const port = await freePort();
const node = openNode({
  ...openInspector,
  inspect({ head, body }: Exchange) {
    const one = line(head?.method, head?.target, body.start);
    inspected.set(one, (inspected.get(one) ?? 0) + 1);
    return { kind: 'pass', insertedHeaders: [] };
  },
});
await node.apply(
  snapshot({
    webAcls: [{ arn: 'acl', revision: '1' } as never],
    loadBalancers: [loadBalancer([listener(port)], { webAcl: 'acl' })],
    targetGroups: [targetGroup('web', [(target.address() as AddressInfo).port])],
  }),
);

/** Ends when the other side closes, or has been silent for a moment. */
function send(bytes: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(Buffer.from(bytes, 'latin1')));
    socket.setTimeout(40, () => socket.destroy());
    socket.on('data', () => undefined);
    socket.on('error', () => undefined);
    socket.on('close', () => resolve());
  });
}

const end = Date.now() + seconds * 1000;
let tried = 0;
let failures = 0;
while (Date.now() < end) {
  tried += 1;
  // A number of its own in every path tells the requests of one try from those of others that arrive late.
  const bytes = spoil(heads[dice.below(heads.length)] as string).replaceAll('@', String(tried));
  await send(bytes);
  for (const one of arrivedOtherwise.splice(0)) {
    failures += 1;
    console.error('NOT AS INSPECTED', JSON.stringify({ bytes, one }));
  }
}
if ((await ask({ port })).status !== 200) {
  failures += 1;
  console.error('the edge does not answer any more');
}
console.log(`${tried} tried, ${passed} requests passed, ${failures} failures`);
await node.close(0);
target.close();
target.closeAllConnections();
process.exitCode = failures === 0 ? 0 : 1;
