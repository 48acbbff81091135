/** Windows as one: what does not show in two seconds may show in ten. */
import type { TrafficWindow } from './traits.ts';

/** Requests in the sample of windows that are joined: more of them do not say more, and cost time at each look. */
const MOST_JOINED = 4_000;

/**
 * Each request has the same chance to be in the sample, also where one window was sampled more thinly than another.
 * @param random from 0 to 1, exclusive
 */
export function joined(windows: readonly TrafficWindow[], random: () => number): TrafficWindow {
  const full = windows.filter(({ requests }) => requests > 0);
  const requests = full.reduce((sum, one) => sum + one.requests, 0);
  const parts = full.map((one) => one.sample.length / one.requests);
  const part = Math.min(MOST_JOINED / requests, ...parts);
  return {
    start: windows[0]?.start ?? 0,
    seconds: windows.reduce((sum, one) => sum + one.seconds, 0),
    requests,
    sample: full.flatMap((one) => some(one.sample, Math.round(part * one.requests), random)),
  };
}

/** One of each stretch, so that what comes by turns is not missed. */
function some<T>(all: readonly T[], count: number, random: () => number): readonly T[] {
  if (count >= all.length) return all;
  const each = all.length / count;
  return Array.from({ length: count }, (_, at) => all[Math.floor((at + random()) * each)] as T);
}
