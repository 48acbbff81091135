/** The reasons that AWS gives, where they are known. */
import { InvalidParameter } from '../invalid-parameter.ts';

export const reasons = {
  exactlyOne: 'You have used none or multiple values for a field that requires exactly one value.',
  minimum: "You haven't met a minimum requirement for a threshold setting.",
  maximum: "You've exceeded the maximum for a threshold setting.",
  format: 'The parameter contains formatting that is not valid.',
  reference: 'A reference in your rule statement is not valid.',
  nested: "You tried to nest a statement that can't be nested.",
  duplicate: 'A value that must be unique is used more than once.',
  required: 'A field that is required with these settings is missing.',
  notAllowed: "A field is set that can't be used with these settings.",
  unknownBody: 'The custom response body key is not defined.',
} as const;

/** The only member that is set. */
export function onlyMember(value: object, field: string, parameter: string): string {
  const set = Object.entries(value).filter(([, member]) => member !== undefined);
  if (set.length !== 1) throw new InvalidParameter(field, parameter, reasons.exactlyOne);
  return set[0]![0];
}

export function requireUnique(values: readonly (string | number)[], field: string, parameter: string): void {
  const seen = new Set<string | number>();
  for (const value of values) {
    if (seen.has(value)) throw new InvalidParameter(field, `${parameter}: ${value}`, reasons.duplicate);
    seen.add(value);
  }
}
