/**
 * Requests of the edge's own to identity providers: by HTTPS, to the named host and no other, within a time and a size.
 * No redirect is followed: what is fetched comes from where the configuration says, or not at all.
 */
import { isIP } from 'node:net';
import { Pools } from '../upstream/pools.ts';

export interface FetchRequest {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly mostBytes: number;
}

export interface Fetched {
  readonly status: number;
  readonly body: Buffer;
}

/** `silent`: nobody answered in time. `too-large`: more than was asked for. */
export class FetchFailure extends Error {
  readonly kind: 'silent' | 'too-large';

  constructor(kind: FetchFailure['kind'], options?: ErrorOptions) {
    super(kind, options);
    this.name = 'FetchFailure';
    this.kind = kind;
  }
}

export type Fetch = (request: FetchRequest) => Promise<Fetched>;

/** "… or the token endpoint is not responding within 5 seconds": from the first byte sent to the last one heard. */
const patienceMs = 5_000;
/** A provider that hangs holds no more than these, of one process; others are told at once. */
const mostAtOnce = 128;

export interface FetchingOptions {
  /** PEM, beside the authorities that the machine knows. */
  readonly authorities: readonly string[] | undefined;
  /** Names may lead to this host itself, too. */
  readonly reachesOwn: boolean;
}

export class Fetching {
  readonly #pools: Pools;
  readonly #running = new Map<string, number>();

  constructor({ authorities, reachesOwn }: FetchingOptions) {
    this.#pools = new Pools({ connectMs: patienceMs, connections: 16, authorities, reachesOwn });
  }

  /** @throws FetchFailure */
  readonly fetch: Fetch = async (request) => {
    const origin = originOf(request.url);
    if (origin === undefined) throw new FetchFailure('silent');
    const running = this.#running.get(origin) ?? 0;
    if (running >= mostAtOnce) throw new FetchFailure('silent');
    this.#running.set(origin, running + 1);
    try {
      return await this.#ask(origin, request);
    } catch (error) {
      throw error instanceof FetchFailure ? error : new FetchFailure('silent', { cause: error });
    } finally {
      const left = (this.#running.get(origin) ?? 1) - 1;
      if (left > 0) this.#running.set(origin, left);
      else this.#running.delete(origin);
    }
  };

  async #ask(origin: string, { url, method, headers, body, mostBytes }: FetchRequest): Promise<Fetched> {
    const { pathname, search } = new URL(url);
    const answer = await this.#pools.to(origin).request({
      method,
      path: `${pathname}${search}`,
      headers: { accept: 'application/json', 'accept-encoding': 'identity', ...headers },
      ...(body !== undefined && { body }),
      signal: AbortSignal.timeout(patienceMs),
    });
    const chunks: Buffer[] = [];
    let size = 0;
    // Leaving the loop early ends the connection.
    for await (const chunk of answer.body as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > mostBytes) throw new FetchFailure('too-large');
      chunks.push(chunk);
    }
    return { status: answer.statusCode, body: Buffer.concat(chunks) };
  }

  /** @param authorities PEM, beside those that the machine knows */
  trust(authorities: FetchingOptions['authorities']): void {
    this.#pools.trust(authorities, patienceMs);
  }

  /** Lets go of connections to hosts that no listener names any more. */
  retire(urls: readonly string[]): void {
    const used = new Set(urls.map(originOf));
    this.#pools.retire((origin) => used.has(origin), patienceMs);
  }

  close(): Promise<void> {
    return this.#pools.close();
  }
}

/** `https://idp.example:443 idp.example`; undefined for what is not HTTPS, and for hosts without a name. */
function originOf(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { protocol, hostname, port } = new URL(url);
  if (protocol !== 'https:' || hostname.startsWith('[') || isIP(hostname) !== 0) return undefined;
  return `https://${hostname}:${port || 443} ${hostname}`;
}

/** An object in JSON; undefined for anything else. */
export function jsonObject(body: Buffer): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
