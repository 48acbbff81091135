/** Mean and variance of something that is measured again and again; what is old fades. */

export interface Level {
  mean: number;
  variance: number;
  /** Seconds that it was learned from. */
  weight: number;
}

/** Old windows count half after so many seconds of newer ones. */
export const HALF_LIFE_SECONDS = 7 * 24 * 60 * 60;

export const newLevel = (): Level => ({ mean: 0, variance: 0, weight: 0 });

export function learnLevel(level: Level, value: number, seconds: number): void {
  level.weight = Math.min(level.weight + seconds, HALF_LIFE_SECONDS);
  const part = seconds / level.weight;
  const off = value - level.mean;
  level.mean += part * off;
  level.variance += part * (off * off - level.variance);
}
