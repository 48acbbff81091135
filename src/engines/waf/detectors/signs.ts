/** Lists of tell-tale shapes: each with the kinds of characters without which it cannot match, so that most are never tried. */

import { placeOf } from '../literals/searcher.ts';
import type { AttackFamily, Evidence } from './detector.ts';
import { around, evidence } from './evidence.ts';
import { gatesOf, type Shape, shape } from './shapes/shape.ts';
import { known } from './traits.ts';

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

/** Numbers of a sign in a row: `needs`, `oneOf`, and where the bit of its gate stands; 0 for the mask where it has none. */
const width = 4;
const tables = new WeakMap<readonly Sign[], Int32Array>();

/** All that is read of signs which a text cannot show: of thirty, most texts may show two. */
function tableOf(signs: readonly Sign[]): Int32Array {
  const ready = tables.get(signs);
  if (ready) return ready;
  const rows = signs.flatMap(({ needs, oneOf, shape: { mark } }) => {
    const place = mark === undefined ? { word: 0, mask: 0 } : placeOf(mark);
    return [needs, oneOf, place.word, place.mask];
  });
  const made = Int32Array.from(rows);
  tables.set(signs, made);
  return made;
}

/** Evidence for the first sign that a text shows. */
export function findSign(
  family: AttackFamily,
  text: string,
  traits: number,
  signs: readonly Sign[],
  confidence: number,
): Evidence | undefined {
  const table = tableOf(signs);
  const gates = gatesOf(known(text));
  for (let at = 0, row = 0; at < signs.length; at++, row += width) {
    const needs = table[row]!;
    const oneOf = table[row + 1]!;
    if ((traits & needs) !== needs || (oneOf !== 0 && (traits & oneOf) === 0)) continue;
    const mask = table[row + 3]!;
    if (mask !== 0 && (gates[table[row + 2]!]! & mask) === 0) continue;
    const { reason, shape } = signs[at]!;
    const index = shape.search(text);
    if (index >= 0) return evidence(family, reason, around(text, index), confidence);
  }
  return undefined;
}
