/** The labels that a group's rules add, and those that they look for. */
import type { LabelSummary, Rule } from '@aws-sdk/client-wafv2';
import { statementsOf } from './stored-rules.ts';

/** Fully qualified, each once, in order of their names. */
export function availableLabels(rules: readonly Rule[], namespace: string): LabelSummary[] {
  const names = rules.flatMap((rule) => (rule.RuleLabels ?? []).map(({ Name = '' }) => `${namespace}${Name}`));
  return summaries(names);
}

/** Of other groups; a key without a namespace is one of the group's own. */
export function consumedLabels(rules: readonly Rule[], namespace: string): LabelSummary[] {
  const keys = rules.flatMap((rule) =>
    [...statementsOf(rule.Statement)].flatMap(({ LabelMatchStatement }) => LabelMatchStatement?.Key ?? []),
  );
  return summaries(keys.map((key) => (key.startsWith('awswaf:') ? key : `${namespace}${key}`)));
}

function summaries(names: readonly string[]): LabelSummary[] {
  return [...new Set(names)].sort().map((Name) => ({ Name }));
}
