/** RuleGroupReferenceStatement: the rules of a group, with their own labels and bodies, and the actions the web ACL gives. */
import { InvalidParameter } from '../invalid-parameter.ts';
import { labelNamespace } from '../labels.ts';
import type { CompiledGroup, CompiledRule, RuleScope } from '../rule-scope.ts';
import type { Rule, RuleGroupReferenceStatement } from '../types.ts';

export function ruleGroupReference(
  statement: RuleGroupReferenceStatement,
  scope: RuleScope,
  compileRules: (rules: readonly Rule[], scope: RuleScope) => CompiledRule[],
): Omit<CompiledGroup, 'isCountOnly' | 'uneventful'> {
  const group = scope.resources.ruleGroup(statement.ARN);
  if (!group) {
    throw new InvalidParameter('RULE_GROUP_REFERENCE_STATEMENT', statement.ARN, 'There is no such rule group.');
  }
  return {
    id: statement.ARN,
    rules: compileRules(group.Rules ?? [], {
      ...scope,
      labelContext: labelNamespace(group.ARN, 'rulegroup', group.Name),
      bodies: group.CustomResponseBodies ?? {},
      overrides: statement,
    }),
  };
}
