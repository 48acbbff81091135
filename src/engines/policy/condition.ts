/** Conditions of a statement: operator, quantifier, IfExists and the rules for absent and malformed values. */
import type { Condition, PolicyVersion } from './document.ts';
import { parseBool } from './operators/bool.ts';
import {
  MALFORMED,
  MATCHED,
  MISSED,
  type Operator,
  type Outcome,
  type Test,
  UNRESOLVED,
} from './operators/operator.ts';
import { operators } from './operators/table.ts';
import type { Context } from './types.ts';

export interface CompiledCondition {
  readonly source: Condition;
  /** Lower case, as contexts are asked. */
  readonly key: string;
  holds(context: Context): boolean;
}

type Value = string | readonly string[] | undefined;

/** `deny`: the condition stands in a Deny statement, which must not grow weaker by values that cannot be read. */
export function compileCondition(source: Condition, version: PolicyVersion, deny: boolean): CompiledCondition {
  const key = source.key.toLowerCase();
  if (source.operator === 'Null') return { source, key, holds: nullTest(key, source.values, deny) };
  const operator = operators.get(source.operator);
  if (!operator) throw new RangeError(`no condition operator ${source.operator}`);
  // With no values there is nothing to compare, and nothing that could be malformed.
  const test: Test = source.values.length === 0 ? () => MISSED : operator.compile(source.values, version);
  const absent =
    source.ifExists || (source.quantifier === 'all' ? true : source.quantifier === 'any' ? false : operator.negated);
  const verdict = (outcome: Outcome): boolean => settle(outcome, operator, deny);
  const present = quantified(source.quantifier, test, verdict);
  return {
    source,
    key,
    holds(context) {
      const value: Value = context.get(key);
      if (value === undefined) return absent;
      if (typeof value !== 'string' && value.length === 0) return absent;
      return present(value, context);
    },
  };
}

/** Turns the outcome of the positive test into truth. */
function settle(outcome: Outcome, operator: Operator, deny: boolean): boolean {
  if (outcome === MATCHED) return !operator.negated;
  if (outcome === MISSED) return operator.negated;
  if (outcome === MALFORMED) return deny;
  return operator.negated && deny;
}

function quantified(
  quantifier: Condition['quantifier'],
  test: Test,
  verdict: (outcome: Outcome) => boolean,
): (value: string | readonly string[], context: Context) => boolean {
  if (quantifier === undefined) {
    return (value, context) =>
      verdict(typeof value === 'string' ? test(value, context) : strongest(value, test, context));
  }
  const all = quantifier === 'all';
  return (value, context) => {
    // IAM counts an empty text as no value here ("Set operators for multivalued context keys").
    if (typeof value === 'string') return value === '' ? all : verdict(test(value, context));
    if (value.length === 1 && value[0] === '') return all;
    for (const one of value) if (verdict(test(one, context)) !== all) return !all;
    return all;
  };
}

/** Several values without a quantifier: one that matches is a match, as in the examples that AWS publishes. */
function strongest(values: readonly string[], test: Test, context: Context): Outcome {
  let outcome: Outcome = MISSED;
  for (const value of values) {
    const one = test(value, context);
    if (one === MATCHED) return MATCHED;
    if (one === MALFORMED || (one === UNRESOLVED && outcome === MISSED)) outcome = one;
  }
  return outcome;
}

/** `"Null": {"key": "true"}` holds when the key is absent. */
function nullTest(key: string, values: readonly string[], deny: boolean): (context: Context) => boolean {
  const wanted = values.map(parseBool);
  const malformed = wanted.includes(undefined) && deny;
  return (context) => {
    const value: Value = context.get(key);
    const absent = value === undefined || (typeof value !== 'string' && value.length === 0);
    return wanted.includes(absent) || malformed;
  };
}
