/** Counts what web ACLs did, and keeps some requests for samples and logs: in bounded memory, whatever comes. */
import { type BotIdentity, botOf } from '../../engines/waf/bot-labels.ts';
import type { HttpRequest, Verdict } from '../../engines/waf/index.ts';
import type { Meter, Meters } from '../reports/meter.ts';
import type { InspectedReport, TrafficReport } from '../reports/reports.ts';
import type { WebAclSettings } from '../snapshot.ts';

interface Tally {
  requests: number;
  readonly metrics: Map<string, { readonly metricName: string; readonly action: string; requests: number }>;
  /** By path and by who asked for it. */
  readonly paths: Map<string, PathTally>;
}

interface PathTally {
  readonly path: string;
  /** As bot control knows it. */
  readonly bot?: BotIdentity;
  requests: number;
  /** How many of them were asked to pay. */
  monetized: number;
}

const limits = {
  /** Requests that are shown, between two reports. */
  stopped: 500,
  passed: 20,
  logged: 5_000,
  paths: 200,
  metrics: 500,
};

export interface Seen {
  readonly requestId: string;
  readonly at: number;
  readonly request: HttpRequest;
  readonly verdict: Verdict;
  readonly source: InspectedReport['source'];
}

export class Tallies {
  /** What the web ACL is now: counts go on when it changes. */
  settings: WebAclSettings;
  readonly #meters: Meters;
  readonly #metersOf = new Map<string, Meter>();
  #tally: Tally = emptyTally();
  #inspected: InspectedReport[] = [];
  #stopped = 0;
  #passed = 0;
  #lost = 0;

  constructor(settings: WebAclSettings, meters: Meters) {
    this.settings = settings;
    this.#meters = meters;
  }

  add(seen: Seen): void {
    const { verdict, request } = seen;
    this.#count(verdict, request.path);
    const isStopped = verdict.action !== 'ALLOW' || verdict.failure !== undefined;
    const isNoted = isStopped || verdict.isDefaultSampled || verdict.outcomes.length > 0;
    const isKept = isStopped ? this.#stopped++ < limits.stopped : isNoted && this.#passed++ < limits.passed;
    const { isLogged } = this.settings;
    if (!isKept && !isLogged) return;
    if (this.#inspected.length >= limits.logged) {
      this.#lost += 1;
      return;
    }
    this.#inspected.push(this.#report(seen, isKept));
  }

  take(): {
    readonly inspected: readonly InspectedReport[];
    readonly traffic: TrafficReport | undefined;
    readonly lost: number;
  } {
    const { requests, metrics, paths } = this.#tally;
    const traffic =
      requests === 0
        ? undefined
        : {
            webAclArn: this.settings.arn,
            at: Date.now(),
            requests,
            metrics: [...metrics.values()],
            paths: [...paths.values()],
          };
    const taken = { inspected: this.#inspected, traffic, lost: this.#lost };
    this.#tally = emptyTally();
    this.#inspected = [];
    this.#stopped = 0;
    this.#passed = 0;
    this.#lost = 0;
    return taken;
  }

  #report({ requestId, at, request, verdict, source }: Seen, isKept: boolean): InspectedReport {
    const { arn, isLogged } = this.settings;
    // What only managed groups looked into stays here: 64 KB of each request are too much to tell.
    const { body, deepBody: _deepBody, ...rest } = request;
    const bodyBase64 = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('base64');
    return {
      webAclArn: arn,
      requestId,
      at,
      request: { ...rest, bodyBase64 },
      verdict,
      source,
      weight: 1,
      isLogged,
      isKept,
    };
  }

  /** @see AWS WAF Developer Guide, "AWS WAF metrics and dimensions" */
  #count(verdict: Verdict, path: string): void {
    const { metrics } = this.#tally;
    this.#tally.requests += 1;
    this.#countPath(verdict, path);
    let isMet = false;
    for (const { metricName, action, isMetered, ruleGroupId } of verdict.outcomes) {
      if (action !== 'COUNT' && action !== 'EXCLUDED_AS_COUNT') isMet = true;
      const key = `${metricName} ${action}`;
      const known = metrics.get(key);
      if (known) known.requests += 1;
      else if (metrics.size < limits.metrics) metrics.set(key, { metricName, action, requests: 1 });
      if (isMetered) this.#meter(metricName, ruleGroupId, action);
    }
    if (!isMet) {
      const key = `Default_Action ${verdict.action}`;
      const known = metrics.get(key);
      if (known) known.requests += 1;
      else metrics.set(key, { metricName: 'Default_Action', action: verdict.action, requests: 1 });
      this.#meter('Default_Action', undefined, verdict.action);
    }
    this.#meter('ALL', undefined, verdict.action);
    if (verdict.failure) this.#meter('ALL', undefined, 'FAILED');
  }

  #countPath({ labels, action }: Verdict, path: string): void {
    const { paths } = this.#tally;
    const bot = botOf(labels);
    const key = bot ? JSON.stringify([path, bot]) : path;
    let tally = paths.get(key);
    if (!tally) {
      if (paths.size >= limits.paths) return;
      tally = { path, ...(bot && { bot }), requests: 0, monetized: 0 };
      paths.set(key, tally);
    }
    tally.requests += 1;
    if (action === 'MONETIZE') tally.monetized += 1;
  }

  #meter(rule: string, group: string | undefined, action: string): void {
    const metric = metricNames[action];
    if (metric === undefined) return;
    const key = group === undefined ? rule : `${group} ${rule}`;
    let meter = this.#metersOf.get(key);
    if (meter === undefined) {
      const { account, region, name, scope } = this.settings;
      const dimensions: Record<string, string> = {
        WebACL: name,
        Rule: rule,
        ...(scope === 'REGIONAL' && { Region: region }),
        ...(group !== undefined && { RuleGroup: group }),
      };
      meter = this.#meters.of({ account, region, namespace: 'AWS/WAFV2', dimensions });
      this.#metersOf.set(key, meter);
    }
    meter.add(metric);
  }
}

const metricNames: Readonly<Record<string, string>> = {
  ALLOW: 'AllowedRequests',
  BLOCK: 'BlockedRequests',
  COUNT: 'CountedRequests',
  EXCLUDED_AS_COUNT: 'CountedRequests',
  CAPTCHA: 'CaptchaRequests',
  CHALLENGE: 'ChallengeRequests',
  FAILED: 'FailedInspections',
};

function emptyTally(): Tally {
  return { requests: 0, metrics: new Map(), paths: new Map() };
}
