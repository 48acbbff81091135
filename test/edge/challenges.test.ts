/** Questions of certificate authorities at the edge: answered for tokens that wait, on listeners of the account, by name. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Inspector } from '../../src/edge/inspection/inspector.ts';
import type { EdgeNode } from '../../src/edge/node.ts';
import type { DistributionSettings } from '../../src/edge/snapshot.ts';
import { ask, freePort, listener, loadBalancer, openInspector, openNode, snapshot } from './edge.fixture.ts';

const account = '111122223333';
const token = 'a-Token_of_43_characters_0123456789_abcdefg';
const answer = `${token}.${'k'.repeat(43)}`;
/** It may stand in a path, but not in a token. */
const bad = 'no.token.but.long.enough.0123456789';
const path = `/.well-known/acme-challenge/${token}`;
const webAcl = 'arn:aws:wafv2:us-east-1:111122223333:regional/webacl/closed/1';
let node: EdgeNode;
let ports: readonly [own: number, others: number, distribution: number];

const closed: Inspector = {
  ...openInspector,
  inspect: () => ({
    kind: 'answer',
    status: 403,
    headers: [],
    answerHeaders: [],
    body: 'blocked',
    reason: 'WAFBlocked',
  }),
};

/** Takes nothing without TLS. */
function distribution(): DistributionSettings {
  const none = { kind: 'none' } as const;
  return {
    arn: 'distribution',
    id: 'E1',
    account,
    enabled: true,
    hosts: ['*.example.com'],
    port: ports[2],
    defaultRootObject: '',
    origins: [],
    behaviors: [
      {
        pathPattern: '*',
        originId: 'none',
        viewerProtocol: 'https-only',
        methods: ['GET'],
        cachedMethods: [],
        minimumSeconds: 0,
        defaultSeconds: 0,
        maximumSeconds: 0,
        queryStrings: none,
        cookies: none,
        headerNames: none,
        compress: false,
      },
    ],
  };
}

function applied(isAsked: boolean) {
  const challenge = (over: object) => ({ account, host: 'shop.example.com', token, answer, ...over });
  const balancer = (arn: string, whose: string, port: number) =>
    loadBalancer([listener(port, { arn: `${arn}/listener` })], { arn, account: whose, webAcl });
  return node.apply(
    snapshot({
      loadBalancers: [balancer('own', account, ports[0]), balancer('others', '444455556666', ports[1])],
      webAcls: [{ arn: webAcl, name: 'closed', account, revision: '1' } as never],
      distributions: [distribution()],
      ...(isAsked && {
        challenges: [
          challenge({ host: 'cdn.example.com' }),
          challenge({}),
          challenge({ token: bad, answer: `${bad}.${'k'.repeat(43)}` }),
        ],
      }),
    }),
  );
}

beforeAll(async () => {
  node = openNode(closed);
  ports = [await freePort(), await freePort(), await freePort()];
  await applied(true);
});
afterAll(() => node.close(0));

const to = (port: number, over: { path?: string; method?: string; host?: string } = {}) =>
  ask({
    port,
    path: over.path ?? path,
    method: over.method ?? 'GET',
    headers: { host: over.host ?? `Shop.example.com:${port}` },
  });

test('a token that waits is answered as text, before web ACL and rules', async () => {
  const found = await to(ports[0]);
  expect(found).toMatchObject({ status: 200, body: answer });
  expect(found.headers['content-type']).toBe('text/plain');
  expect(found.headers['x-content-type-options']).toBe('nosniff');
});

test('distributions answer for their names, too', async () => {
  expect(await to(ports[2], { host: 'cdn.example.com' })).toMatchObject({ status: 200, body: answer });
  expect((await to(ports[2], { host: 'www.example.com' })).status).toBe(403);
  expect((await to(ports[2], { host: 'cdn.example.com', path: `${path}x` })).status).toBe(403);
});

test.each([
  ['another token', { path: `${path}x` }],
  ['a query', { path: `${path}?x` }],
  ['another name', { host: 'bank.example.com' }],
  ['another method', { method: 'POST' }],
  ['a token that is none', { path: `/.well-known/acme-challenge/${bad}` }],
])('%s is a request like any other', async (_what, over) => {
  const found = await to(ports[0], over);
  expect(found).toMatchObject({ status: 403, body: 'blocked' });
});

test('listeners of other accounts do not answer, and nobody does when nothing waits any more', async () => {
  expect((await to(ports[1])).body).toBe('blocked');
  await applied(false);
  expect((await to(ports[0])).body).toBe('blocked');
});
