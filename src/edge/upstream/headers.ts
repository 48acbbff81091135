/** The headers that a target sees, and those that a client gets back. */
import type { Head } from '../intake/head.ts';

export interface ForwardedRules {
  /** `routing.http.xff_header_processing.mode` */
  readonly mode: 'append' | 'preserve' | 'remove';
  readonly withPort: boolean;
}

export interface Client {
  readonly address: string;
  readonly port: number;
  readonly isSecure: boolean;
  /** Of the listener. */
  readonly listenerPort: number;
}

/** More addresses than these say nothing but that somebody plays: answered 463. */
export const mostForwardedAddresses = 30;

/** Names and values in turn: host first, as servers like it. */
export function upstreamHeaders(head: Head, client: Client, rules: ForwardedRules, traceId: string): string[] {
  const headers = ['Host', head.host, ...head.headers];
  const own = rules.withPort ? `${bracketed(client.address)}:${client.port}` : client.address;
  if (rules.mode === 'append') {
    headers.push('X-Forwarded-For', head.forwardedFor === undefined ? own : `${head.forwardedFor}, ${own}`);
  } else if (rules.mode === 'preserve' && head.forwardedFor !== undefined) {
    headers.push('X-Forwarded-For', head.forwardedFor);
  }
  headers.push(
    'X-Forwarded-Proto',
    client.isSecure ? 'https' : 'http',
    'X-Forwarded-Port',
    String(client.listenerPort),
    'X-Amzn-Trace-Id',
    traceId,
  );
  return headers;
}

/**
 * The host that targets see: with the listener's port where it is not what clients take by themselves, and without any
 * where it is.
 * @see Elastic Load Balancing User Guide, "Host header preservation"
 */
export function hostFor(host: string, listenerPort: number): string {
  const port = /:\d{1,5}$/.exec(host);
  const isUsual = listenerPort === 80 || listenerPort === 443;
  if (port) return isUsual ? host.slice(0, port.index) : host;
  return isUsual ? host : `${host}:${listenerPort}`;
}

const bracketed = (address: string): string => (address.includes(':') ? `[${address}]` : address);

/** `Root=1-67891233-abcdef012345678912345678`; what a client sent stays, with this hop's own mark before it. */
export function traceIdOf(given: string | undefined, now: number, requestId: string): string {
  const own = `1-${Math.floor(now / 1000).toString(16)}-${requestId.replaceAll('-', '').slice(0, 24)}`;
  if (given === undefined || !/^[\w=;:.-]{1,256}$/.test(given)) return `Root=${own}`;
  return given.includes('Root=') ? `Self=${own};${given.replace(/Self=[^;]*;?/g, '')}` : `Root=${own}`;
}

/** Headers of the connection to the target alone. */
const hopByHop = new Set([
  ':status',
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'trailer',
  'te',
  'proxy-authenticate',
  'http2-settings',
]);

export type ResponseHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** Names and values in turn, without what was for this hop, and without names that `withheld` holds. */
export function downstreamHeaders(from: ResponseHeaders, withheld?: ReadonlySet<string>): string[] {
  const headers: string[] = [];
  for (const name in from) {
    const value = from[name];
    if (value === undefined || hopByHop.has(name) || withheld?.has(name)) continue;
    if (typeof value === 'string') headers.push(name, value);
    else for (const one of value) headers.push(name, one);
  }
  return headers;
}
