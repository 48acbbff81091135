/** Distributions at the edge: chosen by Host, kept answers, what an origin sees, and web ACLs before the cache. */
import { get as getSecurely } from 'node:https';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { EdgeNode } from '../../src/edge/node.ts';
import type { BehaviorSettings, DistributionSettings } from '../../src/edge/snapshot.ts';
import { makeCertificate } from '../support/certificates.ts';
import {
  ask,
  freePort,
  listener,
  loadBalancer,
  type Origin,
  openInspector,
  openNode,
  origin,
  pause,
  snapshot,
} from './edge.fixture.ts';

let node: EdgeNode;
let web: Origin;
let port: number;
let isBlocking = false;
let asked: string[] = [];
let headersSeen: NodeJS.Dict<string | string[]> = {};
let cacheControl: string | undefined;

const all = { kind: 'all' } as const;
const none = { kind: 'none' } as const;

function behavior(over: Partial<BehaviorSettings> = {}): BehaviorSettings {
  return {
    pathPattern: '*',
    originId: 'web',
    viewerProtocol: 'allow-all',
    methods: ['GET', 'HEAD', 'POST'],
    cachedMethods: ['GET', 'HEAD'],
    minimumSeconds: 0,
    defaultSeconds: 60,
    maximumSeconds: 3600,
    queryStrings: none,
    cookies: none,
    headerNames: none,
    compress: false,
    ...over,
  };
}

function distribution(behaviors: BehaviorSettings[], over: Partial<DistributionSettings> = {}): DistributionSettings {
  return {
    arn: 'arn:aws:cloudfront::111122223333:distribution/E1',
    id: 'E1',
    account: '111122223333',
    enabled: true,
    hosts: ['d111.cloudfront.net', 'www.shop.example', '*.shop.example'],
    port,
    defaultRootObject: 'index.html',
    origins: [
      {
        id: 'web',
        domainName: 'origin.example',
        address: '127.0.0.1',
        port: web.port,
        protocol: 'http',
        path: '/base',
        headers: [['X-Secret', 'from-the-edge']],
        readMs: 5_000,
      },
    ],
    behaviors,
    ...over,
  };
}

let version = 0;
const use = (one: DistributionSettings): Promise<void> => {
  version += 1;
  // Every test has its own cache by its own id.
  const own = { ...one, id: `E${version}` };
  return node.apply(snapshot({ distributions: [own], webAcls: [{ arn: 'acl', revision: '1' } as never] }));
};
const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  ask({ port, path, method, headers: { host: 'www.shop.example', ...headers } });

beforeAll(async () => {
  web = await origin((incoming, outgoing) => {
    asked.push(`${incoming.method} ${incoming.url}`);
    headersSeen = incoming.headers;
    if (cacheControl !== undefined) outgoing.setHeader('cache-control', cacheControl);
    outgoing.setHeader('etag', '"one"');
    if (incoming.url?.includes('missing')) outgoing.statusCode = 404;
    outgoing.end(`${asked.length} ${incoming.url}`);
  });
  port = await freePort();
  node = openNode({
    ...openInspector,
    inspect: () =>
      isBlocking
        ? { kind: 'answer', status: 403, headers: [], answerHeaders: [], body: 'no', reason: 'WAFBLOCK' }
        : { kind: 'pass', insertedHeaders: [] },
  });
});

afterEach(() => {
  asked = [];
  cacheControl = undefined;
  isBlocking = false;
});

afterAll(async () => {
  await node.close(0);
  await web.close();
});

describe('the cache', () => {
  test('gives the same answer again, also to HEAD, and says so', async () => {
    await use(distribution([behavior()]));
    const first = await get('/a');
    const second = await get('/a');
    expect([first.headers['x-cache'], second.headers['x-cache']]).toEqual([
      'Miss from cloudfront',
      'Hit from cloudfront',
    ]);
    expect(second.body).toBe(first.body);
    expect((await get('/a', {}, 'HEAD')).headers['x-cache']).toBe('Hit from cloudfront');
    expect((await get('/a', { 'if-none-match': '"one"' })).status).toBe(304);
    expect(asked).toEqual(['GET /base/a']);
  });

  test('has parts of what lies whole in it; what it has not, the origin is asked for', async () => {
    await use(distribution([behavior()]));
    const part = (range: string, more: Record<string, string> = {}) => get('/parts', { range, ...more });
    await part('bytes=0-1');
    const { body } = await get('/parts');
    expect(asked).toEqual(['GET /base/parts', 'GET /base/parts']);
    const size = body.length;
    for (const [range, from, to] of [
      ['bytes=0-3', 0, 3],
      ['bytes=2-', 2, size - 1],
      ['bytes=-3', size - 3, size - 1],
      ['bytes=4-9999', 4, size - 1],
    ] as const) {
      const answer = await part(range);
      expect([answer.status, answer.body]).toEqual([206, body.slice(from, to + 1)]);
      expect(answer.headers).toMatchObject({
        'content-range': `bytes ${from}-${to}/${size}`,
        'content-length': String(to - from + 1),
        'x-cache': 'Hit from cloudfront',
      });
    }
    for (const range of ['bytes=0-1,3-4', 'bytes=3-1', 'lines=0-1']) {
      expect(await part(range)).toMatchObject({ status: 200, body });
    }
    expect(await part('bytes=0-1', { 'if-range': '"two"' })).toMatchObject({ status: 200, body });
    expect((await part('bytes=0-1', { 'if-range': '"one"' })).status).toBe(206);
    const beyond = await part(`bytes=${size}-`);
    expect([beyond.status, beyond.headers['content-range'], beyond.body]).toEqual([416, `bytes */${size}`, '']);
    expect(asked).toHaveLength(2);
  });

  test('says of errors that they are some, also when it gives them again', async () => {
    await use(distribution([behavior()]));
    const seen = [await get('/missing'), await get('/missing')];
    expect(seen.map(({ status, headers }) => [status, headers['x-cache']])).toEqual([
      [404, 'Error from cloudfront'],
      [404, 'Error from cloudfront'],
    ]);
    expect(asked).toHaveLength(1);
  });

  test.each([
    ['no-store', 2],
    ['private', 2],
    ['max-age=0', 2],
    ['max-age=100', 1],
    ['max-age=0, s-maxage=100', 1],
  ])('keeps to %s', async (control, count) => {
    await use(distribution([behavior()]));
    cacheControl = control;
    await get('/b');
    await get('/b');
    expect(asked).toHaveLength(count);
  });

  test('forgets what is no longer fresh', async () => {
    await use(distribution([behavior({ maximumSeconds: 0.2, defaultSeconds: 0.2 })]));
    await get('/c');
    await pause(300);
    await get('/c');
    expect(asked).toHaveLength(2);
  });

  test('tells answers apart by what the origin may answer by, and by nothing else', async () => {
    await use(
      distribution([
        behavior({
          queryStrings: { kind: 'only', names: ['page'] },
          cookies: { kind: 'only', names: ['lang'] },
          headerNames: { kind: 'only', names: ['accept-language'] },
        }),
      ]),
    );
    await get('/d?page=1&utm=x', { cookie: 'lang=de; track=1', 'accept-language': 'de', 'x-other': '1' });
    expect(asked).toEqual(['GET /base/d?page=1']);
    expect(headersSeen).toMatchObject({ cookie: 'lang=de', 'accept-language': 'de', 'x-secret': 'from-the-edge' });
    expect(headersSeen).not.toHaveProperty('x-other');
    expect(headersSeen['user-agent']).toBe('Amazon CloudFront');
    expect(headersSeen.host).toBe(`origin.example:${web.port}`);
    await get('/d?page=1&utm=y', { cookie: 'lang=de; track=2', 'accept-language': 'de' });
    expect(asked).toHaveLength(1);
    await get('/d?page=2', { cookie: 'lang=de', 'accept-language': 'de' });
    await get('/d?page=1', { cookie: 'lang=fr', 'accept-language': 'de' });
    await get('/d?page=1', { cookie: 'lang=de', 'accept-language': 'fr' });
    expect(asked).toHaveLength(4);
  });

  test('a header that is no part of the key cannot poison it', async () => {
    await use(distribution([behavior()]));
    await get('/e', { 'x-forwarded-host': 'evil.example', 'x-original-url': '/admin' });
    expect(headersSeen).not.toHaveProperty('x-forwarded-host');
    expect(headersSeen).not.toHaveProperty('x-original-url');
  });

  test('POST goes to the origin each time', async () => {
    await use(distribution([behavior({ queryStrings: all })]));
    for (let count = 0; count < 2; count++)
      await ask({ port, method: 'POST', path: '/f', headers: { host: 'a.shop.example' }, body: 'x' });
    expect(asked).toEqual(['POST /base/f', 'POST /base/f']);
  });
});

describe('routing', () => {
  test('by Host: its names and one label before them; anybody else gets 403', async () => {
    await use(distribution([behavior()]));
    expect((await get('/g', { host: 'D111.cloudfront.net' })).status).toBe(200);
    expect((await get('/g', { host: 'x.shop.example' })).status).toBe(200);
    const strange = await get('/g', { host: 'evil.example' });
    expect([strange.status, strange.headers.server]).toEqual([403, 'CloudFront']);
    await use(distribution([behavior()], { enabled: false }));
    expect((await get('/g')).status).toBe(403);
  });

  test('by path: the first pattern that matches; the root has its object', async () => {
    await use(distribution([behavior({ pathPattern: '/api/*', methods: ['GET'], cachedMethods: [] }), behavior()]));
    await get('/api/x');
    await get('/api/x');
    await get('/');
    expect(asked).toEqual(['GET /base/api/x', 'GET /base/api/x', 'GET /base/index.html']);
    expect((await get('/api/x', {}, 'POST')).status).toBe(403);
  });

  test('to https where viewers must use it', async () => {
    await use(distribution([behavior({ viewerProtocol: 'redirect-to-https' })]));
    const answer = await get('/h?i');
    expect([answer.status, answer.headers.location]).toEqual([301, 'https://www.shop.example/h?i']);
    expect(answer.headers).toMatchObject({ 'x-cache': 'Redirect from cloudfront', 'content-length': '167' });
    expect(answer.body).toContain('<hr><center>CloudFront</center>');
    await use(distribution([behavior({ viewerProtocol: 'https-only' })]));
    expect((await get('/h')).status).toBe(403);
  });
});

test('M-187 a web ACL stands before the cache', async () => {
  await use(distribution([behavior()], { webAcl: 'acl' }));
  expect((await get('/k')).status).toBe(200);
  isBlocking = true;
  const blocked = await get('/k');
  expect([blocked.status, blocked.headers['x-cache']]).toEqual([403, 'Error from cloudfront']);
  isBlocking = false;
  expect((await get('/k')).headers['x-cache']).toBe('Hit from cloudfront');
});

describe('distributions that share a port', () => {
  const two = (over: Partial<DistributionSettings>, more: Partial<Parameters<typeof snapshot>[0]> = {}) => {
    version += 1;
    const one = { ...distribution([behavior()]), id: `E${version}` };
    const other = { ...one, id: `F${version}`, arn: `${one.arn}-other`, hosts: ['other.example'], ...over };
    return node.apply(snapshot({ distributions: [one, other], ...more }));
  };

  test('do not suffer from another’s web ACL that is not known, and that one is not served without it', async () => {
    await two({ webAcl: 'missing' });
    expect((await get('/l')).status).toBe(200);
    expect((await get('/l', { host: 'other.example' })).status).toBe(403);
    const { listeners = [] } = node.report() ?? {};
    expect(listeners.filter(({ state }) => state === 'failed').map(({ arn }) => arn)).toEqual([
      'arn:aws:cloudfront::111122223333:distribution/E1-other',
    ]);
  });

  test('do not suffer from another’s certificate, whatever is wrong with it, and show each their own', async () => {
    const securePort = await freePort();
    const [mine, theirs] = [
      await makeCertificate({ name: 'www.shop.example' }),
      await makeCertificate({ name: 'www.shop.example' }),
    ];
    const settings = (id: string, hosts: string[], certificate: string): DistributionSettings => ({
      ...distribution([behavior()]),
      id,
      arn: `${id}-arn`,
      hosts,
      securePort,
      certificate,
    });
    await node.apply(
      snapshot({
        distributions: [
          // Good for a name that is not theirs.
          settings('A', ['a.cloudfront.net'], 'theirs'),
          settings('B', ['b.cloudfront.net'], 'broken'),
          settings('C', ['c.cloudfront.net'], 'missing'),
          settings('D', ['www.shop.example'], 'mine'),
        ],
        certificates: [
          { arn: 'theirs', chain: theirs.pem, privateKey: theirs.privateKey },
          { arn: 'broken', chain: theirs.pem, privateKey: mine.privateKey },
          { arn: 'mine', chain: mine.pem, privateKey: mine.privateKey },
        ],
      }),
    );
    const answer = await new Promise<number | undefined>((resolve, reject) => {
      const servername = 'www.shop.example';
      const options = { host: '127.0.0.1', port: securePort, servername, headers: { host: servername }, ca: mine.pem };
      getSecurely(options, (one) => resolve(one.statusCode)).on('error', reject);
    });
    expect(answer).toBe(200);
    const failed = (node.report()?.listeners ?? []).filter(({ state }) => state === 'failed');
    expect(failed.map(({ arn }) => arn)).toEqual(['B-arn', 'C-arn']);
  });

  test('have their port before any load balancer, whichever was there first', async () => {
    const balancer = loadBalancer([listener(port, { defaultActions: [] })]);
    await two({ hosts: ['other.example'] }, { loadBalancers: [balancer] });
    expect((await get('/u')).headers['x-cache']).toBe('Miss from cloudfront');
    const failed = (node.report()?.listeners ?? []).filter(({ state }) => state === 'failed');
    expect(failed.map(({ arn }) => arn)).toEqual([balancer.listeners[0]?.arn]);
  });

  test('are told apart by the closest name', async () => {
    await two({ hosts: ['*.a.shop.example'], defaultRootObject: 'closest.html' });
    await get('/', { host: 'x.a.shop.example' });
    await get('/', { host: 'x.shop.example' });
    expect(asked).toEqual(['GET /base/closest.html', 'GET /base/index.html']);
  });

  test('M-183 are watched where somebody wants to know what comes for them, whatever becomes of it', async () => {
    await two({ isWatched: true, webAcl: 'acl' }, { webAcls: [{ arn: 'acl', revision: '1' } as never] });
    node.report();
    await get('/m', { host: 'other.example' });
    isBlocking = true;
    await get('/n', { host: 'other.example' });
    await get('/n');
    const [arrivals, ...rest] = node.report()?.arrivals ?? [];
    expect(rest).toEqual([]);
    expect(arrivals).toMatchObject({ resource: expect.stringContaining('-other'), requests: 2 });
    expect(arrivals?.sample.map(({ path }) => path)).toEqual(['/m', '/n']);
  });
});

describe('who somebody is', () => {
  const mine = { authorization: 'Bearer alice' };

  test('does not reach an origin whose answers are kept, unless the behavior says so', async () => {
    await use(distribution([behavior()]));
    await get('/o', mine);
    expect(headersSeen).not.toHaveProperty('authorization');
    await ask({ port, method: 'POST', path: '/o', headers: { host: 'www.shop.example', ...mine }, body: 'x' });
    expect(headersSeen).toMatchObject(mine);
  });

  test('keeps the answer from others, unless the origin says that it is for all', async () => {
    const forwarded = { queryStrings: none, cookies: none, headerNames: all };
    await use(distribution([behavior({ forwarded })]));
    await get('/p', mine);
    expect((await get('/p')).headers['x-cache']).toBe('Miss from cloudfront');
    cacheControl = 'public, max-age=60';
    await get('/q', mine);
    expect((await get('/q')).headers['x-cache']).toBe('Hit from cloudfront');
    cacheControl = undefined;
    await use(distribution([behavior({ headerNames: { kind: 'only', names: ['authorization'] } })]));
    await get('/r', mine);
    expect((await get('/r', mine)).headers['x-cache']).toBe('Hit from cloudfront');
    expect((await get('/r', { authorization: 'Bearer mallory' })).headers['x-cache']).toBe('Miss from cloudfront');
  });
});

test('what is kept is asked for anew when it is invalidated', async () => {
  const one = distribution([behavior()]);
  const put = (invalidations: DistributionSettings['invalidations']) =>
    node.apply(snapshot({ distributions: [{ ...one, id: 'E-invalidated', ...(invalidations && { invalidations }) }] }));
  await put(undefined);
  for (const path of ['/s/1', '/t']) await get(path);
  await put([{ id: 'I1', paths: ['/s/*'] }]);
  expect((await get('/s/1')).headers['x-cache']).toBe('Miss from cloudfront');
  expect((await get('/t')).headers['x-cache']).toBe('Hit from cloudfront');
  await put([{ id: 'I1', paths: ['/s/*'] }]);
  expect((await get('/s/1')).headers['x-cache']).toBe('Hit from cloudfront');
});

test('a request that comes back to its distribution does not go round', async () => {
  await use(distribution([behavior()]));
  const own = `1.1 e${version}.cloudfront.net (CloudFront)`;
  await get('/v', { via: '1.1 somebody' });
  expect(headersSeen.via).toBe(`1.1 somebody, ${own}`);
  const back = await get('/w', { via: `1.1 somebody, ${own}` });
  expect([back.status, back.headers['x-cache']]).toEqual([403, 'Error from cloudfront']);
  expect(asked).toEqual(['GET /base/v']);
});
