/** How far the make-up of requests is from what is usual: the Jensen-Shannon divergence of each attribute. */
import type { History } from './history.ts';
import { type Attribute, attributes, type TrafficWindow, textOf } from './traits.ts';

export interface Shift {
  readonly attribute: Attribute;
  /** 0: the same, 1: nothing in common. */
  readonly divergence: number;
}

/** Fewer requests than this say nothing of how requests are made up. */
const LEAST_SAMPLE = 20;
/** An attribute with so many different values is no attribute of a crowd. */
const MOST_VALUES = 200;

export function shares(window: TrafficWindow, attribute: Attribute): Map<string, number> {
  const found = new Map<string, number>();
  for (const traits of window.sample) {
    const value = textOf(traits, attribute);
    found.set(value, (found.get(value) ?? 0) + 1 / window.sample.length);
  }
  return found;
}

/** Largest shift first. */
export function shifts(history: History, window: TrafficWindow): readonly Shift[] {
  if (window.sample.length < LEAST_SAMPLE) return [];
  return attributes
    .map((attribute) => {
      const now = shares(window, attribute);
      const divergence = now.size > MOST_VALUES ? 0 : jensenShannon(now, history.shares(attribute));
      return { attribute, divergence };
    })
    .sort((a, b) => b.divergence - a.divergence);
}

function jensenShannon(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const value of new Set([...a.keys(), ...b.keys()])) {
    const [p, q] = [a.get(value) ?? 0, b.get(value) ?? 0];
    const middle = (p + q) / 2;
    if (p > 0) sum += (p * Math.log2(p / middle)) / 2;
    if (q > 0) sum += (q * Math.log2(q / middle)) / 2;
  }
  return sum;
}
