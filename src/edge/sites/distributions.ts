/** The distributions of a port: chosen by Host, protected by their web ACLs, answered from the cache or by their origins. */

import type { ServerResponse } from 'node:http';
import { suspicionOf } from '../../engines/traffic/index.ts';
import type { Challenges } from '../answers/challenges.ts';
import { pageOf, unsatisfied } from '../answers/pages.ts';
import {
  codingsIn,
  hasHeader,
  headerOf,
  keyOf,
  mayKeep,
  originHeaders,
  originOf,
  storedHeaders,
  targetOf,
  viaOf,
} from '../distributions/asking.ts';
import type { AnswerCache, CachedAnswer } from '../distributions/cache.ts';
import { compressed } from '../distributions/compression.ts';
import { freshnessOf } from '../distributions/freshness.ts';
import { partOf } from '../distributions/ranges.ts';
import type { Exchange } from '../exchange.ts';
import type { Inspector, Suspecting } from '../inspection/inspector.ts';
import { judge } from '../inspection/judge.ts';
import type { Head } from '../intake/head.ts';
import type { Meter } from '../reports/meter.ts';
import { wildcard } from '../routing/patterns.ts';
import { hostNameOf } from '../routing/request.ts';
import type { Runtime, Site } from '../site.ts';
import type { BehaviorSettings, DistributionSettings, EdgeLimits } from '../snapshot.ts';
import { Forwarding } from '../upstream/forwarding.ts';
import type { ResponseHeaders } from '../upstream/headers.ts';

export interface DistributionsParts {
  readonly challenges: Challenges;
  readonly runtime: Runtime;
  readonly port: number;
  readonly isSecure: boolean;
  readonly distributions: readonly DistributionSettings[];
  /** By ARN of the distribution. */
  readonly inspectors: ReadonlyMap<string, Inspector>;
  readonly cache: AnswerCache;
  readonly limits: EdgeLimits;
  readonly spillFolder: string;
}

interface Served {
  readonly settings: DistributionSettings;
  readonly inspector: Inspector | undefined;
  readonly suspecting: Suspecting;
  readonly meter: Meter;
  readonly behaviors: readonly { readonly matches: (path: string) => boolean; readonly behavior: BehaviorSettings }[];
  readonly via: string;
}

const idleMs = 60_000;

export class DistributionsSite implements Site {
  readonly kind = 'requests';
  readonly runtime: Runtime;
  readonly limits: EdgeLimits;
  readonly headRules = { desync: 'defensive', dropsInvalidNames: false, lineBytes: 16 * 1024 } as const;
  readonly taking: Site['taking'];
  readonly serverName = 'CloudFront';
  readonly idleMs = idleMs;
  /** Distributions lie in no network. */
  readonly flows = undefined;
  readonly keepAliveMs = 3_600_000;
  readonly allowsHttp2 = true;
  readonly #parts: DistributionsParts;
  readonly #exact = new Map<string, Served>();
  readonly #wild: { readonly suffix: string; readonly served: Served }[] = [];
  readonly #serving = new WeakMap<Exchange, Served>();

  constructor(parts: DistributionsParts) {
    this.#parts = parts;
    this.runtime = parts.runtime;
    this.limits = parts.limits;
    const inspectedBytes = Math.max(0, ...[...parts.inspectors.values()].map(({ bodyBytes }) => bodyBytes));
    const { limits, spillFolder, runtime } = parts;
    this.taking = { limits, spillFolder, holdings: runtime.holdings, inspectedBytes };
    for (const settings of parts.distributions) {
      const served = this.#serve(settings);
      for (const host of settings.hosts) {
        const name = host.toLowerCase();
        if (name.startsWith('*.')) this.#wild.push({ suffix: name.slice(1), served });
        else this.#exact.set(name, served);
      }
    }
    // The longest is the closest.
    this.#wild.sort((a, b) => b.suffix.length - a.suffix.length);
  }

  #serve(settings: DistributionSettings): Served {
    const { account, id, behaviors, arn } = settings;
    const dimensions = { DistributionId: id, Region: 'Global' };
    return {
      settings,
      inspector: this.#parts.inspectors.get(arn),
      suspecting: settings.threat && suspicionOf(settings.threat),
      meter: this.runtime.reports.meters.of({ account, region: 'us-east-1', namespace: 'AWS/CloudFront', dimensions }),
      behaviors: behaviors.map((behavior) => ({
        matches: wildcard(behavior.pathPattern, { ignoreCase: false }),
        behavior,
      })),
      via: `1.1 ${id.toLowerCase()}.cloudfront.net (CloudFront)`,
    };
  }

  inspect(exchange: Exchange): void {
    const { head } = exchange;
    if (head === undefined) return;
    const served = this.#find(hostNameOf(head.host));
    if (!served?.settings.enabled) {
      refuse(exchange, 403, 'NoDistribution', served);
      return;
    }
    this.#serving.set(exchange, served);
    if (this.#parts.challenges.answer(exchange, served.settings.account)) return;
    // An origin that leads back here would go round for ever.
    if (viaOf(head).includes(served.via)) {
      refuse(exchange, 403, 'Loop', served);
      return;
    }
    const behavior = served.behaviors.find(
      ({ matches }) => matches(head.path) || matches(head.path.slice(1)),
    )?.behavior;
    if (!behavior?.methods.includes(head.method)) {
      refuse(exchange, 403, 'MethodNotAllowed', served);
      return;
    }
    const isSecure = this.#isSecure(exchange);
    if (!isSecure && behavior.viewerProtocol !== 'allow-all') {
      if (behavior.viewerProtocol === 'https-only') refuse(exchange, 403, 'HttpsOnly', served);
      else this.#redirect(exchange, head, served);
      return;
    }
    const { inspector } = served;
    if (!inspector) {
      this.#answer(exchange, head, served, behavior);
      return;
    }
    const { suspecting, settings } = served;
    // What the web ACL answers is an error of the distribution's.
    const said = saying(exchange, 'Error', served);
    exchange.answerHeaders.push(...said);
    judge(exchange, inspector, { isSecure, source: { name: 'CF', id: settings.id }, suspecting }, (outcome) => {
      exchange.answerHeaders.splice(0, said.length);
      if (outcome === 'pass') this.#answer(exchange, head, served, behavior);
      // A distribution that cannot look does not let through.
      else refuse(exchange, 503, 'WAFServiceError', served);
    });
  }

  #isSecure(exchange: Exchange): boolean {
    return this.#parts.isSecure || exchange.connection.isSecure;
  }

  #find(host: string): Served | undefined {
    return this.#exact.get(host) ?? this.#wild.find(({ suffix }) => host.endsWith(suffix))?.served;
  }

  #redirect(exchange: Exchange, head: Head, served: Served): void {
    const { settings } = served;
    const port = settings.securePort === undefined || settings.securePort === 443 ? '' : `:${settings.securePort}`;
    const location = `https://${hostNameOf(head.host)}${port}${head.target}`;
    exchange.outcome.redirectUrl = location;
    const said = saying(exchange, 'Redirect', served);
    exchange.answer(301, ['location', location, 'content-type', 'text/html', ...said], pageOf(301, 'CloudFront'));
  }

  #answer(exchange: Exchange, head: Head, served: Served, behavior: BehaviorSettings): void {
    const isCacheable = behavior.cachedMethods.includes(head.method);
    const key = isCacheable ? keyOf(head, served.settings, behavior) : undefined;
    const found = key === undefined ? undefined : this.#parts.cache.find(key, this.runtime.now());
    if (found) this.#hit(exchange, head, served, found);
    // A part is not kept.
    else this.#ask(exchange, head, served, behavior, hasHeader(head, 'range') ? undefined : key);
  }

  #hit(exchange: Exchange, head: Head, served: Served, found: CachedAnswer): void {
    served.meter.add('CacheHits');
    const age = Math.floor((this.runtime.now() - found.storedAt) / 1000);
    const own = ['age', String(age), ...saying(exchange, found.status >= 400 ? 'Error' : 'Hit', served)];
    if (found.etag !== undefined && headerOf(head, 'if-none-match') === found.etag) {
      exchange.answer(304, ['etag', found.etag, ...own], '');
      return;
    }
    const { status, headers, body } = partOf(found, headerOf(head, 'range'), headerOf(head, 'if-range'));
    exchange.outcome.status = status;
    const length = ['content-length', String(body.length)];
    exchange.writeHead(status, undefined, [...headers, ...own, ...length]);
    exchange.outcome.sentBytes += head.method === 'HEAD' ? 0 : body.length;
    (exchange.outgoing as ServerResponse).end(head.method === 'HEAD' ? undefined : body);
  }

  #ask(exchange: Exchange, head: Head, served: Served, behavior: BehaviorSettings, key: string | undefined): void {
    const { settings } = served;
    const isSecure = this.#isSecure(exchange);
    const originId = (isSecure ? behavior.secureOriginId : undefined) ?? behavior.originId;
    const origin = settings.origins.find(({ id }) => id === originId);
    if (!origin) {
      refuse(exchange, 502, 'NoOrigin', served);
      return;
    }
    const { cache } = this.#parts;
    const askedAt = cache.moment;
    const chunks: Buffer[] = [];
    let size = 0;
    let freshMs = 0;
    let kept: { status: number; headers: ResponseHeaders } | undefined;
    exchange.outcome.forwardedAt = performance.now();
    new Forwarding(exchange, {
      pool: this.runtime.pools.to(originOf(origin)),
      method: head.method,
      target: targetOf(head, settings, origin, behavior),
      headers: originHeaders(exchange, head, { via: served.via, origin, behavior }),
      idleMs: origin.readMs,
      withheld: undefined,
      answerHeaders: [],
      answered: (status, headers) => {
        exchange.answerHeaders.push(...saying(exchange, status >= 400 ? 'Error' : 'Miss', served));
        served.meter.add('OriginLatency', exchange.outcome.answeredAt - exchange.outcome.forwardedAt);
        const isKept = key !== undefined && head.method === 'GET' && mayKeep(head, headers, behavior);
        freshMs = isKept ? freshnessOf(status, headers, behavior) : 0;
        kept = { status, headers };
      },
      took: (chunk) => {
        if (freshMs === 0) return;
        size += chunk.length;
        if (size > cache.limits.answerBytes) {
          freshMs = 0;
          chunks.length = 0;
        } else chunks.push(chunk);
      },
      ended: (failure) => {
        if (failure !== undefined && !kept) exchange.answerHeaders.push(...saying(exchange, 'Error', served));
        if (failure !== undefined || freshMs === 0 || !kept || key === undefined || exchange.outcome.isAbandoned)
          return;
        const now = this.runtime.now();
        const answer = {
          status: kept.status,
          headers: storedHeaders(kept.headers),
          body: Buffer.concat(chunks),
          etag: typeof kept.headers.etag === 'string' ? kept.headers.etag : undefined,
          storedAt: now,
          freshUntil: now + freshMs,
        };
        const coding = behavior.compresses ? codingsIn(headerOf(head, 'accept-encoding') ?? '') : '';
        compressed(answer, coding, (smaller) => cache.store(key, smaller, askedAt));
      },
    }).send();
  }

  refusedHead(): void {}
  unreadable(): void {}
  opened(): void {}
  measure(): void {}
  refusedConnection(): void {}

  finished(exchange: Exchange): void {
    const served = this.#serving.get(exchange);
    if (!served) return;
    const { meter, settings } = served;
    if (settings.isWatched) this.runtime.reports.arrivals.add(settings.arn, exchange, this.runtime.random);
    const { status, sentBytes, receivedBytes } = exchange.outcome;
    meter.add('Requests');
    meter.add('BytesDownloaded', sentBytes);
    meter.add('BytesUploaded', receivedBytes);
    meter.add('4xxErrorRate', status >= 400 && status < 500 ? 100 : 0);
    meter.add('5xxErrorRate', status >= 500 ? 100 : 0);
    meter.add('TotalErrorRate', status >= 400 ? 100 : 0);
  }
}

/** An answer of the edge's own that says whose it is. */
function refuse(exchange: Exchange, status: number, reason: string, served: Served | undefined): void {
  exchange.outcome.errorReason = reason;
  const headers = ['content-type', 'text/html', ...saying(exchange, 'Error', served)];
  exchange.answer(status, headers, unsatisfied(status, exchange.requestId));
}

/** Who has answered, and how it came by the answer. */
function saying(exchange: Exchange, what: 'Hit' | 'Miss' | 'Error' | 'Redirect', served: Served | undefined): string[] {
  const said = ['x-cache', `${what} from cloudfront`, 'x-amz-cf-id', exchange.requestId];
  if (served) said.push('via', served.via);
  return said;
}
