/** What is suspicious in a policy though its grammar is right: names that nothing has, values that cannot match. */
import { glob, matches } from '../text/glob.ts';
import { nearest } from '../text/nearest.ts';
import type { Condition, PolicyDocument, Statement } from './document.ts';
import { actionMeant } from './operation-names.ts';
import { MALFORMED } from './operators/operator.ts';
import { operators } from './operators/table.ts';
import { tokens } from './variables.ts';

/** Known actions of a service prefix (lower case) by lower-case name, in AWS's spelling; undefined: no such service. */
export type KnownActions = (service: string) => ReadonlyMap<string, string> | undefined;

export interface LintFinding {
  readonly code:
    | 'unknown-service'
    | 'unknown-action'
    | 'allow-not-action'
    | 'wildcard-taken-literally'
    | 'variable-taken-literally'
    | 'value-never-matches';
  /** Index of the statement. */
  readonly statement: number;
  /** What the policy says. */
  readonly value: string;
  readonly message: string;
  readonly suggestion?: string;
}

export function lint(document: PolicyDocument, known: KnownActions): LintFinding[] {
  return document.statements.flatMap((statement) => [
    ...statement.actions.values.flatMap((action) => lintAction(action, statement, known)),
    ...lintNegation(statement),
    ...lintResources(statement, document),
    ...statement.conditions.flatMap((condition) => lintCondition(condition, statement, document)),
  ]);
}

/** A sentence about an action that no service has, or undefined when it is known. */
export function unknownAction(
  action: string,
  known: KnownActions,
): { message: string; suggestion?: string } | undefined {
  const lower = action.toLowerCase();
  const colon = lower.indexOf(':');
  if (colon < 0 || lower.startsWith('*')) return undefined;
  const actions = known(lower.slice(0, colon));
  const name = lower.slice(colon + 1);
  if (!actions || actions.has(name)) return undefined;
  if (name.includes('*') || name.includes('?')) {
    const pattern = glob(name);
    for (const one of actions.keys()) if (matches(pattern, one)) return undefined;
    return { message: `${action} matches no known action` };
  }
  const suggestion = suggest(action, lower.slice(0, colon + 1), actions);
  const message = suggestion ? `unknown action, did you mean ${suggestion}` : 'unknown action';
  return suggestion ? { message, suggestion } : { message };
}

function suggest(action: string, service: string, actions: ReadonlyMap<string, string>): string | undefined {
  const meant = actionMeant(action);
  if (meant) return meant;
  const name = action.slice(service.length);
  const verb = firstWord(name);
  const sameVerb = [...actions.values()].filter((one) => firstWord(one) === verb);
  const found = nearest(name, sameVerb) ?? nearest(name, actions.values());
  return found && service + found;
}

function firstWord(name: string): string {
  let end = 1;
  while (end < name.length && name[end] === name[end]!.toLowerCase()) end++;
  return name.slice(0, end).toLowerCase();
}

function lintAction(action: string, statement: Statement, known: KnownActions): LintFinding[] {
  const colon = action.indexOf(':');
  const service = action.slice(0, colon);
  const at = { statement: statement.index, value: action };
  if (colon > 0 && service !== '*' && !known(service.toLowerCase())) {
    return [{ ...at, code: 'unknown-service', message: `no service has the prefix ${service}` }];
  }
  const unknown = unknownAction(action, known);
  return unknown ? [{ ...at, code: 'unknown-action', ...unknown }] : [];
}

function lintNegation(statement: Statement): LintFinding[] {
  if (statement.effect !== 'Allow' || !statement.actions.not) return [];
  const message = 'Allow with NotAction grants every other action of every service, also of those to come';
  return [{ code: 'allow-not-action', statement: statement.index, value: 'NotAction', message }];
}

function lintResources(statement: Statement, document: PolicyDocument): LintFinding[] {
  if (document.version === '2012-10-17') return [];
  return (statement.resources?.values ?? []).filter(hasVariable).map((value) => literalVariable(statement, value));
}

function hasVariable(text: string): boolean {
  return tokens(text, '2012-10-17').some((token) => token.kind === 'variable');
}

function literalVariable(statement: Statement, value: string): LintFinding {
  const message = 'without "Version": "2012-10-17" variables are plain text';
  return { code: 'variable-taken-literally', statement: statement.index, value, message };
}

const never = { get: () => undefined };

function lintCondition(condition: Condition, statement: Statement, document: PolicyDocument): LintFinding[] {
  const { operator, values } = condition;
  const findings: LintFinding[] = [];
  for (const value of values) {
    if (operator.startsWith('String') && document.version !== '2012-10-17' && hasVariable(value)) {
      findings.push(literalVariable(statement, value));
    }
    const exact = operator.startsWith('StringEquals') || operator.startsWith('StringNotEquals');
    if (exact && tokens(value, document.version).some((token) => token.kind === 'star' || token.kind === 'any')) {
      const message = `${operator} takes * and ? literally`;
      findings.push({ code: 'wildcard-taken-literally', statement: statement.index, value, message });
    }
    if (isUnreadable(operator, value, document)) {
      const message = `${value} is no value for ${operator}`;
      findings.push({ code: 'value-never-matches', statement: statement.index, value, message });
    }
  }
  return findings;
}

/** Values of the right form for each family, to see whether the policy's value is at fault. */
const samples: readonly (readonly [string, string])[] = [
  ['Numeric', '0'],
  ['Date', '0'],
  ['Bool', 'true'],
  ['Binary', 'QQ=='],
  ['IpAddress', '192.0.2.1'],
  ['NotIpAddress', '192.0.2.1'],
  ['Arn', 'arn:aws:iam::111122223333:root'],
];

function isUnreadable(operator: string, value: string, document: PolicyDocument): boolean {
  const sample = samples.find(([family]) => operator.startsWith(family))?.[1];
  if (sample === undefined) return false;
  return operators.get(operator)?.compile([value], document.version)(sample, never) === MALFORMED;
}
