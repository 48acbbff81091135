/** Where the API listens: plain HTTP on loopback, TLS beside it or instead of it, and nothing but TLS anywhere else. */

import type { Server as TlsServer } from 'node:https';
import { isIP } from 'node:net';
import { arnOfSpiffe } from '../../certificates/names.ts';
import { type ApiServer, close, createApiServer, listen, type ServerOptions, tlsLimits } from '../../gateway/server.ts';
import type { SecureListener } from './secure-listener.ts';

export interface ListenerOptions {
  readonly host: string;
  readonly port: number;
  /** TLS beside plain HTTP, on a port of its own. */
  readonly tls?: boolean;
  readonly tlsPort?: number;
  /** TLS on `port`, and no plain HTTP. */
  readonly tlsOnly?: boolean;
}

export interface Listeners {
  readonly endpoint: string;
  /** Where TLS is spoken; the same as `endpoint` without plain HTTP. */
  readonly tlsEndpoint?: string;
  readonly servers: readonly ApiServer[];
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** Whether a certificate is needed, and whether plain HTTP is spoken. Any address but loopback speaks TLS or not at all. */
export function transportOf({ host, tls, tlsOnly }: ListenerOptions): { isPlain: boolean; isSecure: boolean } {
  const isPlain = !tlsOnly && isLoopback(host);
  return { isPlain, isSecure: !isPlain || tls === true };
}

export async function openListeners(
  where: ListenerOptions,
  options: Omit<ServerOptions, 'tls' | 'principalOf'>,
  secure: SecureListener | undefined,
): Promise<Listeners> {
  const { host, port } = where;
  const { isPlain } = transportOf(where);
  const servers: ApiServer[] = [];
  const open = async (server: ApiServer, scheme: string, wanted: number): Promise<string> => {
    const bound = await listen(server, host, wanted);
    servers.push(server);
    return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${bound}`;
  };
  const openTls = async (wanted: number): Promise<string | undefined> => {
    if (!secure) return undefined;
    const server = createApiServer({ ...options, tls: secure.settings, principalOf: arnOfSpiffe }) as TlsServer;
    secure.follow((settings) => server.setSecureContext({ ...settings, ...tlsLimits }));
    return open(server, 'https', wanted);
  };
  try {
    const plainEndpoint = isPlain ? await open(createApiServer(options), 'http', port) : undefined;
    const tlsEndpoint = await openTls(isPlain ? (where.tlsPort ?? 4567) : port);
    const endpoint = plainEndpoint ?? tlsEndpoint;
    if (endpoint === undefined) {
      throw new Error(`${host} is not a loopback address: Bailey listens there with TLS only.`);
    }
    return { endpoint, ...(tlsEndpoint !== undefined && { tlsEndpoint }), servers };
  } catch (error) {
    await Promise.all(servers.map((server) => close(server, 0)));
    throw error;
  }
}
