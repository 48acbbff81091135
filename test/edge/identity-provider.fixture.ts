/** An OpenID provider of the test's own, by HTTPS: codes, tokens, claims and keys, and whatever else a test has it say. */
import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { AuthenticateOidcActionConfig } from '@aws-sdk/client-elastic-load-balancing-v2';
import { exportJWK, SignJWT } from 'jose';
import { type Issuer, makeIntermediate, makeLeaf, makeRoot, validFor } from '../../src/certificates/authority.ts';
import type { Signer } from '../../src/certificates/signer.ts';

export const clientId = 'coffee shop';
export const clientSecret = 'a secret: with + and %';

export interface Certified {
  readonly cert: string;
  readonly key: string;
}

/** A small authority: the root, and a certificate for names. */
export async function authority(): Promise<{ root: string; leaf: (...names: string[]) => Promise<Certified> }> {
  const signer = (): Signer => {
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    return {
      curve: 'P-256',
      publicKey: pair.publicKey.export({ format: 'der', type: 'spki' }),
      sign: async (message) => sign('sha256', message, pair.privateKey),
    };
  };
  const validity = { from: Date.now() - 86_400_000, to: Date.now() + 20 * 86_400_000 };
  const rootSigner = signer();
  const root = await makeRoot(rootSigner, 'Root', validity);
  const own = signer();
  const certificate = await makeIntermediate({ signer: rootSigner, certificate: root }, own.publicKey, 'Own', validity);
  const issuer: Issuer = { signer: own, certificate };
  return {
    root,
    async leaf(...names) {
      const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const publicKey = pair.publicKey.export({ format: 'der', type: 'spki' });
      const cert = await makeLeaf(issuer, publicKey, 'server', names, validFor(Date.now(), 7));
      return { cert: `${cert}\n${certificate}`, key: String(pair.privateKey.export({ format: 'pem', type: 'pkcs8' })) };
    },
  };
}

interface Grant {
  readonly redirectUri: string;
  readonly nonce: string | null;
}

type Answering = (incoming: IncomingMessage, outgoing: ServerResponse) => void;

export class IdentityProvider {
  readonly keyPair = generateKeyPairSync('rsa', { modulusLength: 2048 });
  readonly #server: Server;
  readonly #codes = new Map<string, Grant>();
  readonly #accessTokens = new Set<string>();
  readonly #refreshTokens = new Set<string>();
  /** Paths that were asked for, in order. */
  readonly asked: string[] = [];
  /** TCP connections that were made to it. */
  connections = 0;
  /** Of the last request to the authorization endpoint. */
  query = new URLSearchParams();
  claims: Record<string, unknown> = {};
  idTokenClaims: Record<string, unknown> = {};
  accessToken: (() => string) | undefined;
  expiresInSeconds: number | undefined = 3600;
  givesRefreshTokens = false;
  /** Makes the ID token otherwise. */
  idToken: ((claims: Record<string, unknown>) => Promise<string> | string) | undefined;
  /** Answers in place of the provider, by path. */
  instead: Record<string, Answering> = {};
  /** What the authorization endpoint sends users back with, in place of a code. */
  error: string | undefined;

  constructor({ cert, key }: Certified) {
    this.#server = createServer({ cert, key }, (incoming, outgoing) => void this.#serve(incoming, outgoing));
    this.#server.on('connection', () => {
      this.connections += 1;
    });
    this.reset();
  }

  async open(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  /** A provider that does as it should. */
  reset(): void {
    this.asked.length = 0;
    this.connections = 0;
    this.claims = { sub: 'user-1', email: 'ann@shop.example', name: 'Ann Ö' };
    this.idTokenClaims = {};
    this.accessToken = undefined;
    this.expiresInSeconds = 3600;
    this.givesRefreshTokens = false;
    this.idToken = undefined;
    this.instead = {};
    this.error = undefined;
  }

  get origin(): string {
    return `https://localhost:${(this.#server.address() as AddressInfo).port}`;
  }

  get config(): AuthenticateOidcActionConfig {
    return {
      Issuer: this.origin,
      AuthorizationEndpoint: `${this.origin}/authorize?tenant=a`,
      TokenEndpoint: `${this.origin}/token`,
      UserInfoEndpoint: `${this.origin}/userinfo`,
      ClientId: clientId,
      ClientSecret: clientSecret,
      SessionCookieName: 'AWSELBAuthSessionCookie',
      Scope: 'openid email',
      SessionTimeout: 3600,
      OnUnauthenticatedRequest: 'authenticate',
    };
  }

  get publicPem(): string {
    return String(this.keyPair.publicKey.export({ format: 'pem', type: 'spki' }));
  }

  async keySet(): Promise<{ keys: object[] }> {
    const jwk = await exportJWK(this.keyPair.publicKey);
    return { keys: [{ ...jwk, kid: 'one', use: 'sig', alg: 'RS256' }] };
  }

  count(path: string): number {
    return this.asked.filter((one) => one === path).length;
  }

  signed(claims: Record<string, unknown>, header: Record<string, unknown> = {}): Promise<string> {
    return new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256', kid: 'one', ...header })
      .sign(this.keyPair.privateKey);
  }

  async #serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(incoming.url ?? '/', this.origin);
    this.asked.push(pathname);
    let body = '';
    for await (const chunk of incoming) body += chunk;
    const instead = this.instead[pathname];
    if (instead) return instead(incoming, outgoing);
    const json = (status: number, value: object): void => {
      outgoing.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    };
    switch (pathname) {
      case '/authorize':
        return this.#authorize(searchParams, outgoing);
      case '/token': {
        const refusal = this.#refusal(incoming, new URLSearchParams(body));
        if (refusal !== undefined) return json(refusal === 'invalid_client' ? 401 : 400, { error: refusal });
        return json(200, await this.#tokens(new URLSearchParams(body)));
      }
      case '/userinfo': {
        const token = /^Bearer (.+)$/.exec(incoming.headers.authorization ?? '')?.[1] ?? '';
        return this.#accessTokens.has(token) ? json(200, this.claims) : json(401, { error: 'invalid_token' });
      }
      case '/jwks':
        return json(200, await this.keySet());
      default:
        return json(404, {});
    }
  }

  #authorize(query: URLSearchParams, outgoing: ServerResponse): void {
    this.query = query;
    const back = new URL(query.get('redirect_uri') ?? '');
    const isKnown = query.get('client_id') === clientId && back.pathname === '/oauth2/idpresponse';
    if (!isKnown || query.get('response_type') !== 'code' || query.get('tenant') !== 'a') {
      outgoing.writeHead(400).end('no such client');
      return;
    }
    if (this.error !== undefined) back.searchParams.set('error', this.error);
    else back.searchParams.set('code', this.code({ redirectUri: back.href, nonce: query.get('nonce') }));
    back.searchParams.set('state', query.get('state') ?? '');
    outgoing.writeHead(302, { location: back.href }).end();
  }

  code(grant: Grant): string {
    const code = randomUUID();
    this.#codes.set(code, grant);
    return code;
  }

  #refusal({ headers }: IncomingMessage, form: URLSearchParams): string | undefined {
    const encoded = (text: string): string => encodeURIComponent(text).replaceAll('%20', '+');
    const basic = Buffer.from(`${encoded(clientId)}:${encoded(clientSecret)}`).toString('base64');
    if (headers.authorization !== `Basic ${basic}`) return 'invalid_client';
    if (form.get('grant_type') === 'refresh_token') {
      // Good for one use.
      return this.#refreshTokens.delete(form.get('refresh_token') ?? '') ? undefined : 'invalid_grant';
    }
    return this.#codes.get(form.get('code') ?? '')?.redirectUri === form.get('redirect_uri')
      ? undefined
      : 'invalid_grant';
  }

  async #tokens(form: URLSearchParams): Promise<object> {
    const accessToken = this.accessToken?.() ?? randomUUID();
    this.#accessTokens.add(accessToken);
    const refreshToken = randomUUID();
    if (this.givesRefreshTokens) this.#refreshTokens.add(refreshToken);
    const code = form.get('code');
    const grant = code === null ? undefined : this.#codes.get(code);
    if (code !== null) this.#codes.delete(code);
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      iss: this.origin,
      aud: clientId,
      sub: 'user-1',
      iat: now,
      exp: now + 300,
      ...(grant?.nonce && { nonce: grant.nonce }),
      ...this.idTokenClaims,
    };
    return {
      access_token: accessToken,
      token_type: 'Bearer',
      ...(this.expiresInSeconds !== undefined && { expires_in: this.expiresInSeconds }),
      ...(this.givesRefreshTokens && { refresh_token: refreshToken }),
      ...(grant && { id_token: await (this.idToken ?? ((all) => this.signed(all)))(claims) }),
    };
  }
}

export const digest = (text: string): string => createHash('sha256').update(text).digest('base64url');
