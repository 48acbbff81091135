/** A user's session: all of it lies with the client, sealed, in as many cookies as it needs. */
import { cookieOf } from '../targets/cookies.ts';
import type { AuthenticationKeys } from './keys.ts';

export interface Session {
  /** What the user info endpoint said. */
  readonly claims: Readonly<Record<string, unknown>>;
  readonly subject: string;
  readonly accessToken: string;
  /** Epoch milliseconds; undefined where the identity provider did not say. */
  readonly accessUntil?: number;
  readonly refreshToken?: string;
  /** Epoch milliseconds: the user signs in again then. */
  readonly until: number;
}

/** Characters of one cookie's value: with name and attributes it stays below the 4 KB that browsers take. */
const shardCharacters = 3_800;
/** Claims and access token have 11 KB at most; the rest is for a refresh token. */
const mostShards = 5;

/** @returns undefined for a session that is too large for cookies */
export function sealSession(keys: AuthenticationKeys, purpose: string, session: Session): string[] | undefined {
  const sealed = keys.seal(purpose, JSON.stringify(session));
  if (sealed.length > shardCharacters * mostShards) return undefined;
  return sealed.match(new RegExp(`.{1,${shardCharacters}}`, 'g')) ?? [];
}

/** @returns undefined where there is no cookie, `invalid` for what was not sealed for this purpose, or is over */
export function openSession(
  keys: AuthenticationKeys,
  purpose: string,
  { cookies, name, now }: { readonly cookies: string; readonly name: string; readonly now: number },
): Session | 'invalid' | undefined {
  const shards: string[] = [];
  while (shards.length < mostShards) {
    const shard = cookieOf(cookies, `${name}-${shards.length}`);
    // Applications sign users out by emptying the cookie.
    if (shard === undefined || shard === '') break;
    shards.push(shard);
  }
  if (shards.length === 0) return undefined;
  if (shards.some((shard) => shard.length > shardCharacters)) return 'invalid';
  const text = keys.open(purpose, shards.join(''));
  if (text === undefined) return 'invalid';
  const session = JSON.parse(text) as Session;
  return session.until > now ? session : undefined;
}

const gone = 'Thu, 01 Jan 1970 00:00:00 GMT';

/** Values of `Set-Cookie`: the session's shards, and the end of those that an earlier one had beyond them. */
export function sessionCookies(name: string, shards: readonly string[], until: number, before: string): string[] {
  const cookies = shards.map((shard, index) => cookie(`${name}-${index}`, shard, new Date(until).toUTCString()));
  for (let index = shards.length; index < mostShards; index++) {
    if (cookieOf(before, `${name}-${index}`) !== undefined) cookies.push(cookie(`${name}-${index}`, '', gone));
  }
  return cookies;
}

/** Ends with the browser, at the latest when `until` comes. */
export function nonceCookie(nonce: string, until: number): string {
  return cookie(nonceCookieName, nonce, nonce === '' ? gone : new Date(until).toUTCString());
}

export const nonceCookieName = 'AWSALBAuthNonce';

/** Scripts do not read it, pages of other sites do not send it but by a link, and it never goes in the clear. */
function cookie(name: string, value: string, expires: string): string {
  return `${name}=${value}; Expires=${expires}; Path=/; Secure; HttpOnly; SameSite=Lax`;
}
