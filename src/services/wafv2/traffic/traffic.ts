/** What edge nodes reported, in memory and within limits: it is lost at a restart, as nobody was promised more. */
import type { BotIdentity } from '../../../engines/waf/bot-labels.ts';
import { HeavyHitters } from './heavy-hitters.ts';
import type { InspectedRequest, LimitedKeys, TrafficCount } from './inspected-request.ts';
import { RecentRequests } from './recent-requests.ts';

const minuteMs = 60_000;
/** As far back as samples and statistics go. */
export const keptMs = 3 * 60 * minuteMs;
/** A node that says nothing for so long holds nobody back any more. */
const limitedMs = 60_000;

const limits = {
  webAcls: 1_000,
  recent: { bytes: 48 * 1024 * 1024, perWebAcl: 5_000, keepMs: keptMs },
  /** Per web ACL and minute. */
  paths: 200,
  metrics: 500,
  minutes: 20_000,
  /** Lines that wait for their delivery. */
  logLines: 50_000,
  logBytes: 64 * 1024 * 1024,
  limitedKeys: 10_000,
};

interface Minute {
  requests: number;
  readonly metrics: Map<string, number>;
  readonly paths: HeavyHitters;
  /** Of those that were asked to pay. */
  readonly monetized: HeavyHitters;
}

/** A path and the bot that came for it. */
export interface PathTotal {
  readonly path: string;
  readonly bot: BotIdentity;
  readonly requests: number;
}

/** What waits for its delivery, and how much was lost for want of room. */
export interface LogBacklog {
  readonly requests: readonly InspectedRequest[];
  readonly dropped: number;
}

export class Traffic {
  readonly #recent = new RecentRequests(limits.recent);
  /** By web ACL, then by minute. */
  readonly #minutes = new Map<string, Map<number, Minute>>();
  #minuteCount = 0;
  /** By web ACL, node and rule. */
  readonly #limited = new Map<string, { readonly keys: LimitedKeys; readonly at: number }>();
  #backlog: InspectedRequest[] = [];
  #backlogBytes = 0;
  #dropped = 0;

  report(requests: readonly InspectedRequest[]): void {
    for (const inspected of requests) {
      if (inspected.isKept) this.#recent.add(inspected);
      if (!inspected.isLogged) continue;
      const bytes = inspected.request.headers.length * 64 + inspected.request.query.length + 2_048;
      if (this.#backlog.length >= limits.logLines || this.#backlogBytes + bytes > limits.logBytes) {
        this.#dropped += inspected.weight;
        continue;
      }
      this.#backlog.push(inspected);
      this.#backlogBytes += bytes;
    }
  }

  count(counts: readonly TrafficCount[]): void {
    for (const { webAclArn, at, requests, metrics, paths } of counts) {
      const minute = this.#minute(webAclArn, Math.floor(at / minuteMs));
      if (!minute) continue;
      minute.requests += requests;
      for (const { metricName, action, requests: times } of metrics) {
        const key = JSON.stringify([metricName, action]);
        if (minute.metrics.has(key) || minute.metrics.size < limits.metrics) {
          minute.metrics.set(key, (minute.metrics.get(key) ?? 0) + times);
        }
      }
      for (const { path, bot = {}, requests: times, monetized = 0 } of paths) {
        const key = JSON.stringify([path.slice(0, 1_024), bot.name, bot.category, bot.organization]);
        minute.paths.add(key, times);
        if (monetized > 0) minute.monetized.add(key, monetized);
      }
    }
  }

  /** Replaces what the node said before of these rules. */
  limit(node: string, at: number, keys: readonly LimitedKeys[]): void {
    for (const one of keys) {
      const place = JSON.stringify([one.webAclArn, node, one.ruleGroupRuleName, one.ruleName]);
      if (!this.#limited.has(place) && this.#limited.size >= limits.webAcls) this.#forgetLimited(at);
      this.#limited.set(place, { keys: { ...one, addresses: one.addresses.slice(0, limits.limitedKeys) }, at });
    }
  }

  find(requestId: string): InspectedRequest | undefined {
    return this.#recent.find(requestId);
  }

  /** Oldest first. */
  requests(webAclArn: string, from: number, to: number): InspectedRequest[] {
    return [...this.#recent.of(webAclArn, from, to)];
  }

  /** How many requests met a rule, or with undefined how many there were. */
  population(webAclArn: string, metricName: string | undefined, from: number, to: number): number {
    let total = 0;
    for (const minute of this.#within(webAclArn, from, to)) {
      if (metricName === undefined) total += minute.requests;
      else {
        for (const [key, times] of minute.metrics) if (JSON.parse(key)[0] === metricName) total += times;
      }
    }
    return total;
  }

  /** The most frequent paths with who asked for them, of all requests or of those that were asked to pay. */
  paths(webAclArn: string, from: number, to: number, of: 'paths' | 'monetized' = 'paths'): PathTotal[] {
    const merged = new Map<string, number>();
    for (const minute of this.#within(webAclArn, from, to)) {
      for (const [key, times] of minute[of].entries()) merged.set(key, (merged.get(key) ?? 0) + times);
    }
    return [...merged].map(([key, times]) => {
      const [path, name, category, organization] = JSON.parse(key) as (string | null)[];
      const bot = { ...(name && { name }), ...(category && { category }), ...(organization && { organization }) };
      return { path: path ?? '', bot, requests: times };
    });
  }

  /** @param now epoch milliseconds */
  limited(webAclArn: string, ruleName: string, ruleGroupRuleName: string | undefined, now: number): string[] {
    const addresses = new Set<string>();
    for (const { keys, at } of this.#limited.values()) {
      if (at < now - limitedMs || keys.webAclArn !== webAclArn) continue;
      if (keys.ruleName !== ruleName || keys.ruleGroupRuleName !== ruleGroupRuleName) continue;
      for (const address of keys.addresses) if (addresses.size < limits.limitedKeys) addresses.add(address);
    }
    return [...addresses];
  }

  /** Hands over what waits for the logs. */
  takeBacklog(): LogBacklog {
    const taken = { requests: this.#backlog, dropped: this.#dropped };
    this.#backlog = [];
    this.#backlogBytes = 0;
    this.#dropped = 0;
    return taken;
  }

  clear(): void {
    this.#recent.clear();
    this.#minutes.clear();
    this.#minuteCount = 0;
    this.#limited.clear();
    this.takeBacklog();
  }

  #minute(webAclArn: string, number: number): Minute | undefined {
    let ofAcl = this.#minutes.get(webAclArn);
    if (!ofAcl) {
      if (this.#minutes.size >= limits.webAcls) this.#forgetQuiet(number);
      if (this.#minutes.size >= limits.webAcls) return undefined;
      ofAcl = new Map();
      this.#minutes.set(webAclArn, ofAcl);
    }
    const known = ofAcl.get(number);
    if (known) return known;
    for (const old of ofAcl.keys()) {
      if (old > number - keptMs / minuteMs && this.#minuteCount < limits.minutes) break;
      ofAcl.delete(old);
      this.#minuteCount -= 1;
    }
    if (this.#minuteCount >= limits.minutes) return undefined;
    const made: Minute = {
      requests: 0,
      metrics: new Map(),
      paths: new HeavyHitters(limits.paths),
      monetized: new HeavyHitters(limits.paths),
    };
    ofAcl.set(number, made);
    this.#minuteCount += 1;
    return made;
  }

  *#within(webAclArn: string, from: number, to: number): Generator<Minute> {
    for (const [number, minute] of this.#minutes.get(webAclArn) ?? []) {
      if ((number + 1) * minuteMs > from && number * minuteMs <= to) yield minute;
    }
  }

  /** Web ACLs that have seen nothing for as long as anything is kept. */
  #forgetQuiet(number: number): void {
    for (const [arn, ofAcl] of this.#minutes) {
      if (Math.max(...ofAcl.keys()) > number - keptMs / minuteMs) continue;
      this.#minuteCount -= ofAcl.size;
      this.#minutes.delete(arn);
    }
  }

  #forgetLimited(now: number): void {
    for (const [place, { at }] of this.#limited) if (at < now - limitedMs) this.#limited.delete(place);
    for (const place of this.#limited.keys()) {
      if (this.#limited.size < limits.webAcls) return;
      this.#limited.delete(place);
    }
  }
}
