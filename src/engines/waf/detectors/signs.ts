/** Lists of tell-tale shapes: each with the kinds of characters without which it cannot match, so that most are never tried. */
import type { AttackFamily, Evidence } from './detector.ts';
import { around, evidence } from './evidence.ts';
import { type Shape, shape } from './shapes/shape.ts';

export interface Sign {
  readonly reason: string;
  /** All of these traits are needed. */
  readonly needs: number;
  /** And one of these, where there are any. */
  readonly oneOf: number;
  readonly shape: Shape;
}

export function sign(reason: string, needs: number, regex: RegExp, oneOf = 0): Sign {
  return { reason, needs, oneOf, shape: shape(regex) };
}

/** Evidence for the first sign that a text shows. */
export function findSign(
  family: AttackFamily,
  text: string,
  traits: number,
  signs: readonly Sign[],
  confidence: number,
): Evidence | undefined {
  for (const { reason, needs, oneOf, shape } of signs) {
    if ((traits & needs) !== needs || (oneOf !== 0 && (traits & oneOf) === 0)) continue;
    const index = shape.search(text);
    if (index >= 0) return evidence(family, reason, around(text, index), confidence);
  }
  return undefined;
}
