/** Where the API listens: plain HTTP on loopback, TLS beside it or instead of it, and nothing but TLS anywhere else. */

import type { Server as TlsServer } from 'node:https';
import { isIP } from 'node:net';
import { arnOfSpiffe } from '../../certificates/names.ts';
import type { ListenerConfig } from '../../config/listeners.ts';
import { type ApiServer, close, createApiServer, listen, type ServerOptions, tlsLimits } from '../../gateway/server.ts';
import type { VpcPlace } from '../../services/service.ts';
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

/** A listener within a VPC. */
export interface PlacedListener {
  readonly host: string;
  readonly port: number;
  readonly place: VpcPlace;
}

export interface Listeners {
  readonly endpoint: string;
  /** Where TLS is spoken; the same as `endpoint` without plain HTTP. */
  readonly tlsEndpoint?: string;
  /** Of the listeners within VPCs, in their order. */
  readonly placed: readonly string[];
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

/** As the configuration has them. */
export function placedListeners(
  configured: readonly ListenerConfig[] | undefined,
  host: string,
  region: string,
): readonly PlacedListener[] {
  return (configured ?? []).map((one) => ({
    host: one.host ?? host,
    port: one.port,
    place: {
      account: one.account,
      region: one.region ?? region,
      vpc: one.vpc,
      ...(one.subnet !== undefined && { subnet: one.subnet }),
    },
  }));
}

export async function openListeners(
  where: ListenerOptions,
  options: Omit<ServerOptions, 'tls' | 'principalOf' | 'place'>,
  secure: SecureListener | undefined,
  within: readonly PlacedListener[] = [],
): Promise<Listeners> {
  const { host, port } = where;
  const { isPlain } = transportOf(where);
  const servers: ApiServer[] = [];
  const open = async (server: ApiServer, scheme: string, at: string, wanted: number): Promise<string> => {
    const bound = await listen(server, at, wanted);
    servers.push(server);
    return `${scheme}://${at.includes(':') ? `[${at}]` : at}:${bound}`;
  };
  const openTls = async (at: string, wanted: number, place?: VpcPlace): Promise<string | undefined> => {
    if (!secure) return undefined;
    const more = place ? { place } : {};
    const server = createApiServer({
      ...options,
      ...more,
      tls: secure.settings,
      principalOf: arnOfSpiffe,
    }) as TlsServer;
    secure.follow((settings) => server.setSecureContext({ ...settings, ...tlsLimits }));
    return open(server, 'https', at, wanted);
  };
  const demanded = (endpoint: string | undefined, at: string): string => {
    if (endpoint === undefined) throw new Error(`${at} is not a loopback address: Bailey listens there with TLS only.`);
    return endpoint;
  };
  try {
    const plainEndpoint = isPlain ? await open(createApiServer(options), 'http', host, port) : undefined;
    const tlsEndpoint = await openTls(host, isPlain ? (where.tlsPort ?? 4567) : port);
    const endpoint = demanded(plainEndpoint ?? tlsEndpoint, host);
    const placed: string[] = [];
    for (const one of within) {
      placed.push(
        where.tlsOnly !== true && isLoopback(one.host)
          ? await open(createApiServer({ ...options, place: one.place }), 'http', one.host, one.port)
          : demanded(await openTls(one.host, one.port, one.place), one.host),
      );
    }
    return { endpoint, ...(tlsEndpoint !== undefined && { tlsEndpoint }), placed, servers };
  } catch (error) {
    await Promise.all(servers.map((server) => close(server, 0)));
    throw error;
  }
}
