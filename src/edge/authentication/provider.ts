/** What an identity provider is asked for behind the user's back: tokens for a code, new tokens, and claims. */
import type { AuthenticateOidcActionConfig } from '@aws-sdk/client-elastic-load-balancing-v2';
import { AuthenticationFailure, type AuthenticationReason } from './failure.ts';
import { type Fetch, type Fetched, FetchFailure, type FetchRequest, jsonObject } from './fetching.ts';

export interface Tokens {
  readonly accessToken: string;
  readonly idToken?: string;
  readonly refreshToken?: string;
  readonly expiresInSeconds?: number;
}

export type Claims = Readonly<Record<string, unknown>>;

/** Of one answer with tokens, in bytes. */
const mostTokenBytes = 64 * 1024;
/** Of claims as they come; written without spaces they may have 11 KB, together with the access token. */
const mostClaimBytes = 22 * 1024;

type Config = Pick<AuthenticateOidcActionConfig, 'TokenEndpoint' | 'UserInfoEndpoint' | 'ClientId' | 'ClientSecret'>;

export class Provider {
  readonly #config: Config;
  readonly #fetch: Fetch;

  constructor(config: Config, fetch: Fetch) {
    this.#config = config;
    this.#fetch = fetch;
  }

  /** @throws AuthenticationFailure */
  tokensFor(code: string, redirectUri: string): Promise<Tokens> {
    return this.#tokens({ grant_type: 'authorization_code', code, redirect_uri: redirectUri });
  }

  /** @throws AuthenticationFailure */
  refreshed(refreshToken: string): Promise<Tokens> {
    return this.#tokens({ grant_type: 'refresh_token', refresh_token: refreshToken });
  }

  /** @throws AuthenticationFailure */
  async claims(accessToken: string): Promise<Claims> {
    const answer = await this.#ask('Userinfo', {
      url: String(this.#config.UserInfoEndpoint),
      method: 'GET',
      headers: { authorization: `Bearer ${accessToken}` },
      mostBytes: mostClaimBytes,
    });
    if (!isGood(answer)) throw new AuthenticationFailure('AuthUserinfoEpRequestFailed', 561);
    const claims = jsonObject(answer.body);
    if (!claims) throw new AuthenticationFailure('AuthInvalidUserinfoResponse');
    return claims;
  }

  async #tokens(grant: Record<string, string>): Promise<Tokens> {
    const { TokenEndpoint, ClientId, ClientSecret } = this.#config;
    // RFC 6749, section 2.3.1: the method that every provider must know.
    const credentials = `${formEncoded(String(ClientId))}:${formEncoded(String(ClientSecret))}`;
    const answer = await this.#ask('Token', {
      url: String(TokenEndpoint),
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: new URLSearchParams(grant).toString(),
      mostBytes: mostTokenBytes,
    });
    const said = jsonObject(answer.body);
    if (!isGood(answer)) {
      const isGrant = said?.error === 'invalid_grant';
      throw new AuthenticationFailure(isGrant ? 'AuthInvalidGrantError' : 'AuthTokenEpRequestFailed', 561);
    }
    return tokensIn(said);
  }

  async #ask(endpoint: 'Token' | 'Userinfo', request: FetchRequest): Promise<Fetched> {
    try {
      return await this.#fetch(request);
    } catch (error) {
      const isLarge = error instanceof FetchFailure && error.kind === 'too-large';
      if (!isLarge) throw new AuthenticationFailure(`Auth${endpoint}EpRequestTimeout`, 500);
      const reason: AuthenticationReason =
        endpoint === 'Token' ? 'AuthInvalidTokenResponse' : 'AuthUserinfoResponseSizeExceeded';
      throw new AuthenticationFailure(reason);
    }
  }
}

const isGood = ({ status }: Fetched): boolean => status >= 200 && status < 300;
const formEncoded = (text: string): string => new URLSearchParams({ '': text }).toString().slice(1);

function tokensIn(said: Claims | undefined): Tokens {
  const { access_token, token_type, id_token, refresh_token, expires_in } = said ?? {};
  const isBearer = typeof token_type === 'string' && token_type.toLowerCase() === 'bearer';
  if (!isToken(access_token) || !isBearer) throw new AuthenticationFailure('AuthInvalidTokenResponse');
  if (id_token !== undefined && !isToken(id_token)) throw new AuthenticationFailure('AuthInvalidIdToken');
  const seconds = Number(expires_in);
  return {
    accessToken: access_token,
    ...(isToken(id_token) && { idToken: id_token }),
    ...(isToken(refresh_token) && { refreshToken: refresh_token }),
    ...(expires_in !== undefined && Number.isFinite(seconds) && seconds >= 0 && { expiresInSeconds: seconds }),
  };
}

/** RFC 6749, appendix A.12, without spaces: it goes into a header of its own. */
function isToken(value: unknown): value is string {
  return typeof value === 'string' && /^[!-~]+$/.test(value);
}
