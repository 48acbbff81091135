/**
 * Expressions that are tried only where they may match: one pass over a text looks for the literals of all of them at
 * once, and most texts hold none. What a shape finds is what its expression finds.
 */
import { type BitPlace, LiteralSearcher, placeOf } from '../../literals/searcher.ts';
import { forget, type Known, known } from '../traits.ts';
import { alternativesOf, together } from './required.ts';

const marks = new Map<string, number[]>();
let count = 0;
let searcher: LiteralSearcher | undefined;

/** Whether any of some literals is in a text, without regard to the case of A to Z. */
export class Gate {
  /** Its number. */
  readonly mark: number;
  readonly #place: BitPlace;

  /** Made when a module is loaded. */
  constructor(literals: Iterable<string>) {
    const mark = count++;
    this.mark = mark;
    this.#place = placeOf(mark);
    searcher = undefined;
    forget();
    for (const literal of new Set(literals)) {
      const key = literal.toLowerCase();
      marks.set(key, [...(marks.get(key) ?? []), mark]);
    }
  }

  isOpen(text: string): boolean {
    return (gatesOf(known(text))[this.#place.word]! & this.#place.mask) !== 0;
  }
}

export class Shape {
  readonly regex: RegExp;
  /** Undefined where the expression, or one of its alternatives, is always tried. */
  readonly mark: number | undefined;
  readonly #gate: Gate | undefined;
  /** The alternatives without literals, which may match any text; undefined where there are none. */
  readonly #ungated: RegExp | undefined;

  constructor(regex: RegExp) {
    this.regex = regex;
    const alternatives = alternativesOf(regex) ?? [];
    const gated = together(alternatives.filter(({ literals }) => literals !== undefined)) ?? [];
    const ungated = alternatives.filter(({ literals }) => literals === undefined);
    // Numbers of groups would change if an expression with references were taken apart.
    const isWhole = ungated.length === 0 || !/\\[1-9]|\(\?</.test(regex.source);
    if (gated.length === 0 || !isWhole) return;
    this.#gate = new Gate(gated);
    if (ungated.length === 0) this.mark = this.#gate.mark;
    else this.#ungated = new RegExp(ungated.map(({ source }) => source).join('|'), regex.flags);
  }

  test(text: string): boolean {
    return this.#toTry(text)?.test(text) ?? false;
  }

  search(text: string): number {
    const regex = this.#toTry(text);
    return regex === undefined ? -1 : text.search(regex);
  }

  #toTry(text: string): RegExp | undefined {
    return this.#gate === undefined || this.#gate.isOpen(text) ? this.regex : this.#ungated;
  }
}

/** All that were made, to be tested. */
export const shapes: Shape[] = [];

/** Made once an expression, when a module is loaded; no `g` and no `y`, which remember where they were. */
export function shape(regex: RegExp): Shape {
  const made = new Shape(regex);
  shapes.push(made);
  return made;
}

/** Bits of the gates that are open for a text. */
export function gatesOf(about: Known): readonly number[] {
  if (about.gates === undefined) {
    searcher ??= new LiteralSearcher([...marks.keys()], [...marks.values()], count);
    about.gates = searcher.bitsIn(about.text);
  }
  return about.gates;
}
