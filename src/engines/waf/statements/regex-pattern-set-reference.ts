/** RegexPatternSetReferenceStatement: any of a set's regular expressions, in a single pass where they fit. */
import { InvalidParameter } from '../invalid-parameter.ts';
import { compileRegexSet } from '../regex/regex.ts';
import type { RegexPatternSetReferenceStatement } from '../types.ts';
import type { CompileContext, Condition } from './condition.ts';
import { inspecting } from './inspecting.ts';
import { compiled, lookFor } from './regex-match.ts';

export function regexPatternSetReference(
  statement: RegexPatternSetReferenceStatement,
  context: CompileContext,
): Condition {
  const set = context.resources.regexPatternSet(statement.ARN);
  if (!set) {
    throw new InvalidParameter(
      'REGEX_PATTERN_REFERENCE_STATEMENT',
      statement.ARN,
      'There is no such regex pattern set.',
    );
  }
  const patterns = set.RegularExpressionList.map(({ RegexString }) => RegexString ?? '');
  if (patterns.length === 0) return inspecting(context, statement, { conditionType: 'REGEX' }, () => undefined);
  const regex = compiled(() => compileRegexSet(patterns, context.readings.regexMemory), patterns.join(' '));
  return inspecting(context, statement, { conditionType: 'REGEX' }, lookFor(regex), regex.required);
}
