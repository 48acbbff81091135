/**
 * What wakes a detector. Most detectors have nothing to say of most texts, and what an ordinary text lacks tells which:
 * each declares the characters and literals without which it finds nothing, and is called only where they are.
 */

import { markAt } from '../literals/searcher.ts';
import type { Detector, Evidence } from './detector.ts';
import { type Gate, gatesOf, type Shape } from './shapes/shape.ts';
import type { Sign } from './signs.ts';
import type { Known } from './traits.ts';

/** All that it names has to hold of a text. */
export interface Cue {
  /** Traits that it has all of. */
  readonly all?: number;
  /** Traits that it has one of. */
  readonly any?: number;
  /** Traits of which it has none. */
  readonly none?: number;
  /** Whose literals it has one of. */
  readonly gate?: Gate | Shape;
}

/** Numbers of a cue in a row: the detector's bit, `all`, `any`, `none`. */
const width = 4;
/** As many as a number has bits that V8 keeps without an object around it. */
const mostBits = 29;

/** That of all detectors which declare nothing. */
const always = 1;
let bits = 1;
/** Rows of the cues without a gate. */
const ungated: number[] = [];
/** Of the others, for each gate by its number: of most texts, few gates are open. */
const gated: number[][] = [];

/**
 * A detector that is called for texts with one of the cues only. It must find nothing in any other: the cues may promise too
 * much, never too little.
 */
export function wakenedBy(cues: readonly Cue[], look: (text: string) => Evidence | undefined): Detector {
  if (bits > mostBits) throw new Error('more detectors with cues than there are bits');
  const bit = 1 << bits++;
  for (const { all = 0, any = 0, none = 0, gate } of cues) {
    // A shape that is always tried has no gate: what else the cue says is all that is known.
    rowsOf(gate?.mark).push(bit, all, any, none);
  }
  return Object.assign(look, { bit });
}

function rowsOf(mark: number | undefined): number[] {
  if (mark === undefined) return ungated;
  gated[mark] ??= [];
  return gated[mark];
}

/** What a list of signs needs. */
export function cuesOf(signs: readonly Sign[]): Cue[] {
  return signs.map(({ needs, oneOf, shape }) => ({ all: needs, any: oneOf, gate: shape }));
}

export function bitOf(detector: Detector): number {
  return detector.bit ?? always;
}

/** Of several detectors together. */
export function maskOf(detectors: readonly Detector[]): number {
  return detectors.reduce((mask, detector) => mask | bitOf(detector), 0);
}

/** The bits of the detectors that a text concerns. */
export function awake(about: Known): number {
  if (about.awake < 0) about.awake = roll(about.traits, gatesOf(about));
  return about.awake;
}

function roll(traits: number, gates: readonly number[]): number {
  let found = wake(ungated, traits, always);
  for (let word = 0; word < gates.length; word++) {
    for (let open = gates[word]!; open !== 0; open &= open - 1) {
      const rows = gated[markAt(word, open & -open)];
      if (rows !== undefined) found = wake(rows, traits, found);
    }
  }
  return found;
}

function wake(rows: readonly number[], traits: number, before: number): number {
  let found = before;
  for (let at = 0; at < rows.length; at += width) {
    const all = rows[at + 1]!;
    const any = rows[at + 2]!;
    if ((traits & all) === all && (any === 0 || (traits & any) !== 0) && (traits & rows[at + 3]!) === 0)
      found |= rows[at]!;
  }
  return found;
}
