/** LabelMatchStatement: what rules before this one have labelled. */
import { labelMatcher } from '../labels.ts';
import type { LabelMatchStatement } from '../types.ts';
import type { CompileContext, Condition } from './condition.ts';

export function labelMatch(statement: LabelMatchStatement, context: CompileContext): Condition {
  const matches = labelMatcher(statement, context.labelContext);
  return (inspection) => {
    const label = inspection.labels.find(matches);
    if (label === undefined) return 'no';
    inspection.details.push({ conditionType: 'LABEL', location: 'LABEL', matchedData: [label.slice(0, 200)] });
    return 'yes';
  };
}
