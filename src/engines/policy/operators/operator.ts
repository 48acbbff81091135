/** What an operator is: how the values of a policy become a test of one value of the request. */
import type { PolicyVersion } from '../document.ts';
import type { Context } from '../types.ts';

/** No value of the policy matched. */
export const MISSED = 0;
export const MATCHED = 1;
/** The value of the request (or of the policy) is not of the operator's type; see docs/decisions/0010. */
export const MALFORMED = 2;
/** No match, and a variable in the policy could not be filled in. */
export const UNRESOLVED = 3;

export type Outcome = typeof MISSED | typeof MATCHED | typeof MALFORMED | typeof UNRESOLVED;

/** Compares one value of the request with all values of the policy, of which one suffices. */
export type Test = (value: string, context: Context) => Outcome;

export interface Operator {
  /** `StringNotEquals` and its like: the outcome of `compile` is turned around. */
  readonly negated: boolean;
  /** The positive test. */
  compile(values: readonly string[], version: PolicyVersion): Test;
}

/** A pair of operators, of which the second is the first turned around. */
export function pair(compile: Operator['compile']): { readonly plain: Operator; readonly negated: Operator } {
  return { plain: { negated: false, compile }, negated: { negated: true, compile } };
}

/** For types whose values are parsed: any of the policy's values that compares well matches. */
export function typed<T>(parse: (text: string) => T | undefined, holds: (actual: T, wanted: T) => boolean) {
  return (values: readonly string[]): Test => {
    const parsed = values.map(parse);
    const wanted = parsed.filter((value) => value !== undefined);
    const miss = wanted.length < parsed.length ? MALFORMED : MISSED;
    return (value) => {
      const actual = parse(value);
      if (actual === undefined) return MALFORMED;
      for (const one of wanted) if (holds(actual, one)) return MATCHED;
      return miss;
    };
  };
}
