/** How requests are made up, and how far one make-up is from another: the Jensen-Shannon divergence of an attribute. */
import { type Attribute, type RequestTraits, textOf } from './traits.ts';

export type Shares = ReadonlyMap<string, number>;

/** Fewer requests than this say nothing of how requests are made up. */
export const LEAST_SAMPLE = 20;
/** Values that are rarer than this on both sides count as one: a long tail of them differs from itself at every look. */
const RARE = 0.05;
/** Those that hardly anybody had before count as another one: who attacks may call themselves something else each time. */
export const UNKNOWN = 0.001;

export function shares(sample: readonly RequestTraits[], attribute: Attribute): Map<string, number> {
  const found = new Map<string, number>();
  for (const traits of sample) {
    const value = textOf(traits, attribute);
    found.set(value, (found.get(value) ?? 0) + 1 / sample.length);
  }
  return found;
}

/** 0: the same as usual, 1: nothing in common. */
export function divergence(now: Shares, usual: Shares): number {
  const rare = { now: 0, usual: 0 };
  // What the history does not hold by name was usual, too.
  const unknown = { now: 0, usual: 1 };
  let sum = 0;
  for (const [value, q] of usual) {
    const p = now.get(value) ?? 0;
    if (Math.max(p, q) > RARE) sum += apart(p, q);
    else if (q >= UNKNOWN) rare.usual += q;
    if (Math.max(p, q) > RARE || q >= UNKNOWN) unknown.usual -= q;
  }
  for (const [value, p] of now) {
    const q = usual.get(value) ?? 0;
    if (Math.max(p, q) <= RARE) (q >= UNKNOWN ? rare : unknown).now += p;
    else if (!usual.has(value)) sum += apart(p, 0);
  }
  return sum + apart(rare.now, rare.usual) + apart(unknown.now, Math.max(0, unknown.usual));
}

/** What one value, or all rare ones, add to the Jensen-Shannon divergence. */
function apart(p: number, q: number): number {
  const middle = (p + q) / 2;
  return (p > 0 ? (p * Math.log2(p / middle)) / 2 : 0) + (q > 0 ? (q * Math.log2(q / middle)) / 2 : 0);
}
