/**
 * What is usual for windows of one length: how many requests come, at which hour, and how far their make-up is from that of
 * the past. Short windows show a flood soon where much comes; where little comes, one person's page is a large part of
 * them, and only long ones tell.
 */
import { divergence, LEAST_SAMPLE, type Shares, shares } from './composition.ts';
import { type Level, learnLevel, newLevel } from './level.ts';
import { Noise } from './noise.ts';
import { type Attribute, attributes, type TrafficWindow } from './traits.ts';

export interface Shift {
  readonly attribute: Attribute;
  /** 0: the same, 1: nothing in common. */
  readonly divergence: number;
}

/** Standard deviations above the mean up to which a rate is usual. */
const DEVIATIONS = 6;

/** Of the day, by UTC. */
const hourOf = (at: number): number => Math.floor(at / 3_600_000) % 24;

type SharesOf = (attribute: Attribute) => Shares;

export class Scale {
  /** Requests a second: by hour, and at all. */
  readonly #levels: Level[] = Array.from({ length: 24 }, newLevel);
  readonly #overall: Level = newLevel();
  readonly #noise = new Noise();

  /** @param usual shares of the values before this window; undefined where there was nothing */
  learn(window: TrafficWindow, usual: SharesOf | undefined): void {
    const rate = window.requests / window.seconds;
    const level = this.#levels[hourOf(window.start)] as Level;
    for (const one of [this.#overall, level]) learnLevel(one, rate, window.seconds);
    this.#noise.learn(window, usual);
  }

  /** Requests a second that are usual at this time. */
  rate(at: number): number {
    return this.#levelAt(at).mean;
  }

  /** Whether more came in these windows, taken together, than is usual. */
  isMore(windows: readonly TrafficWindow[], floor: number): boolean {
    const { mean, variance } = this.#levelAt(windows[0]?.start ?? 0);
    const requests = windows.reduce((sum, one) => sum + one.requests, 0);
    const seconds = windows.reduce((sum, one) => sum + one.seconds, 0);
    return requests / seconds > Math.max(floor, 2 * mean, mean + DEVIATIONS * Math.sqrt(variance));
  }

  /** Attributes that are further from the usual than usual windows are; the largest shift first. */
  shifts({ sample }: TrafficWindow, usual: SharesOf): readonly Shift[] {
    if (sample.length < LEAST_SAMPLE || !this.#noise.isKnown) return [];
    return attributes
      .map((attribute) => ({ attribute, divergence: divergence(shares(sample, attribute), usual(attribute)) }))
      .filter((shift) => shift.divergence >= this.#noise.limit(shift.attribute))
      .sort((a, b) => b.divergence - a.divergence);
  }

  #levelAt(at: number): Level {
    const level = this.#levels[hourOf(at)] as Level;
    return level.weight >= 3_600 ? level : this.#overall;
  }
}
