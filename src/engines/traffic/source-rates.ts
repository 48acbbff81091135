/** How much one source usually asks for within a minute: what a limit on sources must let pass. */
import type { TrafficWindow } from './traits.ts';

const STRETCH_SECONDS = 60;
/** Sources that are counted at once. */
const MOST_SOURCES = 10_000;

export class SourceRates {
  #counts = new Map<string, number>();
  #seconds = 0;
  #highest = 0;

  /** @param fade what is left of the past, 0 to 1 */
  learn({ sample, requests, seconds }: TrafficWindow, fade: number): void {
    this.#seconds += seconds;
    this.#highest *= fade;
    for (const { source } of sample) {
      const known = this.#counts.get(source);
      if (known === undefined && this.#counts.size >= MOST_SOURCES) continue;
      this.#counts.set(source, (known ?? 0) + requests / sample.length);
    }
    if (this.#seconds < STRETCH_SECONDS) return;
    this.#highest = Math.max(this.#highest, this.#now);
    this.#counts = new Map();
    this.#seconds = 0;
  }

  /** Requests a second. */
  get highest(): number {
    return this.#highest > 0 ? this.#highest : this.#now;
  }

  get #now(): number {
    let most = 0;
    for (const count of this.#counts.values()) most = Math.max(most, count);
    return this.#seconds === 0 ? 0 : most / this.#seconds;
  }
}
