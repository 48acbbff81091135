/** Users signed in by the edge: to an OpenID provider and back, as a browser goes, and what the application then hears. */
import { createHmac, createPublicKey, verify } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { EdgeNode } from '../../src/edge/node.ts';
import type { AuthenticationKeySettings, ListenerSettings } from '../../src/edge/snapshot.ts';
import { newAuthenticationKey } from '../support/authentication-keys.ts';
import { Browser, type Page, type Visit } from './browser.fixture.ts';
import {
  freePort,
  groupArn,
  listener,
  loadBalancer,
  mirror,
  type Origin,
  openInspector,
  origin,
  rule,
  type Seen,
  snapshot,
  targetGroup,
  until,
} from './edge.fixture.ts';
import { authority, clientId, digest, IdentityProvider } from './identity-provider.fixture.ts';

let idp: IdentityProvider;
let node: EdgeNode;
let web: Origin;
let root: string;
let port: number;
let otherPort: number;
let later = 0;
let key: ReturnType<typeof newAuthenticationKey>;
let certificate: { arn: string; chain: string; privateKey: string };

const forward = { Type: 'forward' as const, Order: 2, TargetGroupArn: groupArn('web') };
const signIn = (over: object = {}) => [
  { Type: 'authenticate-oidc' as const, Order: 1, AuthenticateOidcConfig: { ...idp.config, ...over } },
  forward,
];

function secured(at: number): ListenerSettings {
  const path = (value: string) => [{ Field: 'path-pattern', Values: [value] }];
  return listener(at, {
    protocol: 'HTTPS',
    certificates: ['shop'],
    defaultActions: signIn(),
    rules: [
      rule(1, { conditions: path('/api/*'), actions: signIn({ OnUnauthenticatedRequest: 'deny' }) }),
      rule(2, { conditions: path('/news/*'), actions: signIn({ OnUnauthenticatedRequest: 'allow' }) }),
      rule(3, { conditions: path('/open/*'), actions: [forward] }),
      rule(4, {
        conditions: path('/fixed'),
        actions: [
          signIn()[0] as never,
          { Type: 'fixed-response', Order: 2, FixedResponseConfig: { StatusCode: '200', MessageBody: 'hello' } },
        ],
      }),
      rule(5, {
        conditions: path('/fresh'),
        actions: signIn({
          SessionCookieName: 'fresh',
          AuthenticationRequestExtraParams: { prompt: 'login', state: 'forged', acr_values: 'a&b=c' },
        }),
      }),
    ],
  });
}

const apply = (keys: readonly AuthenticationKeySettings[] = [key]) =>
  node.apply(
    snapshot({
      certificates: [certificate],
      targetAuthorities: root,
      authenticationKeys: keys,
      loadBalancers: [
        loadBalancer([secured(port), secured(otherPort)], { attributes: { 'access_logs.s3.enabled': 'true' } }),
      ],
      targetGroups: [targetGroup('web', [web.port])],
    }),
  );

beforeAll(async () => {
  const { root: pem, leaf } = await authority();
  root = pem;
  const shop = await leaf('shop.example');
  certificate = { arn: 'shop', chain: shop.cert, privateKey: shop.key };
  idp = await new IdentityProvider(await leaf('localhost')).open();
  // Sessions and claims of the largest kind are more than Node takes by itself.
  web = await origin(mirror, 0, { maxHeaderSize: 64 * 1024 });
  [port, otherPort] = [await freePort(), await freePort()];
  key = newAuthenticationKey(Date.now() - 3_600_000);
  node = new EdgeNode({
    now: () => Date.now() + later,
    random: () => 0.5,
    reusesPorts: false,
    inspectorFor: () => openInspector,
  });
  await apply();
});

afterAll(async () => {
  await node.close(0);
  await web.close();
  await idp.close();
});

beforeEach(async () => {
  await logged();
});

afterEach(() => {
  later = 0;
  idp.reset();
});

const at = (path: string): string => `https://shop.example:${port}${path}`;
const seen = ({ body }: Page): Seen => JSON.parse(body) as Seen;

let visits = 0;
/** Requests are logged when they are over, which may be after the client has its answer. */
class Customer extends Browser {
  override visit(url: string, visit?: Visit): Promise<Page> {
    if (url.startsWith('https://shop.example') && visit?.address === undefined) visits += 1;
    return super.visit(url, visit);
  }
}

/** One line for every visit since the last time. */
async function logged(): Promise<string[]> {
  const all: string[] = [];
  await until(() => {
    all.push(...(node.report()?.logs ?? []).flatMap(({ lines }) => lines));
    return all.length >= visits;
  }, 5_000);
  visits = 0;
  return all;
}

/** `error_reason` and `actions_executed` of everything since the last time. */
async function told(): Promise<string[]> {
  return (await logged()).map((line) => {
    const quoted = [...line.matchAll(/"([^"]*)"/g)].map(([, text]) => text);
    return `${quoted[5]} ${quoted[7]}`;
  });
}

/** A browser that has signed in. */
async function signedIn(path = '/'): Promise<Customer> {
  const browser = new Customer(root);
  expect((await browser.browse(at(path))).status).toBe(200);
  return browser;
}

/** Where the provider sends the user back to. */
async function wayBack(browser: Browser, path = '/'): Promise<string> {
  const away = await browser.visit(at(path));
  return String((await browser.visit(String(away.headers.location))).headers.location);
}

function claimsOf(
  data: unknown,
  publicKey: string,
): { header: Record<string, unknown>; claims: Record<string, unknown> } {
  const [header = '', claims = '', signature = ''] = String(data).split('.');
  const isSigned = verify(
    'sha256',
    Buffer.from(`${header}.${claims}`),
    { key: createPublicKey(publicKey), dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  );
  expect(isSigned).toBe(true);
  for (const part of [header, claims, signature]) expect(part.length % 4).toBe(0);
  const parse = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;
  return { header: parse(header), claims: parse(claims) };
}

describe('signing in', () => {
  test('goes to the provider and comes back to where the user wanted to go', async () => {
    const browser = new Customer(root);
    const away = await browser.visit(at('/cart?item=2&size=9'));
    expect(away.status).toBe(302);
    expect(away.headers['cache-control']).toBe('no-store');
    const nonce = browser.jar('shop.example').get('AWSALBAuthNonce') as string;
    expect(away.cookies[0]).toMatch(
      /^AWSALBAuthNonce=[\w-]{24}; Expires=[^;]+; Path=\/; Secure; HttpOnly; SameSite=Lax$/,
    );
    const to = new URL(String(away.headers.location));
    expect(`${to.origin}${to.pathname}`).toBe(`${idp.origin}/authorize`);
    const { state, ...query } = Object.fromEntries(to.searchParams);
    expect(query).toEqual({
      tenant: 'a',
      client_id: clientId,
      redirect_uri: `https://shop.example:${port}/oauth2/idpresponse`,
      response_type: 'code',
      scope: 'openid email',
      nonce: digest(nonce),
    });
    expect(state).not.toContain(nonce);
    const back = await browser.visit(String((await browser.visit(to.href)).headers.location));
    expect([back.status, back.headers.location]).toEqual([302, at('/cart?item=2&size=9')]);
    expect(back.cookies.map((one) => one.replace(/=[^;]{20,};/, '=…;').replace(/Expires=[^;]+/, 'Expires=…'))).toEqual([
      'AWSALBAuthNonce=; Expires=…; Path=/; Secure; HttpOnly; SameSite=Lax',
      'AWSELBAuthSessionCookie-0=…; Expires=…; Path=/; Secure; HttpOnly; SameSite=Lax',
    ]);
    const page = await browser.visit(String(back.headers.location));
    expect(seen(page)).toMatchObject({ method: 'GET', url: '/cart?item=2&size=9' });
    expect(await told()).toEqual(['authenticate -', 'authenticate -', 'authenticate,forward -']);
    expect(idp.asked).toEqual(['/authorize', '/token', '/userinfo']);
  });

  test('tells the application who the user is, signed', async () => {
    const browser = await signedIn();
    const { headers } = seen(await browser.visit(at('/'))) as { headers: Record<string, string> };
    expect(headers['x-amzn-oidc-identity']).toBe('user-1');
    expect(headers['x-amzn-oidc-accesstoken']).toMatch(/^[0-9a-f-]{36}$/);
    const { header, claims } = claimsOf(headers['x-amzn-oidc-data'], key.publicKey);
    expect(header).toMatchObject({
      typ: 'JWT',
      alg: 'ES256',
      kid: key.id,
      iss: idp.origin,
      client: clientId,
      signer: 'arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/shop/50dc6c495c0c9188',
    });
    expect(Number(header.exp) - Date.now() / 1000).toBeGreaterThan(100);
    expect(Number(header.exp) - Date.now() / 1000).toBeLessThan(121);
    expect(claims).toMatchObject({ ...idp.claims, iss: idp.origin, exp: header.exp });
    expect(idp.count('/token')).toBe(1);
  });

  test('holds for all rules that ask alike, and for no more', async () => {
    const browser = await signedIn();
    for (const path of ['/', '/fixed']) expect((await browser.visit(at(path))).status).toBe(200);
    const open = seen(await browser.visit(at('/open/a')));
    expect(Object.keys(open.headers).filter((name) => name.startsWith('x-amzn-oidc'))).toEqual([]);
    // Another cookie is another session.
    const away = await browser.visit(at('/fresh'));
    expect(away.status).toBe(302);
    const query = new URL(String(away.headers.location)).searchParams;
    expect([query.get('prompt'), query.get('acr_values')]).toEqual(['login', 'a&b=c']);
    expect(query.getAll('state')).not.toContain('forged');
  });

  test('deny answers 401, allow lets strangers through', async () => {
    const browser = new Customer(root);
    const denied = await browser.visit(at('/api/cart'));
    expect([denied.status, denied.cookies]).toEqual([401, []]);
    expect(denied.body).toContain('401 Authorization Required');
    const allowed = await browser.visit(at('/news/today'));
    expect(Object.keys(seen(allowed).headers).filter((name) => name.startsWith('x-amzn-oidc'))).toEqual([]);
    expect(await told()).toEqual(['authenticate -', 'authenticate,forward -']);
  });

  test('a rule that only differs in what strangers get takes the same session', async () => {
    const user = await signedIn();
    const news = seen(await user.visit(at('/news/today')));
    expect(news.headers['x-amzn-oidc-identity']).toBe('user-1');
    expect(seen(await user.visit(at('/api/cart'))).headers['x-amzn-oidc-identity']).toBe('user-1');
  });
});

test('CloudWatch hears of it', async () => {
  const counted = async (): Promise<Record<string, number>> => {
    const values: Record<string, number> = {};
    await until(() => {
      for (const metric of node.report()?.metrics ?? []) {
        for (const [name, { sum }] of Object.entries(metric.values)) values[name] = (values[name] ?? 0) + sum;
      }
      return (values.RequestCount ?? 0) >= visits;
    }, 5_000);
    visits = 0;
    return values;
  };
  idp.givesRefreshTokens = true;
  idp.expiresInSeconds = 60;
  const user = await signedIn();
  later = 61_000;
  await user.visit(at('/'));
  const good = await counted();
  expect(good).toMatchObject({ ELBAuthSuccess: 1, ELBAuthRefreshTokenSuccess: 1, ELBAuthLatency: expect.any(Number) });
  expect(good).not.toHaveProperty('ELBAuthFailure');
  idp.claims = { sub: 'user-1', groups: 'g'.repeat(12_000) };
  await new Customer(root).browse(at('/'));
  idp.claims = { sub: 'user-2' };
  await new Customer(root).browse(at('/'));
  user.jar('shop.example').set('AWSELBAuthSessionCookie-0', 'forged');
  await user.visit(at('/'));
  const bad = await counted();
  expect(bad).toMatchObject({ ELBAuthError: 1, ELBAuthUserClaimsSizeExceeded: 1, ELBAuthFailure: 2 });
  expect(bad).not.toHaveProperty('ELBAuthSuccess');
});

describe('other ways to come', () => {
  test('HTTP/2, which cuts cookies to pieces', async () => {
    const user = await signedIn();
    const session = connectHttp2(`https://127.0.0.1:${port}`, { ca: root, servername: 'shop.example' });
    const asked = (cookie: string[]) =>
      new Promise<{ headers: Record<string, unknown>; body: string }>((resolve, reject) => {
        const stream = session.request({ ':authority': `shop.example:${port}`, ':path': '/two?a=b', cookie });
        let headers = {};
        let body = '';
        stream.on('response', (answer) => {
          headers = answer;
        });
        stream.on('data', (chunk) => {
          body += chunk;
        });
        stream.on('end', () => resolve({ headers, body }));
        stream.on('error', reject);
        stream.end();
      });
    visits += 2;
    const cookies = [...user.jar('shop.example')].map(([name, value]) => `${name}=${value}`);
    const known = await asked(['a=1', ...cookies, 'b=2']);
    expect(JSON.parse(known.body)).toMatchObject({ url: '/two?a=b', headers: { 'x-amzn-oidc-identity': 'user-1' } });
    const unknown = await asked(['a=1']);
    expect(unknown.headers).toMatchObject({ ':status': 302, location: expect.stringContaining(idp.origin) });
    expect(unknown.headers['set-cookie']).toEqual([expect.stringMatching(/^AWSALBAuthNonce=[\w-]{24};/)]);
    session.close();
  });

  test('a WebSocket is for users too, and its application hears who it is', async () => {
    const upgraded = new Promise<Record<string, unknown>>((resolve) => {
      web.server.on('upgrade', (incoming: IncomingMessage, socket: Duplex) => {
        socket.end('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nhello');
        resolve(incoming.headers);
      });
    });
    const open = (browser: Browser) =>
      browser.visit(at('/api/live'), {
        headers: { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' },
      });
    expect((await open(new Customer(root))).status).toBe(401);
    expect((await open(await signedIn())).status).toBe(101);
    expect((await upgraded)['x-amzn-oidc-identity']).toBe('user-1');
  });

  test('HTTP/1.0 without a host, which leaves nothing to come back to', async () => {
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connectTls({ host: '127.0.0.1', port, ca: root, servername: 'shop.example' }, () =>
        socket.write('GET / HTTP/1.0\r\n\r\n'),
      );
      let all = '';
      socket.on('data', (chunk) => {
        all += chunk;
      });
      socket.on('error', reject);
      socket.on('close', () => resolve(all));
    });
    visits += 1;
    expect(answer).toMatch(/^HTTP\/1\.[01] 401 /);
    expect(await told()).toEqual(['authenticate AuthMissingHostHeader']);
  });
});

describe('sessions', () => {
  test('end with their time, whatever the cookie says', async () => {
    const browser = await signedIn();
    later = 3_599_000;
    expect((await browser.visit(at('/'))).status).toBe(200);
    later = 3_601_000;
    expect((await browser.visit(at('/'))).status).toBe(302);
    expect((await browser.visit(at('/api/a'))).status).toBe(401);
  });

  test('larger than a cookie are cut into several; too large ones are refused', async () => {
    idp.claims = { ...idp.claims, groups: 'g'.repeat(9_000) };
    const browser = await signedIn();
    const names = () => [...browser.jar('shop.example').keys()].filter((name) => name.startsWith('AWSELB')).sort();
    expect(names()).toEqual([0, 1, 2, 3].map((index) => `AWSELBAuthSessionCookie-${index}`));
    for (const [name, value] of browser.jar('shop.example')) expect(name.length + value.length).toBeLessThan(4_000);
    const { headers } = seen(await browser.visit(at('/'))) as { headers: Record<string, string> };
    expect(claimsOf(headers['x-amzn-oidc-data'], key.publicKey).claims.groups).toHaveLength(9_000);
    // The next one has less to say: what is left of the first must not spoil it.
    idp.claims = { sub: 'user-1' };
    await browser.visit(await wayBack(browser, '/fresh'));
    browser.jar('shop.example').set('AWSELBAuthSessionCookie-0', 'spoiled');
    expect((await browser.browse(at('/'))).status).toBe(200);
    expect(names()).toEqual(['AWSELBAuthSessionCookie-0']);
    await logged();
    idp.claims = { ...idp.claims, groups: 'g'.repeat(11_300) };
    expect((await new Customer(root).browse(at('/'))).status).toBe(401);
    expect((await told()).at(-1)).toBe('authenticate AuthUserinfoResponseSizeExceeded');
  });

  test('and states are good on every node', async () => {
    const second = new EdgeNode({
      now: Date.now,
      random: () => 0.5,
      reusesPorts: false,
      bindAddress: '127.0.0.2',
      inspectorFor: () => openInspector,
    });
    await second.apply(node.snapshot as NonNullable<EdgeNode['snapshot']>);
    const browser = new Customer(root);
    const elsewhere = { address: '127.0.0.2' };
    const back = await browser.visit(await wayBack(browser), elsewhere);
    expect([back.status, back.headers.location]).toEqual([302, at('/')]);
    expect((await browser.visit(at('/api/a'))).status).toBe(200);
    expect((await browser.visit(at('/api/a'), elsewhere)).status).toBe(200);
    await second.close(0);
  });

  test('outlive a change of keys, and end with the key that sealed them', async () => {
    const browser = await signedIn();
    const next = newAuthenticationKey(Date.now());
    await apply([key, next]);
    // The new key waits until every node has it.
    const early = await signedIn();
    await apply([key]);
    expect((await early.visit(at('/'))).status).toBe(200);
    await apply([key, next]);
    later = 120_000;
    const late = await signedIn();
    expect((await browser.visit(at('/'))).status).toBe(200);
    await apply([next]);
    expect((await late.visit(at('/'))).status).toBe(200);
    expect((await browser.visit(at('/'))).status).toBe(302);
    await apply([]);
    expect((await late.visit(at('/'))).status).toBe(501);
    await apply([key]);
  });

  test('are renewed when the access token expires: once, whoever asks meanwhile', async () => {
    idp.givesRefreshTokens = true;
    idp.expiresInSeconds = 60;
    const browser = await signedIn();
    const before = seen(await browser.visit(at('/'))).headers['x-amzn-oidc-accesstoken'];
    idp.asked.length = 0;
    idp.claims = { sub: 'user-1', email: 'new@shop.example' };
    later = 61_000;
    const old = new Customer(root);
    for (const [name, value] of browser.jar('shop.example')) old.jar('shop.example').set(name, value);
    const pages = await Promise.all([1, 2, 3].map(() => browser.visit(at('/'))));
    for (const page of pages) {
      expect(page.status).toBe(200);
      const { headers } = seen(page) as { headers: Record<string, string> };
      expect(headers['x-amzn-oidc-accesstoken']).not.toBe(before);
      expect(claimsOf(headers['x-amzn-oidc-data'], key.publicKey).claims.email).toBe('new@shop.example');
      expect(page.cookies[0]).toMatch(/^AWSELBAuthSessionCookie-0=/);
    }
    // Somebody with the cookie of before comes too late for its refresh token, and shares what came of it.
    expect((await old.visit(at('/'))).status).toBe(200);
    expect(idp.asked).toEqual(['/token', '/userinfo']);
    // The session's own end does not move.
    later = 3_601_000;
    expect((await browser.visit(at('/'))).status).toBe(302);
  });

  test('end where the provider renews them no more, or for somebody else', async () => {
    idp.givesRefreshTokens = true;
    idp.expiresInSeconds = 60;
    const gone = await signedIn();
    const [swapped, out] = [await signedIn(), await signedIn()];
    later = 61_000;
    await logged();
    idp.claims = { sub: 'user-2' };
    expect((await swapped.visit(at('/api/a'))).status).toBe(401);
    idp.instead['/token'] = (_incoming, outgoing) => outgoing.writeHead(400).end('{"error":"invalid_grant"}');
    expect((await gone.visit(at('/'))).status).toBe(302);
    expect((await gone.visit(at('/api/a'))).status).toBe(401);
    const news = await out.visit(at('/news/a'));
    expect(news.status).toBe(200);
    expect(seen(news).headers).not.toHaveProperty('x-amzn-oidc-identity');
    expect(await told()).toEqual([
      'authenticate AuthInvalidUserinfoResponse',
      'authenticate AuthInvalidGrantError',
      'authenticate AuthInvalidGrantError',
      'authenticate,forward AuthInvalidGrantError',
    ]);
  });

  test('without a refresh token last until their end', async () => {
    idp.expiresInSeconds = 60;
    const browser = await signedIn();
    later = 600_000;
    expect((await browser.visit(at('/'))).status).toBe(200);
  });
});

describe('what the provider says no to', () => {
  const outcome = async (): Promise<[number, string | undefined]> => {
    const { status } = await new Customer(root).browse(at('/'));
    return [status, (await told()).at(-1)];
  };
  const says =
    (status: number, body: string) =>
    (_incoming: unknown, outgoing: { writeHead: (status: number) => { end: (body: string) => void } }) =>
      outgoing.writeHead(status).end(body);

  test('the user', async () => {
    idp.error = 'access_denied';
    expect(await outcome()).toEqual([401, 'authenticate AuthMissingCodeParam']);
    idp.error = 'server_error';
    expect(await outcome()).toEqual([561, 'authenticate AuthMissingCodeParam']);
    expect(idp.asked).not.toContain('/token');
  });

  test.each([
    ['/token', 401, '{"error":"invalid_client"}', 561, 'AuthTokenEpRequestFailed'],
    ['/token', 400, '{"error":"invalid_grant"}', 561, 'AuthInvalidGrantError'],
    ['/token', 302, '', 561, 'AuthTokenEpRequestFailed'],
    ['/token', 200, 'no json', 401, 'AuthInvalidTokenResponse'],
    ['/token', 200, '[]', 401, 'AuthInvalidTokenResponse'],
    ['/token', 200, '{"access_token":"a b","token_type":"Bearer"}', 401, 'AuthInvalidTokenResponse'],
    ['/token', 200, '{"access_token":"a","token_type":"mac"}', 401, 'AuthInvalidTokenResponse'],
    ['/token', 200, '{"access_token":"a","token_type":"bearer"}', 401, 'AuthInvalidIdToken'],
    ['/token', 200, `{"access_token":"${'a'.repeat(70_000)}"}`, 401, 'AuthInvalidTokenResponse'],
    ['/userinfo', 403, '{}', 561, 'AuthUserinfoEpRequestFailed'],
    ['/userinfo', 200, '"sub"', 401, 'AuthInvalidUserinfoResponse'],
    ['/userinfo', 200, '{"sub":"user-2"}', 401, 'AuthInvalidUserinfoResponse'],
    [
      '/userinfo',
      200,
      `{"sub":"user-1","x":${'['.repeat(20_000)}${']'.repeat(20_000)}}`,
      401,
      'AuthUserinfoResponseSizeExceeded',
    ],
    ['/userinfo', 200, `{"sub":"${'a'.repeat(70_000)}"}`, 401, 'AuthUserinfoResponseSizeExceeded'],
  ])('%s answers %i %.40s', async (path, status, body, expected, reason) => {
    idp.instead[path] = says(status, body) as never;
    expect(await outcome()).toEqual([expected, `authenticate ${reason}`]);
  });

  test('nobody waits for longer than 5 seconds', async () => {
    idp.instead['/token'] = () => undefined;
    idp.instead['/userinfo'] = (_incoming, outgoing) => void outgoing.writeHead(200).write('{');
    const from = performance.now();
    const token = outcome();
    expect(await token).toEqual([500, 'authenticate AuthTokenEpRequestTimeout']);
    expect(performance.now() - from).toBeLessThan(7_000);
    delete idp.instead['/token'];
    expect(await outcome()).toEqual([500, 'authenticate AuthUserinfoEpRequestTimeout']);
  });
});

describe('an attacker', () => {
  const tokenOf = (header: object, claims: object, signature = ''): string =>
    `${[header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')}.${signature}`;
  const hmac = (secret: string) => (claims: Record<string, unknown>) => {
    const token = tokenOf({ alg: 'HS256' }, claims).slice(0, -1);
    return `${token}.${createHmac('sha256', secret).update(token).digest('base64url')}`;
  };

  test.each([
    ['with no algorithm', () => (idp.idToken = (claims) => tokenOf({ alg: 'none' }, claims, 'AAAA'))],
    ['with no algorithm and no signature', () => (idp.idToken = (claims) => tokenOf({ alg: 'none' }, claims))],
    ['made with the public key as a secret', () => (idp.idToken = hmac(idp.publicPem))],
    ['of another issuer', () => (idp.idTokenClaims = { iss: 'https://evil.example' })],
    ['for another client', () => (idp.idTokenClaims = { aud: 'other' })],
    ['for several clients, and not authorized for ours', () => (idp.idTokenClaims = { aud: ['other', clientId] })],
    ['of another party', () => (idp.idTokenClaims = { azp: 'other' })],
    ['that has expired', () => (idp.idTokenClaims = { exp: Math.floor(Date.now() / 1000) - 120 })],
    ['from the future', () => (idp.idTokenClaims = { iat: Math.floor(Date.now() / 1000) + 600 })],
    ['without an end', () => (idp.idTokenClaims = { exp: undefined })],
    ['of another sign-in', () => (idp.idTokenClaims = { nonce: digest('other') })],
    ['without a subject', () => (idp.idTokenClaims = { sub: '' })],
    ['that is none', () => (idp.idToken = () => 'a.b.c')],
  ])('has no use of an ID token %s', async (_what, prepare) => {
    prepare();
    const browser = new Customer(root);
    const page = await browser.browse(at('/'));
    expect([page.status, (await told()).at(-1)]).toEqual([401, 'authenticate AuthInvalidIdToken']);
    expect(browser.jar('shop.example').size).toBe(0);
    expect(idp.asked).not.toContain('/userinfo');
  });

  test('gets no further with an ID token by the client secret than its claims allow', async () => {
    idp.idToken = hmac('a secret: with + and %');
    expect((await new Customer(root).browse(at('/'))).status).toBe(200);
  });

  test('cannot sign somebody else in: a state belongs to the browser that was sent away', async () => {
    const attacker = new Customer(root);
    const link = await wayBack(attacker);
    const victim = new Customer(root);
    expect((await victim.visit(link)).status).toBe(401);
    const own = await wayBack(victim);
    const page = await victim.visit(link);
    expect([page.status, page.cookies, idp.count('/token')]).toEqual([401, [], 0]);
    expect((await told()).filter((line) => line.includes('Nonce'))).toEqual([
      'authenticate AuthMissingAWSALBAuthNonce',
      'authenticate AuthInvalidAWSALBAuthNonce',
    ]);
    // Nothing is used up by that, neither theirs nor the victim's own.
    expect((await victim.visit(own)).status).toBe(302);
    expect((await attacker.visit(link)).status).toBe(302);
  });

  test('cannot use a way back twice, or after 15 minutes, or elsewhere', async () => {
    const browser = new Customer(root);
    const link = await wayBack(browser);
    const nonce = browser.jar('shop.example').get('AWSALBAuthNonce') as string;
    expect((await browser.visit(link)).status).toBe(302);
    expect((await browser.visit(link)).status).toBe(401);
    browser.jar('shop.example').set('AWSALBAuthNonce', nonce);
    expect((await browser.visit(link)).status).toBe(561);
    const late = await wayBack(browser, '/fresh');
    later = 15 * 60_000;
    expect((await browser.visit(late)).status).toBe(401);
    later = 0;
    const other = (await wayBack(browser, '/fresh')).replace(`:${port}/`, `:${otherPort}/`);
    expect((await browser.visit(other)).status).toBe(401);
    expect((await browser.visit(await wayBack(browser, '/fresh'), { host: 'evil.example' })).status).toBe(401);
    expect((await told()).filter((line) => line.includes('State'))).toEqual(
      Array.from({ length: 3 }, () => 'authenticate AuthInvalidStateParam'),
    );
  });

  test.each([
    ['', 'AuthMissingStateParam'],
    ['?code=a', 'AuthMissingStateParam'],
    ['?code=a&state=', 'AuthMissingStateParam'],
    ['?code=a&state=forged', 'AuthInvalidStateParam'],
    [`?code=a&state=${'A'.repeat(4000)}`, 'AuthInvalidStateParam'],
    ['?code=a&state=%00%ff', 'AuthInvalidStateParam'],
  ])('comes back with %.20s in vain', async (query, reason) => {
    const browser = new Customer(root);
    await browser.visit(at('/'));
    await logged();
    expect((await browser.visit(at(`/oauth2/idpresponse${query}`))).status).toBe(401);
    expect(await told()).toEqual([`authenticate ${reason}`]);
    expect(idp.asked).toEqual([]);
  });

  test('comes back without a code in vain, and codes stay out of the log', async () => {
    const browser = new Customer(root);
    const link = new URL(await wayBack(browser));
    const code = String(link.searchParams.get('code'));
    link.searchParams.delete('code');
    await logged();
    expect((await browser.visit(link.href)).status).toBe(401);
    await browser.visit(await wayBack(browser));
    const lines = await logged();
    expect(lines[0]).toContain('AuthMissingCodeParam');
    expect(lines.at(-1)).toContain('/oauth2/idpresponse?code=-&state=- ');
    expect(lines.join('\n')).not.toContain(code);
  });

  test('is not sent the code of another provider', async () => {
    const browser = new Customer(root);
    const evil = `${await wayBack(browser)}&iss=https%3A%2F%2Fevil.example`;
    expect((await browser.visit(evil)).status).toBe(401);
    expect(idp.asked).not.toContain('/token');
    const own = `${await wayBack(browser)}&iss=${encodeURIComponent(idp.origin)}`;
    expect((await browser.visit(own)).status).toBe(302);
  });

  test('has no use of a cookie that was cut, lengthened, changed, reordered, or is of another listener or rule', async () => {
    idp.claims = { ...idp.claims, groups: 'g'.repeat(4_000) };
    const browser = await signedIn();
    const jar = browser.jar('shop.example');
    const [first, second] = ['AWSELBAuthSessionCookie-0', 'AWSELBAuthSessionCookie-1'] as const;
    const [a, b] = [jar.get(first) as string, jar.get(second) as string];
    const flip = (text: string, index: number): string =>
      `${text.slice(0, index)}${text[index] === 'A' ? 'B' : 'A'}${text.slice(index + 1)}`;
    const forged: [string, string][] = [
      [a, ''],
      [a.slice(0, -1), b],
      [a, b.slice(0, -1)],
      [a, `${b}A`],
      [`${a}A`, b],
      [b, a],
      ...[0, 3, 6, 12, 21, 40, a.length - 1].map((index): [string, string] => [flip(a, index), b]),
      ...[0, b.length - 30, b.length - 1].map((index): [string, string] => [a, flip(b, index)]),
      ['A'.repeat(3_800), 'A'],
      [Buffer.from(a, 'base64url').toString('base64'), Buffer.from(b, 'base64url').toString('base64')],
    ];
    await logged();
    for (const [one, two] of forged) {
      jar.set(first, one);
      jar.set(second, two);
      expect((await browser.visit(at('/api/a'))).status).toBe(401);
    }
    expect(new Set(await told())).toEqual(new Set(['authenticate AuthInvalidCookie']));
    jar.set(first, a);
    jar.set(second, b);
    expect((await browser.visit(at('/api/a'))).status).toBe(200);
    expect((await browser.visit(at('/api/a').replace(`:${port}`, `:${otherPort}`))).status).toBe(401);
    jar.set('fresh-0', a);
    jar.set('fresh-1', b);
    expect((await browser.visit(at('/fresh'))).status).toBe(302);
    // A cookie that is not ours ends nothing: users sign in anew.
    jar.set(first, 'forged');
    expect((await browser.browse(at('/'))).status).toBe(200);
  });

  test('is not sent anywhere else by the way they came', async () => {
    for (const path of ['//evil.example/', '/\\evil.example', '/@evil.example', '/.evil.example', '/?//evil.example']) {
      const browser = new Customer(root);
      const back = await browser.visit(await wayBack(browser, path));
      const location = String(back.headers.location);
      expect(location).toBe(at(path));
      expect(new URL(location).origin).toBe(`https://shop.example:${port}`);
    }
    const away = await new Customer(root).visit(at('/'), { host: `Shop.Example:${port}` });
    const uri = new URL(String(away.headers.location)).searchParams.get('redirect_uri');
    expect(uri).toBe(`https://shop.example:${port}/oauth2/idpresponse`);
    expect((await new Customer(root).visit(at('/'), { host: 'a@evil.example/' })).status).toBe(400);
    expect((await new Customer(root).visit(at(`/${'a'.repeat(4_100)}`))).status).toBe(414);
  });

  test('injects no headers by what the provider says of them', async () => {
    for (const sub of ['user\r\nx-admin: yes', 'user\u0000', 'us\u00e9r', ' user', 'a\tb']) {
      idp.claims = { sub };
      idp.idTokenClaims = { sub };
      expect((await new Customer(root).browse(at('/'))).status).toBe(401);
    }
    idp.idTokenClaims = {};
    idp.claims = { sub: 'user-1', name: 'a\r\nx-admin: yes', iss: 'https://evil.example', exp: 1 };
    const { headers } = seen(await new Customer(root).browse(at('/'))) as { headers: Record<string, string> };
    expect(headers).not.toHaveProperty('x-admin');
    const { claims } = claimsOf(headers['x-amzn-oidc-data'], key.publicKey);
    expect(claims).toMatchObject({ name: 'a\r\nx-admin: yes', iss: idp.origin });
    expect(claims.exp).toBeGreaterThan(Date.now() / 1000);
  });

  test('says nothing of users to the application, signed in or not', async () => {
    const forged = {
      'x-amzn-oidc-identity': 'admin',
      'X-Amzn-Oidc-Data': 'a.b.c',
      'X-AMZN-OIDC-ACCESSTOKEN': 'forged',
      x_amzn_oidc_identity: 'admin',
      'x-amzn_oidc-data': 'forged',
      'x.amzn.oidc.identity': 'admin',
    };
    const user = await signedIn();
    for (const [browser, path] of [
      [user, '/'],
      [new Customer(root), '/news/a'],
      [new Customer(root), '/open/a'],
    ] as const) {
      const { headers } = seen(await browser.visit(at(path), { headers: forged }));
      const values = Object.entries(headers).filter(([name]) => /oidc/.test(name));
      expect(values.map(([name]) => name).sort()).toEqual(
        browser === user ? ['x-amzn-oidc-accesstoken', 'x-amzn-oidc-data', 'x-amzn-oidc-identity'] : [],
      );
      expect(JSON.stringify(values)).not.toMatch(/admin|forged|a\.b\.c/);
    }
  });
});
