/** What a distribution makes of a request for its cache and for its origin, and what of an answer it may keep. */
import type { Exchange } from '../exchange.ts';
import type { Head } from '../intake/head.ts';
import { hostNameOf } from '../routing/request.ts';
import type { BehaviorSettings, DistributionSettings, OriginSettings } from '../snapshot.ts';
import type { ResponseHeaders } from '../upstream/headers.ts';
import { keyPrefix } from './invalidations.ts';
import { seen, selectedCookies, selectedQuery, selects } from './selection.ts';

/** All that tells one answer from another: the path as sent, and what of the request the origin may answer by. */
export function keyOf(head: Head, { id, hosts }: DistributionSettings, behavior: BehaviorSettings): string {
  const host = selects(behavior.headerNames, 'host') ? hostNameOf(head.host) : (hosts[0] ?? '');
  const parts = [
    host,
    selectedQuery(behavior.queryStrings, head.query),
    selectedCookies(behavior.cookies, head.cookie),
  ];
  for (let at = 0; at < head.headers.length; at += 2) {
    const name = (head.headers[at] as string).toLowerCase();
    const isAsked = behavior.compress && name === 'accept-encoding';
    if (name === 'cookie' || (!isAsked && !selects(behavior.headerNames, name))) continue;
    parts.push(`${name}: ${isAsked ? codingsIn(head.headers[at + 1] as string) : head.headers[at + 1]}`);
  }
  return `${keyPrefix(id)}${head.path}\n${parts.join('\n')}`;
}

/** Browsers write the same wish in many ways. */
export function codingsIn(value: string): string {
  return ['br', 'gzip'].filter((one) => new RegExp(`(?:^|[,\\s])${one}(?:$|[,;\\s])`, 'i').test(value)).join(', ');
}

export interface Way {
  /** How the distribution calls itself in `Via`. */
  readonly via: string;
  readonly origin: OriginSettings;
  readonly behavior: BehaviorSettings;
}

export function originHeaders(exchange: Exchange, head: Head, { via: ownVia, origin, behavior }: Way): string[] {
  const shown = seen(behavior, 'headerNames');
  const headers = ['Host', selects(shown, 'host') ? head.host : hostOf(origin)];
  // What the distribution itself says nobody says instead.
  const own = new Set(origin.headers.map(([name]) => name.toLowerCase()));
  for (let at = 0; at < head.headers.length; at += 2) {
    const name = head.headers[at] as string;
    const lower = name.toLowerCase();
    const value = head.headers[at + 1] as string;
    if (lower === 'cookie' || lower === 'via' || own.has(lower)) continue;
    if (lower === 'accept-encoding' && behavior.compress) {
      const codings = codingsIn(value);
      if (codings !== '') headers.push(name, codings);
    } else if (isSent(lower, head.method) || selects(shown, lower)) headers.push(name, value);
  }
  const cookies = selectedCookies(seen(behavior, 'cookies'), head.cookie);
  if (cookies !== '') headers.push('Cookie', cookies);
  if (!selects(shown, 'user-agent')) headers.push('User-Agent', 'Amazon CloudFront');
  const { client } = exchange.connection;
  headers.push('X-Forwarded-For', head.forwardedFor === undefined ? client : `${head.forwardedFor}, ${client}`);
  const via = viaOf(head);
  headers.push('Via', via === '' ? ownVia : `${via}, ${ownVia}`, 'X-Amz-Cf-Id', exchange.requestId);
  for (const [name, value] of origin.headers) headers.push(name, value);
  for (const [name, value] of exchange.insertedHeaders) headers.push(name, value);
  return headers;
}

/** Without these a body means nothing, and a range is no range. */
const alwaysSent = new Set(['content-type', 'content-encoding', 'range', 'if-range', 'origin']);

/** Who somebody is does not reach origins with requests whose answers are kept, unless the behavior says so. */
function isSent(name: string, method: string): boolean {
  return alwaysSent.has(name) || (name === 'authorization' && method !== 'GET' && method !== 'HEAD');
}

/**
 * What was answered to one who showed who they are is not for others, unless the origin says that it is.
 * @see RFC 9111, section 3.5
 */
export function mayKeep(head: Head, headers: ResponseHeaders, behavior: BehaviorSettings): boolean {
  const isPersonal = hasHeader(head, 'authorization') && selects(seen(behavior, 'headerNames'), 'authorization');
  if (!isPersonal || selects(behavior.headerNames, 'authorization')) return true;
  return /(?:^|[,\s])(?:public|s-maxage|must-revalidate)(?:$|[,\s=])/i.test(String(headers['cache-control'] ?? ''));
}

export function targetOf(
  head: Head,
  settings: DistributionSettings,
  origin: OriginSettings,
  behavior: BehaviorSettings,
): string {
  const isRoot = head.path === '/' && settings.defaultRootObject !== '';
  const path = isRoot ? `/${settings.defaultRootObject}` : head.path;
  const query = selectedQuery(seen(behavior, 'queryStrings'), head.query);
  return `${origin.path}${path}${query === '' ? '' : `?${query}`}`;
}

function hostOf({ domainName, port, protocol }: OriginSettings): string {
  return port === (protocol === 'https' ? 443 : 80) ? domainName : `${domainName}:${port}`;
}

/** `http://127.0.0.1:80`, or `https://127.0.0.1:443 NAME` with the name to be certified: the key of its connections. */
export function originOf({ protocol, address, domainName, port }: OriginSettings): string {
  const host = address ?? domainName;
  const origin = `${protocol}://${host.includes(':') ? `[${host}]` : host}:${port}`;
  return protocol === 'https' ? `${origin} ${domainName}` : origin;
}

export function storedHeaders(headers: ResponseHeaders): string[] {
  const kept: string[] = [];
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || notStored.has(name)) continue;
    for (const one of [value].flat()) kept.push(name, one);
  }
  return kept;
}

const notStored = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'content-length',
  'trailer',
  'upgrade',
  'age',
]);

export function headerOf(head: Head, name: string): string | undefined {
  for (let at = 0; at < head.headers.length; at += 2) {
    if ((head.headers[at] as string).toLowerCase() === name) return head.headers[at + 1];
  }
  return undefined;
}

/** All proxies that a request has come through. */
export function viaOf(head: Head): string {
  const passed: string[] = [];
  for (let at = 0; at < head.headers.length; at += 2) {
    if ((head.headers[at] as string).toLowerCase() === 'via') passed.push(head.headers[at + 1] as string);
  }
  return passed.join(', ');
}

export const hasHeader = (head: Head, name: string): boolean => headerOf(head, name) !== undefined;
