/** Samples of the requests that come for a watched resource: what attack detection learns from. */
import type { RequestTraits } from '../../engines/traffic/index.ts';
import type { Exchange } from '../exchange.ts';

export interface ArrivalReport {
  /** ARN of the load balancer or distribution. */
  readonly resource: string;
  readonly requests: number;
  /** Each request had the same chance to be in it. */
  readonly sample: readonly RequestTraits[];
}

/** Requests that are described in one report. */
const MOST_SAMPLES = 100;
/** Longer texts are cut there. */
export const MOST_TEXT = 200;

interface Waiting {
  requests: number;
  readonly sample: RequestTraits[];
}

export class Arrivals {
  readonly #waiting = new Map<string, Waiting>();

  /** @param random from 0 to 1, exclusive */
  add(resource: string, exchange: Exchange, random: () => number): void {
    const waiting = this.#waiting.get(resource) ?? { requests: 0, sample: [] };
    this.#waiting.set(resource, waiting);
    waiting.requests += 1;
    if (waiting.sample.length < MOST_SAMPLES) {
      waiting.sample.push(traitsOf(exchange));
      return;
    }
    const at = Math.floor(random() * waiting.requests);
    if (at < MOST_SAMPLES) waiting.sample[at] = traitsOf(exchange);
  }

  take(): ArrivalReport[] {
    const taken = [...this.#waiting].map(([resource, { requests, sample }]) => ({ resource, requests, sample }));
    this.#waiting.clear();
    return taken;
  }
}

export function traitsOf({ connection, head, incoming }: Exchange): RequestTraits {
  const { place, fingerprint } = connection;
  return {
    source: connection.client,
    ...(place?.country !== undefined && { country: place.country }),
    ...(place?.asn !== undefined && { asn: place.asn }),
    ...(fingerprint && { ja4: fingerprint.ja4 }),
    userAgent: (incoming.headers['user-agent'] ?? '').slice(0, MOST_TEXT),
    method: head?.method ?? '',
    path: (head?.path ?? '').slice(0, MOST_TEXT),
    queryKeys: keysOf(head?.query ?? ''),
  };
}

function keysOf(query: string): string {
  if (query === '') return '';
  const names = query
    .slice(0, 4 * MOST_TEXT)
    .split('&', 20)
    .map((pair) => pair.split('=', 1)[0] ?? '');
  return [...new Set(names)].sort().join('&').slice(0, MOST_TEXT);
}
