/** The token that a request carries, and what it is worth here. */
import type { NamedValue, RequestView, TokenStatus } from '../view.ts';
import type { Sealer } from './sealer.ts';
import { clientOf, domainOf, openToken, tokenCookie, tokenDomainOf, tokenHeader } from './token.ts';

/** Cookies in the order of their arrival, as sent; without a `=`, a name alone. */
export function readCookies(headers: RequestView['request']['headers']): NamedValue[] {
  const found: NamedValue[] = [];
  for (const [name, value] of headers) {
    if (name.length !== 6 || name.toLowerCase() !== 'cookie') continue;
    for (const part of value.split(';')) {
      const cookie = part.trim();
      if (cookie === '') continue;
      const equals = cookie.indexOf('=');
      found.push(
        equals < 0
          ? { name: cookie, value: '' }
          : { name: cookie.slice(0, equals).trimEnd(), value: cookie.slice(equals + 1).trimStart() },
      );
    }
  }
  return found;
}

export function tokenStatus(
  view: Pick<RequestView, 'request' | 'cookies' | 'header' | 'now'>,
  sealer: Sealer | undefined,
  tokenDomains: readonly string[],
): TokenStatus {
  const carried = view.header(tokenHeader) ?? view.cookies.find(({ name }) => name === tokenCookie)?.value;
  if (carried === undefined) return { isValid: false, failure: 'TOKEN_MISSING' };
  const token = sealer && openToken(sealer, carried);
  if (!token) return { isValid: false, failure: 'TOKEN_INVALID' };
  const { request } = view;
  if (token.client !== clientOf(request.source.ip, view.header('user-agent') ?? '')) {
    return { isValid: false, failure: 'TOKEN_INVALID', id: token.id };
  }
  const domain = domainOf(request.host);
  const isShared =
    tokenDomainOf(domain, tokenDomains) !== undefined && tokenDomainOf(token.domain, tokenDomains) !== undefined;
  if (token.domain !== domain && !isShared) return { isValid: false, failure: 'TOKEN_DOMAIN_MISMATCH', id: token.id };
  if (token.expires <= view.now) return { isValid: false, failure: 'TOKEN_EXPIRED', id: token.id };
  return {
    isValid: true,
    id: token.id,
    ...(token.challenge === undefined ? {} : { challengeSolved: token.challenge }),
    ...(token.captcha === undefined ? {} : { captchaSolved: token.captcha }),
  };
}
