/** Web ACLs and rule groups as the API shows them. */
import type { FirewallManagerRuleGroup, RuleGroup, WebACL } from '@aws-sdk/client-wafv2';
import { arnOf, labelNamespace } from './arns.ts';
import { availableLabels, consumedLabels } from './labels.ts';
import type { RuleGroupRow, WebAclRow } from './state.ts';
import { readRules, type StoredRule } from './stored-rules.ts';

export function shownWebAcl(row: WebAclRow): WebACL {
  return {
    Name: row.name,
    Id: row.id,
    ARN: arnOf('webacl', row),
    ...(row.description !== undefined && { Description: row.description }),
    ...(row.settings as unknown as Pick<WebACL, 'DefaultAction' | 'VisibilityConfig'>),
    Rules: readRules(row.rules),
    Capacity: row.capacity,
    ...(row.managed && {
      PreProcessFirewallManagerRuleGroups: row.managed.before.map(shownManaged),
      PostProcessFirewallManagerRuleGroups: row.managed.after.map(shownManaged),
    }),
    ManagedByFirewallManager: row.managed !== undefined,
    RetrofittedByFirewallManager: false,
    LabelNamespace: labelNamespace('webacl', row),
  };
}

function shownManaged(rule: StoredRule): FirewallManagerRuleGroup {
  const [shown] = readRules([rule]);
  const { ManagedRuleGroupStatement, RuleGroupReferenceStatement } = shown?.Statement ?? {};
  return {
    Name: rule.Name,
    Priority: rule.Priority,
    FirewallManagerStatement: {
      ...(ManagedRuleGroupStatement && { ManagedRuleGroupStatement }),
      ...(RuleGroupReferenceStatement && { RuleGroupReferenceStatement }),
    },
    OverrideAction: shown?.OverrideAction ?? { None: {} },
    VisibilityConfig: shown?.VisibilityConfig,
  };
}

export function shownRuleGroup(row: RuleGroupRow): RuleGroup {
  const rules = readRules(row.rules);
  const namespace = labelNamespace('rulegroup', row);
  const available = availableLabels(rules, namespace);
  const consumed = consumedLabels(rules, namespace);
  return {
    Name: row.name,
    Id: row.id,
    ARN: arnOf('rulegroup', row),
    ...(row.description !== undefined && { Description: row.description }),
    ...(row.settings as unknown as Pick<RuleGroup, 'VisibilityConfig'>),
    Capacity: row.capacity,
    Rules: rules,
    LabelNamespace: namespace,
    ...(available.length > 0 && { AvailableLabels: available }),
    ...(consumed.length > 0 && { ConsumedLabels: consumed }),
  };
}
