/** SqliMatchStatement: a value that would be SQL where an application pastes it; HIGH finds more, and errs more. */
import { sqliHigh, sqliLow } from '../detectors/sql/injection.ts';
import type { SqliMatchStatement } from '../types.ts';
import type { CompileContext, Condition } from './condition.ts';
import { inspecting } from './inspecting.ts';

export function sqliMatch(statement: SqliMatchStatement, context: CompileContext): Condition {
  const sensitivityLevel = statement.SensitivityLevel ?? 'LOW';
  const detector = sensitivityLevel === 'HIGH' ? sqliHigh : sqliLow;
  return inspecting(context, statement, { conditionType: 'SQL_INJECTION', sensitivityLevel }, (value) => {
    const evidence = detector(value);
    return evidence && { matched: evidence.matched, evidence };
  });
}
