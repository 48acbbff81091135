/** What counts the requests of a rate-based rule, per aggregation instance. */

/** 64 bits of a key's hash. */
export interface KeyHash {
  readonly low: number;
  readonly high: number;
}

/** Requests counted here since the last time, for the counters of other nodes: low, high, count, and again. */
export type CountDelta = readonly number[];

export interface RateCounter {
  /** Counts a request; answers the rate in the window that ends now, this request included. */
  hit(key: KeyHash, now: number): number;
  rate(key: KeyHash, now: number): number;
  takeDelta(): CountDelta;
  merge(delta: CountDelta, now: number): void;
}

/** Two independent 32-bit hashes. The seed keeps outsiders from choosing keys that collide. */
export function hashKey(text: string, seed: number): KeyHash {
  let first = 0xdeadbeef ^ seed;
  let second = 0x41c6ce57 ^ Math.imul(seed, 0x9e3779b1);
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    first = Math.imul(first ^ code, 0x9e3779b1);
    second = Math.imul(second ^ code, 0x5f356495);
    first ^= first >>> 15;
    second ^= second >>> 13;
  }
  first = Math.imul(first ^ (first >>> 16), 0x85ebca6b) ^ Math.imul(second ^ (second >>> 13), 0xc2b2ae35);
  second = Math.imul(second ^ (second >>> 16), 0x85ebca6b) ^ Math.imul(first ^ (first >>> 13), 0xc2b2ae35);
  return { low: first >>> 0, high: second >>> 0 };
}
