/** XssMatchStatement: a value that would be script in a page. */
import { xss } from '../detectors/markup/xss.ts';
import type { XssMatchStatement } from '../types.ts';
import type { CompileContext, Condition } from './condition.ts';
import { inspecting } from './inspecting.ts';

export function xssMatch(statement: XssMatchStatement, context: CompileContext): Condition {
  return inspecting(context, statement, { conditionType: 'XSS' }, (value) => {
    const evidence = xss(value);
    return evidence && { matched: evidence.matched, evidence };
  });
}
