/** An authority that does not play fair: too much, too late, elsewhere, and what is no answer. */
import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { makeCertificate } from '../../test/support/certificates.ts';
import { lookAtOrder, openOrder, openUnprovenOrder, readChain } from './acme-orders.ts';
import { AcmeProblem, askAuthority } from './acme-request.ts';
import { AcmeSession, problemIn, retryAfterOf } from './acme-session.ts';
import { signerOfKey } from './signing-request.ts';

let server: Server;
let base: string;
let ca: string;
/** By path; everything else is answered as an authority should. */
let answers: Record<string, (outgoing: ServerResponse, body: string) => void>;
let asked: string[];
let nonces: number;

const key = String(
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'pem', type: 'pkcs8' }),
);
const token = 'x'.repeat(43);

beforeAll(async () => {
  const authority = await makeCertificate({ name: 'authority', isAuthority: true });
  const leaf = await makeCertificate({ name: 'localhost', issuer: authority });
  ca = authority.pem;
  server = createServer(
    { key: leaf.privateKey, cert: leaf.pem },
    (incoming, outgoing) => void serve(incoming, outgoing),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `https://localhost:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  answers = {};
  asked = [];
  nonces = 0;
});

async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  let body = '';
  for await (const chunk of incoming) body += String(chunk);
  const path = incoming.url ?? '';
  asked.push(`${incoming.method} ${path}`);
  nonces += 1;
  outgoing.setHeader('replay-nonce', `nonce${nonces}`);
  const own = answers[path];
  if (own) own(outgoing, body);
  else if (path === '/dir')
    json(outgoing, { newNonce: `${base}/nonce`, newAccount: `${base}/account`, newOrder: `${base}/new` });
  else if (path === '/account') outgoing.writeHead(201, { location: `${base}/account/1` }).end('{}');
  else if (path === '/new')
    json(outgoing, { authorizations: [`${base}/authz`], finalize: `${base}/finish` }, { location: `${base}/order` });
  else if (path === '/authz') json(outgoing, authorization());
  else outgoing.writeHead(200).end();
}

const json = (outgoing: ServerResponse, value: object, headers = {}) =>
  outgoing.writeHead(200, headers).end(JSON.stringify(value));
const authorization = (over: object = {}, challenge: object = {}) => ({
  identifier: { type: 'dns', value: 'shop.example.com' },
  status: 'pending',
  challenges: [{ type: 'http-01', url: `${base}/ask`, token, ...challenge }],
  ...over,
});

const session = (): AcmeSession =>
  new AcmeSession({ directory: `${base}/dir`, signer: signerOfKey(key), ca, now: Date.now });
const open = () => openOrder(session(), ['shop.example.com']);
const typeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'none',
    (error) => (error instanceof AcmeProblem ? `${error.type}: ${error.message}` : String(error)),
  );

test('an order is opened by signed requests, each with another nonce', async () => {
  const seen: string[] = [];
  answers['/new'] = (outgoing, body) => {
    const { protected: head, payload, signature } = JSON.parse(body) as Record<string, string>;
    const isTrue = verify(
      'sha256',
      Buffer.from(`${head}.${payload}`),
      { key: createPublicKey(key), dsaEncoding: 'ieee-p1363' },
      Buffer.from(signature as string, 'base64url'),
    );
    seen.push(`${isTrue} ${Buffer.from(head as string, 'base64url')}`);
    json(outgoing, { authorizations: [`${base}/authz`], finalize: `${base}/finish` }, { location: `${base}/order` });
  };
  const order = await open();
  expect(order.authorizations[0]?.challenges[0]).toMatchObject({ way: 'http-01', token });
  expect(order.authorizations[0]?.challenges[0]?.answer).toMatch(new RegExp(`^${token}\\.[\\w-]{43}$`));
  expect(seen).toEqual([`true {"alg":"ES256","nonce":"nonce3","url":"${base}/new","kid":"${base}/account/1"}`]);
});

test('a nonce that is refused is replaced, but not for ever', async () => {
  let refused = 0;
  answers['/new'] = (outgoing) => {
    refused += 1;
    outgoing.writeHead(400).end(JSON.stringify({ type: 'urn:ietf:params:acme:error:badNonce' }));
  };
  expect(await typeOf(open())).toBe('badNonce: badNonce');
  expect(refused).toBe(4);
});

test.each<[string, string, (outgoing: ServerResponse) => void, RegExp]>([
  [
    'a redirect',
    '/dir',
    (outgoing) => outgoing.writeHead(302, { location: `${base}/elsewhere` }).end(),
    /^silent: .*302/,
  ],
  ['too much', '/dir', (outgoing) => outgoing.end('x'.repeat(300_000)), /^silent: .*too large/],
  [
    'half an answer',
    '/dir',
    (outgoing) => void outgoing.writeHead(200, { 'content-length': '9' }).write('{', () => outgoing.destroy()),
    /^silent/,
  ],
  ['no JSON', '/dir', (outgoing) => outgoing.end('hello'), /^silent: .*JSON/],
  [
    'an account elsewhere',
    '/account',
    (outgoing) => outgoing.writeHead(201, { location: 'https://169.254.169.254/' }).end(),
    /^silent: .*not its own/,
  ],
  [
    'orders elsewhere',
    '/dir',
    (outgoing) =>
      json(outgoing, { newNonce: `${base}/nonce`, newAccount: `${base}/account`, newOrder: 'http://localhost/new' }),
    /^silent: .*not its own/,
  ],
  [
    'a name that nobody ordered',
    '/authz',
    (outgoing) => json(outgoing, authorization({ identifier: { value: 'bank.example.com' } })),
    /^silent: .*order/,
  ],
  ['a limit', '/new', (outgoing) => outgoing.writeHead(429, { 'retry-after': '7' }).end('slow down'), /^rateLimited/],
])('%s is no answer, and leads nowhere', async (_what, path, answer, expected) => {
  answers[path] = answer;
  expect(await typeOf(open())).toMatch(expected);
  expect(asked.filter((one) => one.includes('elsewhere'))).toEqual([]);
});

test.each(['../../secret', 'short', `${token}\r\nset-cookie: a=b`, `<b>${token}`])(
  'the token %j is not answered for',
  async (bad) => {
    answers['/authz'] = (outgoing) => json(outgoing, authorization({}, { token: bad }));
    expect((await open()).authorizations[0]?.challenges).toEqual([]);
  },
);

test('what is no certificate is not taken for one, and why an order failed is read where it is said', async () => {
  answers['/certificate'] = (outgoing) => outgoing.end('-----BEGIN RSA PRIVATE KEY-----');
  expect(await typeOf(readChain(session(), `${base}/certificate`))).toMatch(/^silent: .*certificate/);
  answers['/order'] = (outgoing) => json(outgoing, { status: 'invalid', authorizations: [`${base}/authz`] });
  const error = { type: 'urn:ietf:params:acme:error:dns', detail: 'no\r\nrecord' };
  answers['/authz'] = (outgoing) => json(outgoing, authorization({}, { error }));
  const { problem } = await lookAtOrder(session(), `${base}/order`, 0);
  expect(problem?.message).toBe('dns: no  record');
  answers['/order'] = (outgoing) => json(outgoing, { status: 'sleeping' });
  expect(await typeOf(lookAtOrder(session(), `${base}/order`, 0))).toMatch(/^silent/);
});

test('nobody is waited for longer than ten seconds', async () => {
  answers['/slow'] = (outgoing) => void outgoing.writeHead(200).write(' ');
  const begun = performance.now();
  expect(await typeOf(askAuthority({ method: 'GET', url: new URL(`${base}/slow`), ca }))).toMatch(/^silent: .*in time/);
  expect(performance.now() - begun).toBeLessThan(15_000);
}, 20_000);

test('problems and waits as authorities tell them', () => {
  const caa = { type: 'urn:ietf:params:acme:error:caa', detail: 'forbidden' };
  expect(problemIn({ type: 'urn:ietf:params:acme:error:compound', subproblems: [caa] })?.type).toBe('caa');
  expect(problemIn({ type: 'about:blank' })).toBeUndefined();
  expect(retryAfterOf({ headers: { 'retry-after': '120' } }, 0)).toBe(120_000);
  expect(retryAfterOf({ headers: { 'retry-after': new Date(60_000).toUTCString() } }, 0)).toBe(60_000);
  expect(retryAfterOf({ headers: { 'retry-after': '99999999' } }, 0)).toBe(86_400_000);
  expect(retryAfterOf({ headers: { 'retry-after': 'soon' } }, 0)).toBeUndefined();
});

test('what the authority believes already is proven again: it may have been proven by somebody else who orders here', async () => {
  let isForgotten = false;
  answers['/authz'] = (outgoing, body) => {
    const { payload } = JSON.parse(body) as { payload: string };
    if (payload !== '') {
      expect(JSON.parse(String(Buffer.from(payload, 'base64url')))).toEqual({ status: 'deactivated' });
      isForgotten = true;
    }
    json(outgoing, authorization({ status: isForgotten ? 'pending' : 'valid' }));
  };
  const { authorizations } = await openUnprovenOrder(session(), ['shop.example.com']);
  expect(authorizations).toMatchObject([{ isValid: false, challenges: [{ way: 'http-01', token }] }]);
  // One that forgets nothing would certify any name of one account for all the others.
  answers['/authz'] = (outgoing) => json(outgoing, authorization({ status: 'valid' }));
  expect(await typeOf(openUnprovenOrder(session(), ['shop.example.com']))).toMatch(/^unauthorized/);
  // Nobody is told to forget what is not believed.
  answers['/authz'] = (outgoing) => json(outgoing, authorization());
  asked = [];
  await openUnprovenOrder(session(), ['shop.example.com']);
  expect(asked.filter((one) => one.endsWith('/authz'))).toEqual(['POST /authz']);
});
