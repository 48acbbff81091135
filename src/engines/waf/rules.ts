/** Rules, compiled: a condition and an action, or a group of such. */
import { inserted } from './actions.ts';
import { InvalidParameter } from './invalid-parameter.ts';
import { actionOf, type CompiledRule, contextOf, type RuleScope, visibilityOf } from './rule-scope.ts';
import { managedRuleGroup } from './statements/managed-rule-group.ts';
import { rateBased } from './statements/rate-based.ts';
import { ruleGroupReference } from './statements/rule-group-reference.ts';
import { compileStatement } from './statements/table.ts';
import type { FirewallManagerRuleGroup, ImmunityConfig, Rule } from './types.ts';

export const defaultImmunitySeconds = 300;

export function immunityOf(config: ImmunityConfig | undefined, otherwise: number): number {
  return config?.ImmunityTimeProperty?.ImmunityTime ?? otherwise;
}

export function compileRules(rules: readonly Rule[], scope: RuleScope): CompiledRule[] {
  return rules.toSorted((left, right) => left.Priority - right.Priority).map((rule) => compileRule(rule, scope));
}

export function compileManagerGroups(groups: readonly FirewallManagerRuleGroup[], scope: RuleScope): CompiledRule[] {
  return compileRules(
    groups.map(({ FirewallManagerStatement, ...rest }) => ({ ...rest, Statement: FirewallManagerStatement })),
    scope,
  );
}

function compileRule(rule: Rule, scope: RuleScope): CompiledRule {
  const { Statement: statement, OverrideAction: override } = rule;
  const context = contextOf(scope, rule.Name);
  const common = {
    ...visibilityOf(rule.VisibilityConfig),
    name: rule.Name,
    labels: (rule.RuleLabels ?? []).map(({ Name }) => scope.labelContext + Name),
    captchaSeconds: immunityOf(rule.CaptchaConfig, scope.captchaSeconds),
    challengeSeconds: immunityOf(rule.ChallengeConfig, scope.challengeSeconds),
  };
  const reference = statement.RuleGroupReferenceStatement;
  const managed = statement.ManagedRuleGroupStatement;
  if (reference || managed) {
    if (scope.isGroup)
      throw new InvalidParameter('RULE', rule.Name, 'A rule group cannot refer to another rule group.');
    const inner = { ...scope, ...common, pathPrefix: `${rule.Name}/`, isGroup: true };
    const group = reference
      ? ruleGroupReference(reference, inner, compileRules)
      : managedRuleGroup(managed!, inner, context, rule.VisibilityConfig);
    return {
      ...common,
      type: reference ? 'GROUP' : 'MANAGED_RULE_GROUP',
      group: {
        ...group,
        isCountOnly: override?.Count !== undefined,
        uneventful: { ruleGroupId: group.id, nonTerminatingMatchingRules: [] },
      },
      action: { applied: 'COUNT', insertedHeaders: override?.Count ? inserted(override.Count) : [] },
      isExcluded: false,
    };
  }
  if (!rule.Action) throw new InvalidParameter('RULE_ACTION', rule.Name, 'The rule has no action.');
  const rate = statement.RateBasedStatement;
  return {
    ...common,
    ...actionOf(rule.Name, rule.Action, scope),
    type: rate ? 'RATE_BASED' : 'REGULAR',
    condition: rate
      ? rateBased(rate, { ...context, onSettings: (settings) => scope.onRate(settings) })
      : compileStatement(statement, context),
  };
}
