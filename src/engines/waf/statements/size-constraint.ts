/** SizeConstraintStatement: how many bytes a value has. Of a body, those that are inspected; oversize handling does the rest. */
import type { SizeConstraintStatement } from '../types.ts';
import type { CompileContext, Condition } from './condition.ts';
import { inspecting } from './inspecting.ts';

export function sizeConstraint(statement: SizeConstraintStatement, context: CompileContext): Condition {
  const { ComparisonOperator: operator, Size } = statement;
  const holds: Readonly<Record<SizeConstraintStatement['ComparisonOperator'], (size: number) => boolean>> = {
    EQ: (size) => size === Size,
    NE: (size) => size !== Size,
    LE: (size) => size <= Size,
    LT: (size) => size < Size,
    GE: (size) => size >= Size,
    GT: (size) => size > Size,
  };
  const test = holds[operator];
  return inspecting(context, statement, { conditionType: 'SIZE' }, (value) =>
    test(value.length) ? { matched: value } : undefined,
  );
}
