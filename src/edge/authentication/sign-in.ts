/**
 * The action `authenticate-oidc` of one rule: who the user is, by the session that the client brings; and the ways to get
 * one: to the identity provider and back, and by its refresh token.
 * @see Elastic Load Balancing User Guide, "Authenticate users using an Application Load Balancer"
 */
import { createHash, randomBytes } from 'node:crypto';
import type { AuthenticateOidcActionConfig } from '@aws-sdk/client-elastic-load-balancing-v2';
import { AuthenticationFailure, type AuthenticationReason } from './failure.ts';
import type { Fetch } from './fetching.ts';
import { subjectOf } from './id-token.ts';
import type { AuthenticationKeys } from './keys.ts';
import { type Claims, Provider, type Tokens } from './provider.ts';
import type { Renewals } from './renewals.ts';
import { nonceCookie, openSession, type Session, sealSession, sessionCookies } from './session.ts';
import { hostAsSeen, type State, sealState, signInMs } from './state.ts';

export interface SignInParts {
  readonly config: AuthenticateOidcActionConfig;
  readonly listenerArn: string;
  /** ARN of the load balancer. */
  readonly signer: string;
  readonly keys: AuthenticationKeys;
  readonly fetch: Fetch;
  readonly renewals: Renewals;
  readonly now: () => number;
}

/** A user who is signed in. */
export interface User {
  readonly session: Session;
  /** Values of `Set-Cookie`, where the session was renewed. */
  readonly cookies: readonly string[];
  readonly isRenewed: boolean;
}

/** Nobody that we know. */
export interface Stranger {
  readonly reason: AuthenticationReason | '';
}

/** "… greater than 11K in size", in bytes. */
const mostClaimBytes = 11 * 1024;
/** Targets take what they are told of a user for so long. */
const toldForSeconds = 120;

export class SignIn {
  readonly config: AuthenticateOidcActionConfig;
  /** Sessions and states of others are not taken: of another listener, provider, client, scope, cookie or timeout. */
  readonly mark: string;
  readonly #parts: SignInParts;
  readonly #provider: Provider;
  readonly #purpose: string;

  constructor(parts: SignInParts) {
    const { config, listenerArn, fetch } = parts;
    this.config = config;
    this.#parts = parts;
    this.#provider = new Provider(config, fetch);
    const { ClientSecret, AuthenticationRequestExtraParams, OnUnauthenticatedRequest, ...place } = config;
    this.mark = createHash('sha256')
      .update(JSON.stringify([listenerArn, ...Object.entries(place).sort()]))
      .digest('base64url');
    this.#purpose = `session ${this.mark}`;
  }

  /** @param cookies the header of the request */
  async recognize(cookies: string): Promise<User | Stranger> {
    const { keys, now, renewals } = this.#parts;
    const session = openSession(keys, this.#purpose, { cookies, name: this.#cookieName, now: now() });
    if (session === undefined) return { reason: '' };
    if (session === 'invalid') return { reason: 'AuthInvalidCookie' };
    const { accessUntil, refreshToken } = session;
    if (accessUntil === undefined || accessUntil > now() || refreshToken === undefined) {
      return { session, cookies: [], isRenewed: false };
    }
    try {
      const renewed = await renewals.once(`${this.mark} ${refreshToken}`, () => this.#renewed(session, refreshToken));
      return { session: renewed, cookies: this.#cookiesOf(renewed, cookies), isRenewed: true };
    } catch (error) {
      // "The load balancer has the user log in again … if the refresh flow fails."
      if (error instanceof AuthenticationFailure) return { reason: error.reason };
      throw error;
    }
  }

  /** Where the user signs in. @param given the host of the request, and @param target its path and query, to come back to */
  challenge(given: string, target: string): { readonly location: string; readonly cookie: string } {
    const host = hostAsSeen(given);
    const { keys, listenerArn, now } = this.#parts;
    const { ClientId, Scope, AuthorizationEndpoint, AuthenticationRequestExtraParams = {} } = this.config;
    const nonce = randomBytes(18).toString('base64url');
    const from = now();
    const state = sealState(keys, listenerArn, { mark: this.mark, nonce, host, target, from });
    const url = new URL(String(AuthorizationEndpoint));
    for (const [name, value] of Object.entries(AuthenticationRequestExtraParams)) url.searchParams.set(name, value);
    url.searchParams.set('client_id', String(ClientId));
    url.searchParams.set('redirect_uri', redirectUri(host));
    url.searchParams.set('response_type', 'code');
    url.searchParams.set('scope', String(Scope));
    url.searchParams.set('state', state);
    url.searchParams.set('nonce', idTokenNonce(nonce));
    return { location: url.href, cookie: nonceCookie(nonce, from + signInMs) };
  }

  /**
   * The user is back with a code, in the browser that was sent away.
   * @returns values of `Set-Cookie` @throws AuthenticationFailure
   */
  async finish(
    state: State,
    { code, cookies }: { readonly code: string; readonly cookies: string },
  ): Promise<string[]> {
    const { Issuer, ClientId, ClientSecret, SessionTimeout } = this.config;
    const tokens = await this.#provider.tokensFor(code, redirectUri(state.host));
    // "The requested scope doesn't return an ID token."
    if (tokens.idToken === undefined) throw new AuthenticationFailure('AuthInvalidIdToken');
    const now = this.#parts.now();
    const subject = await subjectOf(tokens.idToken, {
      issuer: String(Issuer),
      clientId: String(ClientId),
      clientSecret: String(ClientSecret),
      nonce: idTokenNonce(state.nonce),
      now,
    });
    const until = now + Number(SessionTimeout) * 1000;
    return this.#cookiesOf(await this.#sessionOf(tokens, subject, until), cookies);
  }

  /** What the target is told: names and values. */
  headersFor({ subject, claims, accessToken }: Session): [name: string, value: string][] {
    const { keys, signer, now } = this.#parts;
    const { Issuer: iss, ClientId: client } = this.config;
    const exp = Math.floor(now() / 1000) + toldForSeconds;
    return [
      ['x-amzn-oidc-accesstoken', accessToken],
      ['x-amzn-oidc-identity', subject],
      ['x-amzn-oidc-data', keys.token({ iss, client, signer, exp }, { ...claims, exp, iss })],
    ];
  }

  get #cookieName(): string {
    return String(this.config.SessionCookieName);
  }

  async #renewed({ subject, until }: Session, refreshToken: string): Promise<Session> {
    const tokens = await this.#provider.refreshed(refreshToken);
    // RFC 6749, section 6: where there is no new refresh token, the old one stays good.
    return this.#sessionOf({ refreshToken, ...tokens }, subject, until);
  }

  async #sessionOf(tokens: Tokens, subject: string, until: number): Promise<Session> {
    const { accessToken, refreshToken, expiresInSeconds } = tokens;
    const claims = await this.#provider.claims(accessToken);
    requireOwn(claims, subject);
    if (Buffer.byteLength(JSON.stringify(claims)) + accessToken.length > mostClaimBytes) {
      throw new AuthenticationFailure('AuthUserinfoResponseSizeExceeded');
    }
    return {
      claims,
      subject,
      accessToken,
      until,
      ...(refreshToken !== undefined && { refreshToken }),
      ...(expiresInSeconds !== undefined && { accessUntil: this.#parts.now() + expiresInSeconds * 1000 }),
    };
  }

  #cookiesOf(session: Session, before: string): string[] {
    const shards = sealSession(this.#parts.keys, this.#purpose, session);
    if (!shards) throw new AuthenticationFailure('AuthUserinfoResponseSizeExceeded');
    return sessionCookies(this.#cookieName, shards, session.until, before);
  }
}

/** OpenID Connect Core 1.0, section 5.3.2: claims of somebody else are not used. The subject goes into a header. */
function requireOwn(claims: Claims, subject: string): void {
  if (claims.sub !== subject || !/^[!-~](?:[ -~]*[!-~])?$/.test(subject)) {
    throw new AuthenticationFailure('AuthInvalidUserinfoResponse');
  }
}

const redirectUri = (host: string): string => `https://${host}${answerPath}`;

/** Where identity providers send users back to. */
export const answerPath = '/oauth2/idpresponse';

/** What the provider sees of the nonce is not what the cookie holds. */
const idTokenNonce = (nonce: string): string => createHash('sha256').update(nonce).digest('base64url');
