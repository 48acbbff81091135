/** OrStatement: one holds. */
import type { Statement } from '../types.ts';
import type { CompileContext, Condition } from './condition.ts';

export function or(statement: { readonly Statements: readonly Statement[] }, context: CompileContext): Condition {
  const conditions = statement.Statements.map((nested) => context.compile(nested));
  return (inspection) => {
    let isSkipped = false;
    for (const condition of conditions) {
      const outcome = condition(inspection);
      if (outcome === 'yes') return 'yes';
      if (outcome === 'skipped') isSkipped = true;
    }
    return isSkipped ? 'skipped' : 'no';
  };
}
