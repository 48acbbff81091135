/** Connections to targets and origins, kept alive between requests. */
import type { LookupFunction } from 'node:net';
import { Pool } from 'undici';
import { Sessions } from './http2/sessions.ts';
import { outwardLookup } from './reach.ts';

export interface PoolOptions {
  readonly connectMs: number;
  readonly connections: number;
  /** PEM, beside the authorities that the machine knows. */
  readonly authorities: readonly string[] | undefined;
  /** Names may lead to this host itself, too. */
  readonly reachesOwn: boolean;
}

export class Pools {
  readonly #pools = new Map<string, Pool>();
  readonly #sessions = new Map<string, Sessions>();
  #options: PoolOptions;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** Who vouches for others from now on: connections that somebody else has vouched for are not used any more. */
  trust(authorities: PoolOptions['authorities'], graceMs: number): void {
    if (String(authorities) === String(this.#options.authorities)) return;
    this.#options = { ...this.#options, authorities };
    this.retire(() => false, graceMs);
  }

  /** @param origin `http://10.0.0.1:80`, or `https://10.0.0.1:443 NAME` where the other side must be certified as NAME */
  to(origin: string): Pool {
    const known = this.#pools.get(origin);
    if (known) return known;
    const { connectMs, connections, authorities, reachesOwn } = this.#options;
    const [url = '', name] = origin.split(' ');
    const pool = new Pool(url, {
      connections,
      pipelining: 1,
      // Below what servers usually keep, so that requests do not meet a closing connection.
      keepAliveTimeout: 4_000,
      keepAliveMaxTimeout: 600_000,
      maxHeaderSize: 64 * 1024,
      connect: {
        timeout: connectMs,
        noDelay: true,
        ...(!reachesOwn && { lookup: outwardLookup as LookupFunction }),
        ...(authorities && { ca: [...authorities] }),
        // Targets are addresses: their certificates are of somebody we trust, whatever name they bear.
        ...(name === undefined ? { checkServerIdentity: () => undefined } : { servername: name }),
      },
    });
    this.#pools.set(origin, pool);
    return pool;
  }

  /** By HTTP/2. @param origin `h2c://10.0.0.1:80`, or `h2://10.0.0.1:443` for TLS */
  sessionsTo(origin: string): Sessions {
    const known = this.#sessions.get(origin);
    if (known) return known;
    const { connectMs, connections, authorities, reachesOwn } = this.#options;
    const { protocol, hostname, port } = new URL(origin);
    const destination = {
      host: hostname.replace(/^\[(.*)\]$/, '$1'),
      port: Number(port),
      isSecure: protocol === 'h2:',
      connectMs,
      authorities,
      ...(!reachesOwn && { lookup: outwardLookup as LookupFunction }),
    };
    const sessions = new Sessions(destination, connections);
    this.#sessions.set(origin, sessions);
    return sessions;
  }

  /** Lets go of what is no longer used: requests that run end first, for at most so long. */
  retire(isUsed: (origin: string) => boolean, graceMs: number): void {
    for (const [origin, pool] of this.#pools) {
      if (isUsed(origin)) continue;
      this.#pools.delete(origin);
      const timer = setTimeout(() => pool.destroy().catch(() => undefined), graceMs);
      timer.unref();
      pool.close().then(
        () => clearTimeout(timer),
        () => undefined,
      );
    }
    for (const [origin, sessions] of this.#sessions) {
      if (isUsed(origin)) continue;
      this.#sessions.delete(origin);
      sessions.close(graceMs);
    }
  }

  async close(): Promise<void> {
    const all = [...this.#pools.values()];
    this.#pools.clear();
    for (const sessions of this.#sessions.values()) sessions.destroy();
    this.#sessions.clear();
    await Promise.all(all.map((pool) => pool.destroy().catch(() => undefined)));
  }
}
