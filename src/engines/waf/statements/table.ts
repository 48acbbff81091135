/** Every statement that may stand within another, by AWS's name; groups stand at the top of a rule only. */
import { InvalidParameter } from '../invalid-parameter.ts';
import type { Statement } from '../types.ts';
import { and } from './and.ts';
import { asnMatch } from './asn-match.ts';
import { byteMatch } from './byte-match.ts';
import type { CompileContext, Condition } from './condition.ts';
import { geoMatch } from './geo-match.ts';
import { ipSetReference } from './ip-set-reference.ts';
import { labelMatch } from './label-match.ts';
import { not } from './not.ts';
import { or } from './or.ts';
import { regexMatch } from './regex-match.ts';
import { regexPatternSetReference } from './regex-pattern-set-reference.ts';
import { sizeConstraint } from './size-constraint.ts';
import { sqliMatch } from './sqli-match.ts';
import { xssMatch } from './xss-match.ts';

export function compileStatement(statement: Statement, context: CompileContext): Condition {
  if (statement.ByteMatchStatement) return byteMatch(statement.ByteMatchStatement, context);
  if (statement.SqliMatchStatement) return sqliMatch(statement.SqliMatchStatement, context);
  if (statement.XssMatchStatement) return xssMatch(statement.XssMatchStatement, context);
  if (statement.SizeConstraintStatement) return sizeConstraint(statement.SizeConstraintStatement, context);
  if (statement.GeoMatchStatement) return geoMatch(statement.GeoMatchStatement, context);
  if (statement.AsnMatchStatement) return asnMatch(statement.AsnMatchStatement, context);
  if (statement.IPSetReferenceStatement) return ipSetReference(statement.IPSetReferenceStatement, context);
  if (statement.RegexMatchStatement) return regexMatch(statement.RegexMatchStatement, context);
  if (statement.RegexPatternSetReferenceStatement) {
    return regexPatternSetReference(statement.RegexPatternSetReferenceStatement, context);
  }
  if (statement.LabelMatchStatement) return labelMatch(statement.LabelMatchStatement, context);
  if (statement.AndStatement) return and(statement.AndStatement, context);
  if (statement.OrStatement) return or(statement.OrStatement, context);
  if (statement.NotStatement) return not(statement.NotStatement, context);
  const name = Object.keys(statement)[0];
  if (name === undefined) throw new InvalidParameter('STATEMENT', 'Statement', 'It is empty.');
  throw new InvalidParameter('STATEMENT', name, 'This statement stands at the top of a rule only.');
}
