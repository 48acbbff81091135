/** Where an edge may be sent to ask: to named hosts by HTTPS, with their certificate, and never to itself by others. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { Fetching } from '../../src/edge/authentication/fetching.ts';
import { authority, IdentityProvider } from './identity-provider.fixture.ts';

let idp: IdentityProvider;
let misnamed: IdentityProvider;
let root: string;
const open: Fetching[] = [];

beforeAll(async () => {
  const { root: pem, leaf } = await authority();
  root = pem;
  idp = await new IdentityProvider(await leaf('localhost')).open();
  misnamed = await new IdentityProvider(await leaf('idp.example')).open();
});

beforeEach(() => {
  idp.reset();
  misnamed.reset();
});

afterAll(async () => {
  await Promise.all(open.map((one) => one.close()));
  await Promise.all([idp.close(), misnamed.close()]);
});

function fetching(reachesOwn: boolean, knowsRoot = true): Fetching['fetch'] {
  const made = new Fetching({ authorities: knowsRoot ? [root] : undefined, reachesOwn });
  open.push(made);
  return made.fetch;
}

const asking = (url: string, mostBytes = 10_000) => ({ url, method: 'GET' as const, headers: {}, mostBytes });

test('an edge for this machine alone may ask it; one that listens for others may not', async () => {
  expect((await fetching(true)(asking(`${idp.origin}/jwks`))).status).toBe(200);
  await expect(fetching(false)(asking(`${idp.origin}/jwks`))).rejects.toThrow('silent');
  expect(idp.asked).toEqual(['/jwks']);
});

test('nobody is believed without a certificate of their name, by somebody known', async () => {
  await expect(fetching(true, false)(asking(`${idp.origin}/jwks`))).rejects.toThrow('silent');
  await expect(fetching(true)(asking(`${misnamed.origin}/jwks`))).rejects.toThrow('silent');
  expect([...idp.asked, ...misnamed.asked]).toEqual([]);
});

test('an authority that is trusted no more vouches for nobody, by no connection that was made before either', async () => {
  const made = new Fetching({ authorities: [root], reachesOwn: true });
  open.push(made);
  expect((await made.fetch(asking(`${idp.origin}/jwks`))).status).toBe(200);
  made.trust(undefined);
  await expect(made.fetch(asking(`${idp.origin}/jwks`))).rejects.toThrow('silent');
  made.trust([root]);
  expect((await made.fetch(asking(`${idp.origin}/jwks`))).status).toBe(200);
  expect(idp.asked).toEqual(['/jwks', '/jwks']);
});

test('addresses and plain HTTP are not asked', async () => {
  let asked = 0;
  const plain = createServer((_incoming, outgoing) => {
    asked += 1;
    outgoing.end('{}');
  });
  await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
  const { port } = plain.address() as AddressInfo;
  const secure = new URL(idp.origin).port;
  for (const url of [
    `http://localhost:${port}/`,
    `http://127.0.0.1:${port}/`,
    `https://127.0.0.1:${secure}/jwks`,
    `https://2130706433:${secure}/jwks`,
    `https://[::1]:${secure}/jwks`,
    'file:///etc/passwd',
    'no url',
  ]) {
    await expect(fetching(true)(asking(url))).rejects.toThrow('silent');
  }
  expect([asked, idp.connections]).toEqual([0, 0]);
  await new Promise((resolve) => plain.close(resolve));
});

test('a redirect is an answer like any other, and too much is too much', async () => {
  idp.instead['/away'] = (_incoming, outgoing) => outgoing.writeHead(302, { location: '/jwks' }).end();
  expect((await fetching(true)(asking(`${idp.origin}/away`))).status).toBe(302);
  idp.instead['/long'] = (_incoming, outgoing) => outgoing.end('x'.repeat(10_001));
  await expect(fetching(true)(asking(`${idp.origin}/long`))).rejects.toThrow('too-large');
  expect((await fetching(true)(asking(`${idp.origin}/long`, 10_001))).body).toHaveLength(10_001);
  expect(idp.asked).toEqual(['/away', '/long', '/long']);
});

test('a provider that hangs holds no more than so many, and the rest are told at once', async () => {
  idp.instead['/hang'] = () => undefined;
  const fetch = fetching(true);
  const from = performance.now();
  const times = await Promise.all(
    Array.from({ length: 200 }, () =>
      fetch(asking(`${idp.origin}/hang`)).then(
        () => 0,
        () => performance.now() - from,
      ),
    ),
  );
  expect(times.filter((time) => time < 1_000)).toHaveLength(200 - 128);
  expect(Math.max(...times)).toBeLessThan(7_000);
  expect((await fetch(asking(`${idp.origin}/jwks`))).status).toBe(200);
});
