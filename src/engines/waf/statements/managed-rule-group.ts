/** ManagedRuleGroupStatement: a vendor's rules, for requests within the scope-down. */
import { InvalidParameter } from '../invalid-parameter.ts';
import type { ManagedRule } from '../resources.ts';
import {
  actionOf,
  type CompiledGroup,
  type CompiledRule,
  contextOf,
  type RuleScope,
  visibilityOf,
} from '../rule-scope.ts';
import type { ManagedRuleGroupStatement, VisibilityConfig } from '../types.ts';
import type { CompileContext } from './condition.ts';
import { rateBased } from './rate-based.ts';
import { compileStatement } from './table.ts';

/** `context` is the web ACL's, in which the scope-down asks for labels. */
export function managedRuleGroup(
  statement: ManagedRuleGroupStatement,
  scope: RuleScope,
  context: CompileContext,
  visibility: VisibilityConfig,
): Omit<CompiledGroup, 'isCountOnly' | 'uneventful'> {
  const { VendorName, Name, Version, ScopeDownStatement: scopeDown } = statement;
  const configs = statement.ManagedRuleGroupConfigs ?? [];
  const group = scope.resources.managedRuleGroup(VendorName, Name, Version, configs);
  if (!group) {
    const parameter = Version === undefined ? Name : `${Name} ${Version}`;
    throw new InvalidParameter(
      'MANAGED_RULE_SET_STATEMENT',
      parameter,
      'There is no such managed rule group or version.',
    );
  }
  const inner = { ...scope, labelContext: group.LabelNamespace, bodies: {}, overrides: statement };
  return {
    id: Version === undefined ? `${VendorName}#${Name}` : `${VendorName}#${Name}#${Version}`,
    rules: group.Rules.map((rule) => managedRule(rule, inner, visibility)),
    ...(scopeDown ? { scopeDown: compileStatement(scopeDown, context) } : {}),
    ...(group.nextRule ? { nextRule: group.nextRule } : {}),
    ...(group.prepare ? { prepare: group.prepare } : {}),
  };
}

function managedRule(rule: ManagedRule, scope: RuleScope, visibility: VisibilityConfig): CompiledRule {
  const rate = rule.Statement?.RateBasedStatement;
  const context = contextOf(scope, rule.Name);
  const common = {
    ...visibilityOf(visibility),
    ...actionOf(rule.Name, rule.Action, scope),
    name: rule.Name,
    metricName: rule.Name,
    labels: rule.Labels ?? [],
    captchaSeconds: scope.captchaSeconds,
    challengeSeconds: scope.challengeSeconds,
  };
  if (rate) {
    const condition = rateBased(rate, { ...context, onSettings: (settings) => scope.onRate(settings) });
    return { ...common, type: 'RATE_BASED', condition };
  }
  if (rule.inspect) return { ...common, type: 'REGULAR', inspect: rule.inspect };
  return { ...common, type: 'REGULAR', condition: compileStatement(rule.Statement ?? {}, context) };
}
