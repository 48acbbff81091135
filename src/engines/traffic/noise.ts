/**
 * How far usual requests are from what is usual. A handful of requests is never made up as thousands are, and one person
 * who opens a page sends thirty at once: an attribute has shifted when it is further away than that.
 */
import { divergence, LEAST_SAMPLE, type Shares, shares } from './composition.ts';
import { type Level, learnLevel, newLevel } from './level.ts';
import { type Attribute, attributes, type RequestTraits, type TrafficWindow } from './traits.ts';

/** How different requests must be made up, however quiet an attribute is. */
const LEAST_DIVERGENCE = 0.15;
/** However noisy it is: four of five requests with a value that nobody had before are further away than this. */
const MOST_DIVERGENCE = 0.6;
/** Standard deviations above the mean that are still usual. */
const DEVIATIONS = 4;
/** Times that usual requests must have been compared with those before them. */
const LEAST_COMPARED = 3;

export class Noise {
  readonly #levels = new Map<Attribute, Level>(attributes.map((one) => [one, newLevel()]));
  /** Of windows that have too few requests each to be compared. */
  #waiting: RequestTraits[] = [];
  #seconds = 0;
  #compared = 0;

  /** @param usual shares of the values before this window; undefined where there was nothing */
  learn({ sample, seconds }: TrafficWindow, usual: ((attribute: Attribute) => Shares) | undefined): void {
    this.#waiting.push(...sample);
    this.#seconds += seconds;
    if (this.#waiting.length < LEAST_SAMPLE) return;
    if (usual) {
      this.#compared += 1;
      for (const [attribute, level] of this.#levels)
        learnLevel(level, divergence(shares(this.#waiting, attribute), usual(attribute)), this.#seconds);
    }
    this.#waiting = [];
    this.#seconds = 0;
  }

  get isKnown(): boolean {
    return this.#compared >= LEAST_COMPARED;
  }

  /** A divergence of this, or more, is not usual. */
  limit(attribute: Attribute): number {
    const { mean, variance } = this.#levels.get(attribute) as Level;
    return Math.min(MOST_DIVERGENCE, Math.max(LEAST_DIVERGENCE, mean + DEVIATIONS * Math.sqrt(variance)));
  }
}
