/** What Headers and Cookies have in common: which pairs, and their names, values or both. */
import type { MatchScope } from '../field-types.ts';
import { lowercase } from '../transformations/letter-case.ts';
import type { MatchLocation } from '../verdict.ts';
import type { NamedValue } from '../view.ts';
import type { FieldValues } from './values.ts';

/** Names are compared without regard to case. */
export function pairFilter(included: readonly string[] | undefined, excluded: readonly string[] | undefined) {
  const names = new Set((included ?? excluded)?.map(lowercase));
  if (included) return (name: string): boolean => names.has(lowercase(name));
  if (excluded) return (name: string): boolean => !names.has(lowercase(name));
  return (): boolean => true;
}

export function pairValues(
  location: MatchLocation,
  pairs: readonly NamedValue[],
  scope: MatchScope,
  takes: (name: string) => boolean,
): FieldValues {
  const values: string[] = [];
  const names: string[] = [];
  for (const { name, value } of pairs) {
    if (!takes(name)) continue;
    if (scope !== 'VALUE') {
      values.push(name);
      names.push(name);
    }
    if (scope !== 'KEY') {
      values.push(value);
      names.push(name);
    }
  }
  return { location, values, names };
}
