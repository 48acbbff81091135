/** The decision in the short form that lies beside each record, for `bailey explain`. */
import type { Explanation, StatementRef } from '../engines/policy/types.ts';
import type { Ruling } from './authorize.ts';
import { quote } from './json-text.ts';

/**
 * One reason a check, in the order in which they were decided, as JSON: action, resource and account; verdict and layer;
 * the rule outside policies that decided, or the statements; for what was denied, all layers and the near misses.
 */
export function reasonsJson(rulings: readonly Ruling[], explanation: Explanation | undefined): string | undefined {
  if (rulings.length === 0) return undefined;
  let json = '';
  for (const [index, { check, decision, rule }] of rulings.entries()) {
    const { arn, account } = check.resource;
    if (index > 0) json += ',';
    json += `{"action":${quote(check.action)},"resource":${quote(arn)},"account":${quote(account)},"verdict":"${decision.verdict}","layer":"${decision.layer}"`;
    if (rule) json += `,"rule":"${rule}"`;
    if (decision.statements.length > 0) json += `,"statements":[${decision.statements.map(statementJson).join(',')}]`;
    if (explanation && !decision.allowed && index === rulings.length - 1) {
      json += `,"layers":${JSON.stringify(explanation.layers)},"nearMisses":${JSON.stringify(explanation.nearMisses)}`;
    }
    json += '}';
  }
  return `[${json}]`;
}

/** A compiled policy names each of its statements by one object. */
const known = new WeakMap<StatementRef, string>();

function statementJson(statement: StatementRef): string {
  let json = known.get(statement);
  if (json === undefined) {
    json = JSON.stringify(statement);
    known.set(statement, json);
  }
  return json;
}
