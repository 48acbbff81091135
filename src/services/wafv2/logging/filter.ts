/** Which requests a logging configuration keeps. */
import type { Condition, LoggingFilter } from '@aws-sdk/client-wafv2';
import type { Verdict } from '../../../engines/waf/verdict.ts';

/** The first filter that fits decides; where none fits, the default behaviour does. */
export function isKept(filter: LoggingFilter | undefined, verdict: Verdict): boolean {
  if (!filter) return true;
  const actions = actionsOf(verdict);
  const labels = new Set(verdict.labels);
  const holds = ({ ActionCondition, LabelNameCondition }: Condition): boolean => {
    if (ActionCondition) return actions.has(ActionCondition.Action ?? '');
    return LabelNameCondition !== undefined && labels.has(LabelNameCondition.LabelName ?? '');
  };
  for (const { Behavior, Requirement, Conditions = [] } of filter.Filters ?? []) {
    const fits = Requirement === 'MEETS_ALL' ? Conditions.every(holds) : Conditions.some(holds);
    if (fits) return Behavior === 'KEEP';
  }
  return filter.DefaultBehavior === 'KEEP';
}

/**
 * The final action, and what every rule that matched did. "EXCLUDED_AS_COUNT matches on excluded rules and also on rules
 * that have a rule action override of Count" (WAF API Reference, ActionCondition).
 */
function actionsOf(verdict: Verdict): ReadonlySet<string> {
  const actions = new Set<string>([verdict.action]);
  for (const { action } of verdict.nonTerminatingMatchingRules) actions.add(action);
  for (const group of verdict.ruleGroupList) {
    if (group.terminatingRule) actions.add(group.terminatingRule.action);
    for (const { action, overriddenAction } of group.nonTerminatingMatchingRules) {
      actions.add(action);
      if (action === 'COUNT' && overriddenAction !== undefined) actions.add('EXCLUDED_AS_COUNT');
    }
    if (group.excludedRules?.length) actions.add('EXCLUDED_AS_COUNT');
  }
  return actions;
}
