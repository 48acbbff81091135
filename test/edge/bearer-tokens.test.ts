/** Bearer tokens checked by the edge: what their issuer must have signed, and all that does not pass for it. */
import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { connect as connectHttp2, constants } from 'node:http2';
import { CompactSign, exportJWK, SignJWT } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { EdgeNode } from '../../src/edge/node.ts';
import { Browser, type Page } from './browser.fixture.ts';
import {
  freePort,
  groupArn,
  listener,
  loadBalancer,
  mirror,
  type Origin,
  openInspector,
  origin,
  pause,
  rule,
  type Seen,
  snapshot,
  targetGroup,
  until,
} from './edge.fixture.ts';
import { authority, type Certified, IdentityProvider } from './identity-provider.fixture.ts';

let idp: IdentityProvider;
let other: IdentityProvider;
let node: EdgeNode;
let web: Origin;
let client: Browser;
let certified: Certified;
let root: string;
let port: number;
let later = 0;

const issuer = 'https://issuer.example/';
const second = (more = 0): number => Math.floor((Date.now() + later) / 1000) + more;
const good = (): Record<string, unknown> => ({
  iss: issuer,
  exp: second(300),
  iat: second(),
  nbf: second(),
  aud: ['shop', 'bar'],
  scope: 'read write',
  tier: 'gold',
});

beforeAll(async () => {
  const { root: pem, leaf } = await authority();
  root = pem;
  certified = await leaf('shop.example');
  [idp, other] = [
    await new IdentityProvider(await leaf('localhost')).open(),
    await new IdentityProvider(await leaf('localhost')).open(),
  ];
  web = await origin(mirror);
  port = await freePort();
  client = new Browser(root);
});

/** A new node knows no keys yet. */
beforeEach(async () => {
  node = new EdgeNode({
    now: () => Date.now() + later,
    random: () => 0.5,
    reusesPorts: false,
    inspectorFor: () => openInspector,
  });
  const forward = { Type: 'forward' as const, Order: 2, TargetGroupArn: groupArn('web') };
  const validation = (JwtValidationConfig: object) => [
    { Type: 'jwt-validation' as const, Order: 1, JwtValidationConfig: JwtValidationConfig as never },
    forward,
  ];
  const keys = { JwksEndpoint: `${idp.origin}/jwks`, Issuer: issuer };
  await node.apply(
    snapshot({
      certificates: [{ arn: 'shop', chain: certified.cert, privateKey: certified.key }],
      targetAuthorities: root,
      loadBalancers: [
        loadBalancer(
          [
            listener(port, {
              protocol: 'HTTPS',
              certificates: ['shop'],
              defaultActions: validation(keys),
              rules: [
                rule(1, {
                  conditions: [{ Field: 'path-pattern', Values: ['/claims'] }],
                  actions: validation({
                    ...keys,
                    AdditionalClaims: [
                      { Name: 'tier', Format: 'single-string', Values: ['gold'] },
                      { Name: 'aud', Format: 'string-array', Values: ['bar', 'shop'] },
                      { Name: 'scope', Format: 'space-separated-values', Values: ['write'] },
                    ],
                  }),
                }),
              ],
            }),
          ],
          { attributes: { 'access_logs.s3.enabled': 'true' } },
        ),
      ],
      targetGroups: [targetGroup('web', [web.port])],
    }),
  );
});

afterEach(async () => {
  later = 0;
  idp.reset();
  other.reset();
  await node.close(0);
});

afterAll(async () => {
  await Promise.all([web.close(), idp.close(), other.close()]);
});

const ask = (authorization: string | string[] | undefined, path = '/'): Promise<Page> =>
  client.visit(
    `https://shop.example:${port}${path}`,
    authorization === undefined ? {} : { headers: { authorization } },
  );

/** Status, and the access log's `error_reason`. */
async function outcome(authorization: string | string[] | undefined, path?: string): Promise<[number, string]> {
  const lines: string[] = [];
  node.report();
  const { status } = await ask(authorization, path);
  await until(() => {
    lines.push(...(node.report()?.logs ?? []).flatMap((log) => log.lines));
    return lines.length > 0;
  }, 5_000);
  const quoted = [...(lines[0] as string).matchAll(/"([^"]*)"/g)].map(([, text]) => text);
  expect(quoted[5]).toBe(status === 200 ? 'jwt-validation,forward' : 'jwt-validation');
  return [status, String(quoted[7])];
}

const bearer = async (claims: Record<string, unknown>, header = {}): Promise<string> =>
  `Bearer ${await idp.signed(claims, header)}`;

describe('a request passes', () => {
  test('with a token of the issuer, which goes on as it is', async () => {
    const authorization = await bearer(good());
    const page = await ask(authorization);
    expect(page.status).toBe(200);
    expect((JSON.parse(page.body) as Seen).headers.authorization).toBe(authorization);
    expect(await outcome(authorization.replace('Bearer', 'bearer'))).toEqual([200, '-']);
    expect(await outcome(authorization, '/claims')).toEqual([200, '-']);
    // The keys were fetched once.
    expect(idp.asked).toEqual(['/jwks']);
  });

  test('and CloudWatch hears of it, as of one that does not', async () => {
    await ask(await bearer(good()));
    await ask(undefined);
    await ask('Bearer a.b.c');
    const values: Record<string, number> = {};
    await until(() => {
      for (const metric of node.report()?.metrics ?? []) {
        for (const [name, { sum }] of Object.entries(metric.values)) values[name] = (values[name] ?? 0) + sum;
      }
      return (values.RequestCount ?? 0) >= 3;
    }, 5_000);
    expect(values).toMatchObject({ JWTValidationSuccessCount: 1, JWTValidationFailureCount: 2 });
  });

  test('with no more claims than are needed', async () => {
    expect(await outcome(await bearer({ iss: issuer, exp: second(1.5) }))).toEqual([200, '-']);
    expect(await outcome(await bearer({ iss: issuer, exp: second(5), iat: second(30), nbf: second(30) }))).toEqual([
      200,
      '-',
    ]);
  });

  test('with a token that names no key, where there is one that it can be', async () => {
    expect(await outcome(await bearer(good(), { kid: undefined }))).toEqual([200, '-']);
  });
});

describe('a request is answered 401', () => {
  test.each([
    [undefined, 'JWTHeaderNotPresent'],
    ['', 'JWTRequestFormatInvalid'],
    ['Basic YTpi', 'JWTRequestFormatInvalid'],
    ['Bearer', 'JWTRequestFormatInvalid'],
    ['Bearer a.b', 'JWTRequestFormatInvalid'],
    ['Bearer a.b.c', 'JWTRequestFormatInvalid'],
    ['Bearer a.b.c.d.e', 'JWTRequestFormatInvalid'],
    [`Bearer ${'a'.repeat(9_000)}.b.c`, 'JWTRequestFormatInvalid'],
  ])('with %.30s', async (authorization, reason) => {
    expect(await outcome(authorization)).toEqual([401, reason]);
    expect(idp.asked).toEqual([]);
  });

  test('with two tokens, of which the target might read the other', async () => {
    const authorization = await bearer(good());
    expect(await outcome([authorization, 'Bearer a.b.c'])).toEqual([401, 'JWTRequestFormatInvalid']);
    expect(await outcome([authorization, authorization])).toEqual([401, 'JWTRequestFormatInvalid']);
  });

  test.each([
    ['that has expired', { exp: second(-1) }, 'JWTClaimValueInvalid'],
    ['without an end', { exp: undefined }, 'JWTClaimNotPresent'],
    ['whose end is text', { exp: '99999999999' }, 'JWTClaimFormatInvalid'],
    ['of another issuer', { iss: 'https://issuer.example' }, 'JWTClaimValueInvalid'],
    ['of nobody', { iss: undefined }, 'JWTClaimNotPresent'],
    ['of several issuers', { iss: [issuer] }, 'JWTClaimValueInvalid'],
    ['for later', { nbf: second(300) }, 'JWTClaimValueInvalid'],
    ['from the future', { iat: second(300) }, 'JWTClaimValueInvalid'],
    ['with a time that is none', { iat: 'now' }, 'JWTClaimFormatInvalid'],
    ['of another tier', { tier: 'silver' }, 'JWTClaimValueInvalid'],
    ['of no tier', { tier: undefined }, 'JWTClaimNotPresent'],
    ['of several tiers', { tier: ['gold'] }, 'JWTClaimFormatInvalid'],
    ['for another audience', { aud: ['shop'] }, 'JWTClaimValueInvalid'],
    ['for one audience, not a list', { aud: 'shop' }, 'JWTClaimFormatInvalid'],
    ['for an audience of lists', { aud: [['shop', 'bar']] }, 'JWTClaimFormatInvalid'],
    ['with a smaller scope', { scope: 'read' }, 'JWTClaimValueInvalid'],
    ['with a scope that only looks like it', { scope: 'read rewrite' }, 'JWTClaimValueInvalid'],
    ['with scopes as a list', { scope: ['write'] }, 'JWTClaimFormatInvalid'],
  ])('for a token %s', async (_what, claims, reason) => {
    expect(await outcome(await bearer({ ...good(), ...claims }), '/claims')).toEqual([401, reason]);
  });

  test('for a claim that a token has only by inheritance', async () => {
    const { tier, ...rest } = good();
    const text = JSON.stringify(rest).replace('{', '{"__proto__":{"tier":"gold"},');
    const token = await new CompactSign(Buffer.from(text))
      .setProtectedHeader({ alg: 'RS256', kid: 'one' })
      .sign(idp.keyPair.privateKey);
    expect(await outcome(`Bearer ${token}`)).toEqual([200, '-']);
    expect(await outcome(`Bearer ${token}`, '/claims')).toEqual([401, 'JWTClaimNotPresent']);
  });

  describe('for a forged token:', () => {
    const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
    const refused = [401, 'JWTSignatureValidationError'];

    test('none needs no key', async () => {
      for (const alg of ['none', 'None', 'nOnE']) {
        const token = `${encoded({ alg, kid: 'one' })}.${encoded(good())}`;
        expect(await outcome(`Bearer ${token}.AA`)).toEqual(refused);
        expect(await outcome(`Bearer ${token}.`)).toEqual([401, 'JWTRequestFormatInvalid']);
      }
    });

    test('HS256 with the public key for a secret', async () => {
      const jwk = JSON.stringify((await idp.keySet()).keys[0]);
      const der = idp.keyPair.publicKey.export({ format: 'der', type: 'spki' });
      for (const secret of [idp.publicPem, idp.publicPem.trim(), jwk, der]) {
        const input = `${encoded({ alg: 'HS256', kid: 'one' })}.${encoded(good())}`;
        const signature = createHmac('sha256', secret).update(input).digest('base64url');
        expect(await outcome(`Bearer ${input}.${signature}`)).toEqual(refused);
      }
    });

    test('other algorithms than RS256, though the key could do them', async () => {
      idp.instead['/jwks'] = async (_incoming, outgoing) => {
        const keys = (await idp.keySet()).keys.map((key) => ({ ...key, alg: undefined }));
        outgoing.end(JSON.stringify({ keys }));
      };
      for (const alg of ['RS384', 'RS512', 'PS256']) {
        const token = await new SignJWT(good()).setProtectedHeader({ alg, kid: 'one' }).sign(idp.keyPair.privateKey);
        expect(await outcome(`Bearer ${token}`)).toEqual(refused);
      }
      expect(await outcome(await bearer(good()))).toEqual([200, '-']);
    });

    test('somebody else’s key, whatever the token says of where it lies', async () => {
      const jwk = await exportJWK(other.keyPair.publicKey);
      for (const header of [{}, { jku: `${other.origin}/jwks` }, { jwk }, { x5u: `${other.origin}/jwks` }]) {
        expect(await outcome(`Bearer ${await other.signed(good(), header)}`)).toEqual(refused);
      }
      expect(other.asked).toEqual([]);
    });

    test('a key’s name that leads elsewhere', async () => {
      for (const kid of ['two', '', '../one', "one' OR '1'='1", '/dev/null', '__proto__', 'constructor']) {
        expect(await outcome(await bearer(good(), { kid }))).toEqual(refused);
      }
      expect(await outcome(await bearer(good(), { kid: 1 }))).toEqual([401, 'JWTRequestFormatInvalid']);
      // However many names there are, the issuer is asked once more at the most.
      expect(idp.asked.length).toBeLessThanOrEqual(2);
    });

    test('changed claims, changed header, cut or lengthened signature', async () => {
      const [header = '', claims = '', signature = ''] = (await idp.signed(good())).split('.');
      for (const token of [
        `${header}.${encoded({ ...good(), tier: 'platinum' })}.${signature}`,
        `${encoded({ alg: 'RS256', kid: 'one', typ: 'x' })}.${claims}.${signature}`,
        `${header}.${claims}.${signature.slice(0, -4)}`,
        `${header}.${claims}.${signature}AAAA`,
        `${header}.${claims}.${signature[0] === 'A' ? 'B' : 'A'}${signature.slice(1)}`,
      ]) {
        expect(await outcome(`Bearer ${token}`)).toEqual(refused);
      }
    });

    test('extensions that must be understood', async () => {
      const token = `${encoded({ alg: 'RS256', kid: 'one', crit: ['exp'], exp: 1 })}.${encoded(good())}.AAAA`;
      expect(await outcome(`Bearer ${token}`)).toEqual(refused);
    });
  });
});

describe('keys', () => {
  const answering = (status: number, body: string) => (_incoming: unknown, outgoing: never) => {
    (outgoing as { writeHead(status: number): { end(body: string): void } }).writeHead(status).end(body);
  };

  test.each([
    ['of 10 MB', 200, JSON.stringify({ keys: [], more: 'x'.repeat(10_000_000) }), 'JWKSResponseSizeExceeded'],
    ['of more than 150 KB', 200, JSON.stringify({ keys: [], more: 'x'.repeat(154_000) }), 'JWKSResponseSizeExceeded'],
    ['more than ten', 200, JSON.stringify({ keys: Array(11).fill({ kty: 'RSA' }) }), 'JWKSResponseSizeExceeded'],
    ['that are none', 200, '{"keys":"one"}', 'JWKSResponseInvalid'],
    ['of no kind', 200, '{"keys":[{}]}', 'JWKSResponseInvalid'],
    ['in no JSON', 200, '<html>', 'JWKSResponseInvalid'],
    ['that are not there', 404, '{"keys":[]}', 'JWKSRequestFailed'],
    ['that are elsewhere', 302, '', 'JWKSRequestFailed'],
  ])('%s let nobody pass', async (_what, status, body, reason) => {
    idp.instead['/jwks'] = answering(status, body) as never;
    const authorization = await bearer(good());
    expect(await outcome(authorization)).toEqual([500, reason]);
    // Nor is the issuer asked for each request.
    expect(await outcome(authorization)).toEqual([500, reason]);
    expect(idp.count('/jwks')).toBe(1);
    idp.reset();
    later = 30_000;
    expect(await outcome(authorization)).toEqual([200, '-']);
  });

  test('that do not come are waited for no longer than 5 seconds, and once for all', async () => {
    idp.instead['/jwks'] = () => undefined;
    const authorization = await bearer(good());
    const from = performance.now();
    const pages = await Promise.all([1, 2, 3].map(() => ask(authorization)));
    expect(pages.map(({ status }) => status)).toEqual([500, 500, 500]);
    expect(performance.now() - from).toBeLessThan(7_000);
    expect(idp.count('/jwks')).toBe(1);
  });

  test('that come when the client has gone let its request not go on without its body', async () => {
    let answer: (() => void) | undefined;
    const keySet = JSON.stringify(await idp.keySet());
    idp.instead['/jwks'] = (_incoming, outgoing) => {
      answer = () => outgoing.end(keySet);
    };
    const authorization = await bearer(good());
    const methods: (string | undefined)[] = [];
    const listen = ({ method }: IncomingMessage): void => void methods.push(method);
    web.server.on('request', listen);
    const session = connectHttp2(`https://127.0.0.1:${port}`, { ca: root, servername: 'shop.example' });
    const headers = { ':authority': `shop.example:${port}`, ':path': '/', ':method': 'POST', authorization };
    const stream = session.request(headers);
    stream.on('error', () => undefined);
    stream.end('an order');
    await until(() => answer !== undefined);
    stream.close(constants.NGHTTP2_CANCEL);
    await until(() => stream.closed);
    await pause(100);
    answer?.();
    expect((await ask(authorization)).status).toBe(200);
    await pause(100);
    web.server.off('request', listen);
    session.destroy();
    expect(methods).toEqual(['GET']);
  });

  test('that are new are found, and those that were taken back are good for nothing after 5 minutes', async () => {
    const old = await bearer({ ...good(), exp: second(3600) });
    expect(await outcome(old)).toEqual([200, '-']);
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const jwk = { ...(await exportJWK(publicKey)), kid: 'two' };
    idp.instead['/jwks'] = answering(200, JSON.stringify({ keys: [jwk] })) as never;
    const token = await new SignJWT({ ...good(), exp: second(3600) })
      .setProtectedHeader({ alg: 'RS256', kid: 'two' })
      .sign(privateKey);
    later = 31_000;
    expect(await outcome(`Bearer ${token}`)).toEqual([200, '-']);
    expect(await outcome(old)).toEqual([401, 'JWTSignatureValidationError']);
    idp.reset();
    later = 31_000 + 301_000;
    expect(await outcome(`Bearer ${token}`)).toEqual([401, 'JWTSignatureValidationError']);
  });

  test('last half an hour where their issuer is gone', async () => {
    const authorization = await bearer({ ...good(), exp: second(3600) });
    expect(await outcome(authorization)).toEqual([200, '-']);
    idp.instead['/jwks'] = answering(503, '') as never;
    later = 29 * 60_000;
    expect(await outcome(authorization)).toEqual([200, '-']);
    later = 31 * 60_000;
    expect(await outcome(authorization)).toEqual([500, 'JWKSRequestFailed']);
  });

  test('of 1024 bits are none', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'short' };
    idp.instead['/jwks'] = answering(200, JSON.stringify({ keys: [jwk] })) as never;
    const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
    const input = `${encoded({ alg: 'RS256', kid: 'short' })}.${encoded(good())}`;
    const signature = sign('sha256', Buffer.from(input), privateKey).toString('base64url');
    expect(await outcome(`Bearer ${input}.${signature}`)).toEqual([401, 'JWTSignatureValidationError']);
  });
});
