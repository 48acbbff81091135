/** Rules as they are kept: what the API takes, with bytes as base64, since rows are JSON. */
import type { Rule, Statement } from '@aws-sdk/client-wafv2';
import type { Rule as StoredRule } from '../../engines/waf/types.ts';

export type { StoredRule };

export function storeRules(rules: readonly Rule[] | undefined): readonly StoredRule[] {
  return (rules ?? []).map((rule) => walk(rule, toText) as StoredRule);
}

export function readRules(rules: readonly StoredRule[]): Rule[] {
  return rules.map((rule) => walk(rule, toBytes) as Rule);
}

type Turn = (name: string, value: unknown) => unknown;

const toText: Turn = (_name, value) => (value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value);
const toBytes: Turn = (name, value) =>
  name === 'SearchString' && typeof value === 'string' ? new Uint8Array(Buffer.from(value, 'base64')) : value;

/** Copies without what is undefined. The decoder has bounded the depth. */
function walk(value: unknown, turn: Turn, name = ''): unknown {
  const turned = turn(name, value);
  if (turned !== value) return turned;
  if (Array.isArray(value)) return value.map((item) => walk(item, turn, name));
  if (value instanceof Uint8Array || typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([, item]) => item !== undefined);
  // Keys are the caller's words: `__proto__` is one like any other.
  return Object.fromEntries(members.map(([key, item]) => [key, walk(item, turn, key)]));
}

/** The same for a part of a definition that holds no bytes: a copy without what is undefined. */
export function plain<T>(value: T): T {
  return walk(value, (_name, item) => item) as T;
}

/** Every statement of a rule, the outermost first. */
export function* statementsOf(statement: Statement | undefined): Generator<Statement> {
  if (!statement) return;
  yield statement;
  for (const inner of statement.AndStatement?.Statements ?? []) yield* statementsOf(inner);
  for (const inner of statement.OrStatement?.Statements ?? []) yield* statementsOf(inner);
  yield* statementsOf(statement.NotStatement?.Statement);
  yield* statementsOf(statement.RateBasedStatement?.ScopeDownStatement);
  yield* statementsOf(statement.ManagedRuleGroupStatement?.ScopeDownStatement);
}
