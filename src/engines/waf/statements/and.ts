/** AndStatement: all hold. What does not apply (a forwarded address without its header) makes the rule not apply. */
import type { Statement } from '../types.ts';
import type { CompileContext, Condition } from './condition.ts';

export function and(statement: { readonly Statements: readonly Statement[] }, context: CompileContext): Condition {
  const conditions = statement.Statements.map((nested) => context.compile(nested));
  return (inspection) => {
    let isSkipped = false;
    for (const condition of conditions) {
      const outcome = condition(inspection);
      if (outcome === 'no') return 'no';
      if (outcome === 'skipped') isSkipped = true;
    }
    return isSkipped ? 'skipped' : 'yes';
  };
}
