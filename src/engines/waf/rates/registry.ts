/** The counters of a web ACL's rate-based rules: they outlive changes of other rules, and start anew with their own. */
import { type CountDelta, hashKey, type RateCounter } from './counter.ts';
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
  /** Keys that went over the limit, in words. */
  readonly limited: Map<string, string>;
  lastUsed: number;
}

const mostLimitedKeys = 10_000;

export class RateRegistry {
  readonly #entries = new Map<string, Entry>();
  readonly #seed: number;
  readonly #isExact: boolean;
  readonly #mostBytes: number;

  constructor(options: { readonly seed: number; readonly isExact: boolean; readonly mostBytes: number }) {
    this.#seed = options.seed;
    this.#isExact = options.isExact;
    this.#mostBytes = options.mostBytes;
  }

  /** Counts a request; `shown` says the key in words. */
  isOver(settings: RateSettings, key: string, shown: string, now: number): boolean {
    const entry = this.#entryOf(settings, now);
    entry.lastUsed = now;
    const isOver = entry.counter.hit(hashKey(key, this.#seed), now) > settings.limit;
    if (isOver && !entry.limited.has(key)) {
      if (entry.limited.size >= mostLimitedKeys) this.#dropUnlimited(entry, now);
      if (entry.limited.size < mostLimitedKeys) entry.limited.set(key, shown);
    }
    return isOver;
  }

  /** Keys that are limited now, in words: addresses, where the rule counts by address alone. */
  limitedKeys(rulePath: string, now: number): string[] {
    const entry = this.#entries.get(rulePath);
    if (!entry) return [];
    this.#dropUnlimited(entry, now);
    return [...entry.limited.values()];
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
        : new SlidingCounter(windowSeconds, limit, this.#mostBytes / (this.#entries.size + 1));
    const entry = { settings, counter, limited: new Map<string, string>(), lastUsed: now };
    this.#entries.set(settings.rulePath, entry);
    return entry;
  }

  #dropUnlimited(entry: Entry, now: number): void {
    for (const key of entry.limited.keys()) {
      if (entry.counter.rate(hashKey(key, this.#seed), now) <= entry.settings.limit) entry.limited.delete(key);
    }
  }
}
