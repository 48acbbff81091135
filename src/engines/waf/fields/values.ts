/** What a field of a request comes to: texts to look into, or an answer without looking. */
import type { MatchLocation } from '../verdict.ts';

/** Of a statement. `skipped`: the rule does not apply to this request at all, whatever stands around the statement. */
export type Outcome = 'yes' | 'no' | 'skipped';

export interface FieldValues {
  readonly location: MatchLocation;
  readonly values: readonly string[];
  /** Beside each value: the header, argument or JSON pointer it came from. */
  readonly names: readonly (string | undefined)[];
  /** Oversize handling or a fallback has decided already. */
  readonly settled?: Outcome;
}

export function oneValue(location: MatchLocation, value: string, name?: string): FieldValues {
  return { location, values: [value], names: [name] };
}

export function nothing(location: MatchLocation): FieldValues {
  return { location, values: [], names: [] };
}

export function settled(location: MatchLocation, how: 'MATCH' | 'NO_MATCH'): FieldValues {
  return { location, values: [], names: [], settled: how === 'MATCH' ? 'yes' : 'no' };
}
