/** NotStatement: the opposite; of what does not apply there is none. */
import type { Statement } from '../types.ts';
import type { CompileContext, Condition } from './condition.ts';

export function not(statement: { readonly Statement: Statement }, context: CompileContext): Condition {
  const condition = context.compile(statement.Statement);
  return (inspection) => {
    const mark = inspection.details.length;
    const outcome = condition(inspection);
    // What a negated statement found is no reason for a match.
    inspection.details.length = mark;
    return outcome === 'skipped' ? 'skipped' : outcome === 'yes' ? 'no' : 'yes';
  };
}
