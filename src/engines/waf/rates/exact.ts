/** Counts to the request: the times of a key's last requests, one more than the limit. For tests, and for small limits. */
import type { CountDelta, KeyHash, RateCounter } from './counter.ts';

/** Limits above this are counted in slices: the times of so many requests are not kept. */
export const highestExactLimit = 5_000;
const mostTimes = 2_000_000;

interface Times {
  /** A ring; 0 where it was never filled. */
  readonly at: Float64Array;
  next: number;
  unsent: number;
}

export class ExactCounter implements RateCounter {
  readonly #windowMs: number;
  readonly #kept: number;
  readonly #mostKeys: number;
  readonly #times = new Map<string, Times>();

  constructor(windowSeconds: number, limit: number) {
    this.#windowMs = windowSeconds * 1_000;
    this.#kept = limit + 1;
    this.#mostKeys = Math.max(100, Math.floor(mostTimes / this.#kept));
  }

  hit(key: KeyHash, now: number): number {
    const times = this.#timesOf(key);
    times.unsent += 1;
    this.#note(times, now);
    return this.#within(times, now);
  }

  rate(key: KeyHash, now: number): number {
    const times = this.#times.get(nameOf(key));
    return times ? this.#within(times, now) : 0;
  }

  takeDelta(): CountDelta {
    const delta: number[] = [];
    for (const [name, times] of this.#times) {
      if (times.unsent === 0) continue;
      const [low, high] = name.split(' ');
      delta.push(Number(low), Number(high), times.unsent);
      times.unsent = 0;
    }
    return delta;
  }

  merge(delta: CountDelta, now: number): void {
    for (let at = 0; at + 2 < delta.length; at += 3) {
      const times = this.#timesOf({ low: delta[at]!, high: delta[at + 1]! });
      for (let count = Math.min(delta[at + 2]!, this.#kept); count > 0; count--) this.#note(times, now);
    }
  }

  #note(times: Times, now: number): void {
    times.at[times.next] = now;
    times.next = (times.next + 1) % this.#kept;
  }

  #within(times: Times, now: number): number {
    let count = 0;
    for (const at of times.at) if (at > now - this.#windowMs && at !== 0) count++;
    return count;
  }

  #timesOf(key: KeyHash): Times {
    const name = nameOf(key);
    let times = this.#times.get(name);
    if (times) {
      // The keys that are used stay at the end.
      this.#times.delete(name);
    } else {
      if (this.#times.size >= this.#mostKeys) this.#times.delete(this.#times.keys().next().value!);
      times = { at: new Float64Array(this.#kept), next: 0, unsent: 0 };
    }
    this.#times.set(name, times);
    return times;
  }
}

const nameOf = (key: KeyHash): string => `${key.low} ${key.high}`;
