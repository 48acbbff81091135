/** The token that a client gets for a solved puzzle: bound to domain and client, good for four days at most. */
import { sha256 } from '../transformations/sha256.ts';
import { type Sealer, seal, unseal } from './sealer.ts';

export const tokenCookie = 'aws-waf-token';
export const tokenHeader = 'x-aws-waf-token';
export const tokenLifetimeMs = 4 * 24 * 3_600_000;

export interface Token {
  readonly version: 1;
  readonly id: string;
  /** The host under which it was earned, without port. */
  readonly domain: string;
  readonly client: string;
  readonly expires: number;
  /** When each kind of puzzle was solved last, in milliseconds since the epoch. */
  readonly challenge?: number;
  readonly captcha?: number;
}

export const sealToken = (sealer: Sealer, token: Token): string => seal(sealer, token);

export function openToken(sealer: Sealer, sealed: string): Token | undefined {
  const token = unseal(sealer, sealed) as Token | undefined;
  return token?.version === 1 && typeof token.expires === 'number' ? token : undefined;
}

/** What a token is bound to: address and browser, not readable from it. */
export function clientOf(ip: string, userAgent: string): string {
  // Enough to tell browsers apart; a long header must not cost more.
  const digest = sha256(`${ip}\0${userAgent.slice(0, 512)}`);
  let hex = '';
  for (let at = 0; at < 16; at++) hex += digest.charCodeAt(at).toString(16).padStart(2, '0');
  return hex;
}

/** A host without its port, in lower case. */
export function domainOf(host: string): string {
  return host.toLowerCase().replace(/:\d*$/, '');
}

/** The token domain (of the web ACL's list) that a host is or lies under. */
export function tokenDomainOf(domain: string, tokenDomains: readonly string[]): string | undefined {
  return tokenDomains.find((listed) => {
    const lower = listed.toLowerCase();
    return domain === lower || domain.endsWith(`.${lower}`);
  });
}
