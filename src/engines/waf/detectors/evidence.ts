/** Makes the evidence that detectors answer: a reason, and what matched, cut to what a log can show. */
import type { AttackFamily, Evidence } from './detector.ts';

const shownCharacters = 200;

export function evidence(family: AttackFamily, reason: string, matched: string, confidence = 0.9): Evidence {
  return { family, reason, matched: matched.slice(0, shownCharacters), confidence };
}

/** The part of a text around a place: a few characters before, more after. */
export function around(text: string, index: number, length = 120): string {
  return text.slice(Math.max(0, index - 20), index + length);
}
