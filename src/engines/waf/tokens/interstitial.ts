/**
 * What clients get who must solve a puzzle first, and what becomes of their answers. Browsers that ask for a page get one;
 * everyone else gets the status and the header `x-amzn-waf-action` alone, and nothing that could go round in circles.
 */
import type { HttpRequest } from '../request.ts';
import { captchaPage } from './pages/captcha-page.ts';
import { challengePage } from './pages/challenge-page.ts';
import { type Answer, createPuzzle, type PuzzleKind, type Random, type SpentPuzzles, solvedKind } from './puzzle.ts';
import { readCookies, tokenStatus } from './request-token.ts';
import type { Sealer } from './sealer.ts';
import { clientOf, domainOf, sealToken, tokenCookie, tokenDomainOf, tokenLifetimeMs } from './token.ts';

/** Answers are sent there, whatever the web ACL says of that path: hand requests for it to `acceptAnswer`. */
export const answerPath = '/.well-known/waf/answer';

export interface TokenContext {
  readonly sealer: Sealer;
  readonly tokenDomains: readonly string[];
  readonly random: Random;
  readonly spent: SpentPuzzles;
  /** Zero bits that the proof of work must have: 16 for a challenge and 12 beside a CAPTCHA where nothing is said. */
  readonly workBits?: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export interface PuzzleResponse {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

const statuses: Readonly<Record<PuzzleKind, number>> = { challenge: 202, captcha: 405 };

export function interstitial(kind: PuzzleKind, request: HttpRequest, context: TokenContext): PuzzleResponse {
  const status = statuses[kind];
  const bare = [
    ['x-amzn-waf-action', kind],
    ['access-control-expose-headers', 'x-amzn-waf-action'],
    ['cache-control', 'no-store'],
  ] as const;
  if (request.method !== 'GET' || !acceptsPages(request)) return { status, headers: bare, body: '' };
  const puzzle = createPuzzle(kind, whomOf(request), context);
  const nonce = Array.from(context.random(16), (byte) => byte.toString(16).padStart(2, '0')).join('');
  const policy =
    `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'; ` +
    "connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'";
  return {
    status,
    headers: [...bare, ['content-type', 'text/html; charset=utf-8'], ['content-security-policy', policy]],
    body: (kind === 'captcha' ? captchaPage : challengePage)(puzzle, answerPath, nonce),
  };
}

/** 200 with the token as a cookie, or 403. `request.body` is all of it: an answer has less than 4 KB. */
export function acceptAnswer(request: HttpRequest, context: TokenContext): PuzzleResponse {
  const whom = whomOf(request);
  const answer = request.method === 'POST' ? readAnswer(request.body) : undefined;
  const kind = answer && solvedKind(answer, whom, context);
  if (!kind) return { status: 403, headers: [['cache-control', 'no-store']], body: '' };
  const cookies = readCookies(request.headers);
  // The cookie, and not the header of mobile clients: this one is a browser.
  const before = tokenStatus(
    { request, cookies, now: context.now, header: browserOnly(request) },
    context.sealer,
    context.tokenDomains,
  );
  const token = sealToken(context.sealer, {
    version: 1,
    id: Array.from(context.random(16), (byte) => byte.toString(16).padStart(2, '0')).join(''),
    ...whom,
    expires: context.now + tokenLifetimeMs,
    ...(before.isValid && before.challengeSolved !== undefined ? { challenge: before.challengeSolved } : {}),
    ...(before.isValid && before.captchaSolved !== undefined ? { captcha: before.captchaSolved } : {}),
    [kind]: context.now,
  });
  const domain = tokenDomainOf(whom.domain, context.tokenDomains);
  const cookie = [
    `${tokenCookie}=${token}`,
    'Path=/',
    `Max-Age=${tokenLifetimeMs / 1_000}`,
    'HttpOnly',
    'SameSite=Lax',
    ...(request.isSecure ? ['Secure'] : []),
    ...(domain === undefined ? [] : [`Domain=${domain}`]),
  ].join('; ');
  return {
    status: 200,
    headers: [
      ['cache-control', 'no-store'],
      ['set-cookie', cookie],
    ],
    body: '',
  };
}

function browserOnly(request: HttpRequest) {
  return (name: string): string | undefined => (name === 'user-agent' ? userAgentOf(request) : undefined);
}

const whomOf = (request: HttpRequest) => ({
  domain: domainOf(request.host),
  client: clientOf(request.source.ip, userAgentOf(request)),
});

function userAgentOf(request: HttpRequest): string {
  const values = request.headers.filter(([name]) => name.toLowerCase() === 'user-agent').map(([, value]) => value);
  return values.join(',');
}

function acceptsPages(request: HttpRequest): boolean {
  return request.headers.some(
    ([name, value]) => name.toLowerCase() === 'accept' && value.toLowerCase().includes('text/html'),
  );
}

const longestAnswer = 4_096;

function readAnswer(body: Uint8Array): Answer | undefined {
  if (body.length > longestAnswer) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(body));
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { puzzle, counter, letters } = value as Record<string, unknown>;
  if (typeof puzzle !== 'string' || typeof counter !== 'number') return undefined;
  return typeof letters === 'string' ? { puzzle, counter, letters } : { puzzle, counter };
}
