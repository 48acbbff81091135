/** RegexMatchStatement: one regular expression, in linear time. */
import { InvalidParameter } from '../invalid-parameter.ts';
import { RegexFault } from '../regex/fault.ts';
import { compileRegex, type Regex } from '../regex/regex.ts';
import type { RegexMatchStatement } from '../types.ts';
import type { CompileContext, Condition } from './condition.ts';
import { inspecting, mostShown } from './inspecting.ts';

export function regexMatch(statement: RegexMatchStatement, context: CompileContext): Condition {
  const regex = compiled(
    () => compileRegex(statement.RegexString, context.readings.regexMemory),
    statement.RegexString,
  );
  return inspecting(context, statement, { conditionType: 'REGEX' }, lookFor(regex), regex.required);
}

export function lookFor(regex: Regex) {
  return (value: string): { readonly matched: string } | undefined => {
    const matched = regex.find(value, mostShown);
    return matched === undefined ? undefined : { matched };
  };
}

/** Says in AWS's words what is wrong with a pattern. */
export function compiled(compile: () => Regex, pattern: string): Regex {
  try {
    return compile();
  } catch (error) {
    if (!(error instanceof RegexFault)) throw error;
    throw new InvalidParameter('REGEX_PATTERN_SET', pattern, `The regular expression has an error: ${error.message}.`);
  }
}
