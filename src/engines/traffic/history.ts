/**
 * What is usual for a resource: how many requests come at which hour, and how they are made up. It is learned from windows
 * in which nothing was wrong, and holds a bounded amount whatever comes.
 */
import { type Attribute, attributes, type RequestTraits, type TrafficWindow, textOf } from './traits.ts';

export interface Settings {
  /** Quiet time that must have been seen before anything is judged. */
  readonly baselineSeconds: number;
  /** Requests a second below which nothing is ever an attack. */
  readonly floor: number;
}

/** AWS Shield learns for 24 hours to 30 days (Shield Advanced, "Application layer detection"). */
export const defaultSettings: Settings = { baselineSeconds: 24 * 60 * 60, floor: 10 };

const MOST_VALUES = 300;
const MOST_KEPT = 2_000;
/** Old windows count half after so many seconds of newer ones. */
const HALF_LIFE_SECONDS = 7 * 24 * 60 * 60;

/** Of the day, by UTC. */
const hourOf = (at: number): number => Math.floor(at / 3_600_000) % 24;

interface Level {
  /** Requests a second. */
  mean: number;
  variance: number;
  weight: number;
}

export class History {
  readonly #levels: Level[] = Array.from({ length: 24 }, () => ({ mean: 0, variance: 0, weight: 0 }));
  readonly #overall: Level = { mean: 0, variance: 0, weight: 0 };
  readonly #shares = new Map<Attribute, Map<string, number>>(attributes.map((one) => [one, new Map()]));
  #total = 0;
  readonly #kept: RequestTraits[] = [];
  #seen = 0;
  /** Highest rates of single sources that were usual, requests a second. */
  #sourceRate = 0;
  seconds = 0;

  /** @param random from 0 to 1, exclusive: chooses what is kept */
  learn(window: TrafficWindow, random: () => number): void {
    const rate = window.requests / window.seconds;
    const hour = hourOf(window.start);
    for (const level of [this.#overall, this.#levels[hour] as Level]) learnLevel(level, rate, window.seconds);
    this.seconds += window.seconds;
    const fade = 0.5 ** (window.seconds / HALF_LIFE_SECONDS);
    this.#total *= fade;
    for (const counts of this.#shares.values()) for (const [value, count] of counts) counts.set(value, count * fade);
    const weight = window.sample.length === 0 ? 0 : window.requests / window.sample.length;
    const sources = new Map<string, number>();
    for (const traits of window.sample) {
      this.#total += weight;
      for (const attribute of attributes) this.#count(attribute, textOf(traits, attribute), weight);
      sources.set(traits.source, (sources.get(traits.source) ?? 0) + weight);
      this.#keep(traits, random);
    }
    const highest = Math.max(0, ...sources.values()) / window.seconds;
    this.#sourceRate = Math.max(highest, this.#sourceRate * fade);
  }

  isReady({ baselineSeconds }: Settings): boolean {
    return this.seconds >= baselineSeconds;
  }

  /** Requests a second above which a window at this time is more than usual. */
  limit(at: number, { floor }: Settings): number {
    const level = this.#levels[hourOf(at)] as Level;
    const { mean, variance } = level.weight >= 3_600 ? level : this.#overall;
    return Math.max(floor, 2 * mean, mean + 6 * Math.sqrt(variance));
  }

  get rate(): number {
    return this.#overall.mean;
  }

  get sourceRate(): number {
    return this.#sourceRate;
  }

  /** Usual share of a value, 0 to 1. */
  share(attribute: Attribute, value: string): number {
    return this.#total === 0 ? 0 : (this.#shares.get(attribute)?.get(value) ?? 0) / this.#total;
  }

  /** Usual values of an attribute with their shares. */
  shares(attribute: Attribute): ReadonlyMap<string, number> {
    const counts = this.#shares.get(attribute) ?? new Map<string, number>();
    return new Map([...counts].map(([value, count]) => [value, this.#total === 0 ? 0 : count / this.#total]));
  }

  /** Requests of the past, on which signatures are tried. */
  get kept(): readonly RequestTraits[] {
    return this.#kept;
  }

  #count(attribute: Attribute, value: string, weight: number): void {
    const counts = this.#shares.get(attribute) as Map<string, number>;
    counts.set(value, (counts.get(value) ?? 0) + weight);
    if (counts.size <= MOST_VALUES) return;
    let [least, count] = [value, Number.POSITIVE_INFINITY];
    for (const [one, held] of counts) if (held < count) [least, count] = [one, held];
    counts.delete(least);
  }

  /** Every request of the past is kept with the same chance. */
  #keep(traits: RequestTraits, random: () => number): void {
    this.#seen += 1;
    if (this.#kept.length < MOST_KEPT) this.#kept.push(traits);
    else {
      const at = Math.floor(random() * this.#seen);
      if (at < MOST_KEPT) this.#kept[at] = traits;
    }
  }
}

function learnLevel(level: Level, rate: number, seconds: number): void {
  level.weight = Math.min(level.weight + seconds, HALF_LIFE_SECONDS);
  const part = seconds / level.weight;
  const off = rate - level.mean;
  level.mean += part * off;
  level.variance += part * (off * off - level.variance);
}
