/**
 * What is usual for a resource: how many requests come at which hour, and how they are made up. It is learned from windows
 * in which nothing was wrong, and holds a bounded amount whatever comes.
 */
import type { Shares } from './composition.ts';
import { joined } from './joining.ts';
import { HALF_LIFE_SECONDS } from './level.ts';
import { Scale } from './scale.ts';
import { SourceRates } from './source-rates.ts';
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

/** Windows that are looked at together, too. */
export const TOGETHER = 5;

export class History {
  /** Of single windows. */
  readonly short = new Scale();
  /** Of so many as are looked at together. */
  readonly long = new Scale();
  #together: TrafficWindow[] = [];
  readonly #shares = new Map<Attribute, Map<string, number>>(attributes.map((one) => [one, new Map()]));
  #total = 0;
  readonly #kept: RequestTraits[] = [];
  #seen = 0;
  readonly #sources = new SourceRates();
  seconds = 0;

  /** @param random from 0 to 1, exclusive: chooses what is kept */
  learn(window: TrafficWindow, random: () => number): void {
    this.#learnScales(window, random);
    this.seconds += window.seconds;
    const fade = 0.5 ** (window.seconds / HALF_LIFE_SECONDS);
    this.#total *= fade;
    for (const counts of this.#shares.values()) for (const [value, count] of counts) counts.set(value, count * fade);
    const weight = window.sample.length === 0 ? 0 : window.requests / window.sample.length;
    for (const traits of window.sample) {
      this.#total += weight;
      for (const attribute of attributes) this.#count(attribute, textOf(traits, attribute), weight);
      this.#keep(traits, random);
    }
    this.#sources.learn(window, fade);
  }

  isReady({ baselineSeconds }: Settings): boolean {
    return this.seconds >= baselineSeconds;
  }

  /** Highest rate of a single source that was usual, requests a second. */
  get sourceRate(): number {
    return this.#sources.highest;
  }

  /** Usual share of a value, 0 to 1. */
  share(attribute: Attribute, value: string): number {
    return this.#total === 0 ? 0 : (this.#shares.get(attribute)?.get(value) ?? 0) / this.#total;
  }

  /** Usual values of an attribute with their shares. */
  shares(attribute: Attribute): Shares {
    const counts = this.#shares.get(attribute) ?? new Map<string, number>();
    return new Map([...counts].map(([value, count]) => [value, this.#total === 0 ? 0 : count / this.#total]));
  }

  /** Requests of the past, on which signatures are tried. */
  get kept(): readonly RequestTraits[] {
    return this.#kept;
  }

  #learnScales(window: TrafficWindow, random: () => number): void {
    const usual = this.#total === 0 ? undefined : (attribute: Attribute) => this.shares(attribute);
    this.short.learn(window, usual);
    this.#together.push(window);
    if (this.#together.length < TOGETHER) return;
    this.long.learn(joined(this.#together, random), usual);
    this.#together = [];
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
