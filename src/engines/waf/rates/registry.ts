/** The counters of a web ACL's rate-based rules: they outlive changes of other rules, and start anew with their own. */
import { type CountDelta, hashKey, type KeyHash, type RateCounter } from './counter.ts';
import { ExactCounter, highestExactLimit } from './exact.ts';
import { SlidingCounter } from './sliding.ts';

export interface RateSettings {
  /** `RULE`, or `RULE/RULE_OF_THE_GROUP`. */
  readonly rulePath: string;
  /** All settings of the statement: another text is another count. */
  readonly fingerprint: string;
  readonly limit: number;
  readonly windowSeconds: number;
}

/** What one node tells the others. */
export interface RateDelta {
  readonly rulePath: string;
  readonly fingerprint: string;
  readonly counts: CountDelta;
}

interface Entry {
  readonly settings: RateSettings;
  readonly counter: RateCounter;
  /** Keys that went over the limit, in words; by their hash, since keys may be long. */
  readonly limited: Map<string, { readonly hash: KeyHash; readonly shown: string }>;
  lastUsed: number;
  /** When keys that fell below the limit were dropped last. */
  swept: number;
}

const mostLimitedKeys = 10_000;
const sweepEveryMs = 1_000;

export class RateRegistry {
  readonly #entries = new Map<string, Entry>();
  readonly #seed: number;
  readonly #isExact: boolean;
  readonly #mostBytes: number;
  /** Rules that share the memory. */
  #sharers = 1;

  constructor(options: { readonly seed: number; readonly isExact: boolean; readonly mostBytes: number }) {
    this.#seed = options.seed;
    this.#isExact = options.isExact;
    this.#mostBytes = options.mostBytes;
  }

  /** Counts a request; `shown` says the key in words. */
  isOver(settings: RateSettings, key: string, shown: string, now: number): boolean {
    const entry = this.#entryOf(settings, now);
    entry.lastUsed = now;
    const hash = hashKey(key, this.#seed);
    if (entry.counter.hit(hash, now) <= settings.limit) return false;
    const name = `${hash.low} ${hash.high}`;
    if (!entry.limited.has(name)) {
      if (entry.limited.size >= mostLimitedKeys && now - entry.swept >= sweepEveryMs) this.#dropUnlimited(entry, now);
      if (entry.limited.size < mostLimitedKeys) entry.limited.set(name, { hash, shown });
    }
    return true;
  }

  /** Keys that are limited now, in words: addresses, where the rule counts by address alone. */
  limitedKeys(rulePath: string, now: number): string[] {
    const entry = this.#entries.get(rulePath);
    if (!entry) return [];
    this.#dropUnlimited(entry, now);
    return Array.from(entry.limited.values(), ({ shown }) => shown);
  }

  /** What was counted here since the last time. */
  takeDeltas(): RateDelta[] {
    const deltas: RateDelta[] = [];
    for (const { settings, counter } of this.#entries.values()) {
      const counts = counter.takeDelta();
      if (counts.length > 0) deltas.push({ rulePath: settings.rulePath, fingerprint: settings.fingerprint, counts });
    }
    return deltas;
  }

  /** What another node counted. Of rules that are not known here or not the same, nothing is taken. */
  merge(deltas: readonly RateDelta[], now: number): void {
    for (const { rulePath, fingerprint, counts } of deltas) {
      const entry = this.#entries.get(rulePath);
      if (entry?.settings.fingerprint === fingerprint) entry.counter.merge(counts, now);
    }
  }

  /** Makes counters before the first request, so that what other nodes count is not lost. */
  prepare(settings: readonly RateSettings[], now: number): void {
    const paths = new Set(settings.map(({ rulePath }) => rulePath));
    for (const path of this.#entries.keys()) if (!paths.has(path)) this.#entries.delete(path);
    this.#sharers = Math.max(1, settings.length);
    for (const one of settings) this.#entryOf(one, now);
  }

  #entryOf(settings: RateSettings, now: number): Entry {
    const known = this.#entries.get(settings.rulePath);
    if (known?.settings.fingerprint === settings.fingerprint) return known;
    for (const [path, entry] of this.#entries) {
      if (entry.lastUsed < now - 2_000 * entry.settings.windowSeconds) this.#entries.delete(path);
    }
    const { windowSeconds, limit } = settings;
    const counter =
      this.#isExact && limit <= highestExactLimit
        ? new ExactCounter(windowSeconds, limit)
        : new SlidingCounter(windowSeconds, limit, this.#mostBytes / Math.max(this.#sharers, this.#entries.size + 1));
    const entry: Entry = { settings, counter, limited: new Map(), lastUsed: now, swept: 0 };
    this.#entries.set(settings.rulePath, entry);
    return entry;
  }

  #dropUnlimited(entry: Entry, now: number): void {
    entry.swept = now;
    for (const [name, { hash }] of entry.limited) {
      if (entry.counter.rate(hash, now) <= entry.settings.limit) entry.limited.delete(name);
    }
  }
}
