/** How much each source gets in a second, of whatever is counted: a bucket for each, within bounds. */

/** Sources that are remembered; who was quiet longest is forgotten first. */
const most = 50_000;

interface Bucket {
  left: number;
  /** Milliseconds. */
  at: number;
}

export class SourceRates {
  readonly #buckets = new Map<string, Bucket>();

  /** @param now milliseconds @returns whether the source had as much left */
  take(source: string, amount: number, perSecond: number, now: number): boolean {
    const bucket = this.#buckets.get(source) ?? { left: perSecond, at: now };
    bucket.left = Math.min(perSecond, bucket.left + (Math.max(0, now - bucket.at) / 1000) * perSecond);
    bucket.at = now;
    this.#buckets.delete(source);
    this.#buckets.set(source, bucket);
    if (this.#buckets.size > most) this.#buckets.delete(this.#buckets.keys().next().value as string);
    if (bucket.left < amount) return false;
    bucket.left -= amount;
    return true;
  }
}
