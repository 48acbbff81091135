/** A site with people on it: they open pages that bring twenty to thirty requests at once, more of them by day. */
import type { RequestTraits, TrafficWindow } from './index.ts';

export type Random = () => number;

/** A small generator whose runs repeat. */
export function randomOf(seed: number): Random {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

export const pick = <T>(random: Random, all: readonly T[]): T => all[Math.floor(random() * all.length)] as T;

/** How often something happens that happens `mean` times on average (Knuth). */
function poisson(random: Random, mean: number): number {
  // Of many, the sum of some is as good.
  if (mean > 30) return poisson(random, mean / 2) + poisson(random, mean / 2);
  const least = Math.exp(-mean);
  let [count, left] = [0, random()];
  while (left > least) {
    count += 1;
    left *= random();
  }
  return count;
}

/** One of so many, the first ones most often. */
function zipf(count: number): (random: Random) => number {
  const sums: number[] = [];
  for (let at = 1; at <= count; at += 1) sums.push((sums.at(-1) ?? 0) + 1 / at);
  return (random) => {
    const looked = random() * (sums.at(-1) as number);
    return sums.findIndex((sum) => sum >= looked);
  };
}

const agents = zipf(40);
const pages = zipf(300);

export const agentOf = (at: number): string => `Mozilla/5.0 agent ${at}`;
export const pageOf = (at: number): string => `/page/${at}`;

/** Somebody with an address and an agent of their own. */
export function person(random: Random): () => RequestTraits {
  const source = `198.51.${Math.floor(random() * 20)}.${Math.floor(random() * 250)}`;
  const country = pick(random, ['US', 'US', 'US', 'CA', 'GB', 'DE']);
  // Some call themselves as nobody else does.
  const userAgent = random() < 0.02 ? `unique ${random()}` : agentOf(agents(random));
  return () => ({
    source,
    country,
    userAgent,
    method: random() < 0.1 ? 'POST' : 'GET',
    path: pageOf(pages(random)),
    queryKeys: random() < 0.2 ? 'q' : '',
  });
}

export interface Site {
  /** Single requests a second. */
  readonly rate: number;
  /** Page loads a second. */
  readonly loads: number;
}

/**
 * What people ask for in a window.
 * @param times of what is usual
 */
export function visits({ rate, loads }: Site, seconds: number, random: Random, times = 1): RequestTraits[] {
  const single = poisson(random, rate * seconds * times);
  const sample = Array.from({ length: single }, () => person(random)());
  for (let left = poisson(random, loads * seconds * times); left > 0; left -= 1) {
    const one = person(random);
    for (let count = 20 + Math.floor(random() * 11); count > 0; count -= 1) sample.push(one());
  }
  return sample;
}

export const windowOf = (start: number, seconds: number, sample: readonly RequestTraits[]): TrafficWindow => ({
  start,
  seconds,
  requests: sample.length,
  sample,
});
