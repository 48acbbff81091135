/** What all statements that look into a field have in common: read, settle, look at each value, say what was found. */
import type { Evidence } from '../detectors/detector.ts';
import type { Inspecting } from '../types.ts';
import type { MatchDetail } from '../verdict.ts';
import type { CompileContext, Condition } from './condition.ts';

/** What logs show of a value that matched. */
export const mostShown = 200;

interface Found {
  readonly matched: string;
  readonly evidence?: Evidence;
}

/**
 * `look` answers what it found in a value, or nothing.
 * @param literals every value in which it finds something holds one of these, in whatever case
 */
export function inspecting(
  context: CompileContext,
  statement: Inspecting,
  description: Pick<MatchDetail, 'conditionType' | 'sensitivityLevel'>,
  look: (value: string) => Found | undefined,
  literals?: readonly string[],
): Condition {
  const reading = context.readings.of(
    statement.FieldToMatch,
    statement.TextTransformations,
    statement.PreParseTextTransformations,
  );
  const gated = reading.gate.register(literals);
  return (inspection) => {
    const { values, names, location, settled } = inspection.read(reading);
    if (settled !== undefined) {
      if (settled === 'yes') inspection.details.push({ ...description, location, matchedData: [] });
      return settled;
    }
    if (gated && values.length > 0 && !inspection.mayHold(reading, gated)) return 'no';
    for (let at = 0; at < values.length; at++) {
      const found = look(values[at]!);
      if (!found) continue;
      const name = names[at];
      inspection.details.push({
        ...description,
        location,
        matchedData: [found.matched.slice(0, mostShown)],
        ...(name === undefined ? {} : { matchedFieldName: name.slice(0, mostShown) }),
        ...(found.evidence ? { evidence: found.evidence } : {}),
      });
      return 'yes';
    }
    return 'no';
  };
}
