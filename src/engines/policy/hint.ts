/** Sentences for people about why an element of a statement did not match. */
import type { Condition, PolicyVersion, Statement } from './document.ts';
import type { Context, RequestPrincipal } from './types.ts';
import { tokens, variableValue } from './variables.ts';

export function conditionHint(
  condition: Condition,
  actual: string | readonly string[] | undefined,
): string | undefined {
  const { key, operator, values } = condition;
  if (operator === 'Null') return undefined;
  if (actual === undefined) return `the request carries no ${key}`;
  if (typeof actual !== 'string') return undefined;
  if (operator === 'StringEquals' && values.some((value) => value.includes('*') || value.includes('?'))) {
    return `${operator} takes * and ? literally; StringLike reads them as wildcards`;
  }
  if (operator.startsWith('String') && values.some((value) => value.toLowerCase() === actual.toLowerCase())) {
    return values.includes(actual) ? undefined : `${operator} heeds case`;
  }
  return undefined;
}

export function resourceHint(
  { resources }: Statement,
  version: PolicyVersion,
  arn: string,
  context: Context,
): string | undefined {
  if (!resources || resources.not) return undefined;
  const { values } = resources;
  for (const value of values) {
    const missing = missingVariable(value, version, context);
    if (missing) return `the request carries no ${missing}`;
  }
  if (values.some((value) => value.length === arn.length + 2 && value.endsWith('/*') && value.startsWith(arn)))
    return 'the statement names what is inside, the request the container';
  if (values.some((value) => arn.charCodeAt(value.length) === 47 && arn.startsWith(value)))
    return `the statement names the container only; ${arn} is inside it`;
  if (arn === '*') return 'the action takes no resource: the statement must say "*"';
  return values.some((value) => value.length === arn.length && value.toLowerCase() === arn.toLowerCase())
    ? 'resources heed case'
    : undefined;
}

export function principalHint(statement: Statement, principal: RequestPrincipal): string | undefined {
  const entries = statement.principals?.entries ?? [];
  const arn = 'arn' in principal ? principal.arn : undefined;
  const named = entries.some(
    (entry) => 'arn' in entry && (entry.arn === arn || ('roleArn' in principal && entry.arn === principal.roleArn)),
  );
  return named ? 'the statement was bound to an earlier principal of the same name' : undefined;
}

/** The first variable of a pattern that the request gives no value for. */
function missingVariable(pattern: string, version: PolicyVersion, context: Context): string | undefined {
  if (!pattern.includes('$')) return undefined;
  for (const token of tokens(pattern, version)) {
    if (token.kind === 'variable' && variableValue(token, context) === undefined) return token.name;
  }
  return undefined;
}
