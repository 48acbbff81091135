/** The labels that one rule of a group adds, fully qualified. */
import { vendorGroupKey, type WebAclBundle } from '../../../engines/waf/bundle.ts';
import type { Rule } from '../../../engines/waf/types.ts';
import { labelNamespace, parseArn } from '../arns.ts';
import { awsGroups } from '../aws-groups.ts';

export function ruleLabels(whole: WebAclBundle, group: Rule, ruleName: string): readonly string[] {
  const { RuleGroupReferenceStatement: own, ManagedRuleGroupStatement: managed } = group.Statement;
  const parts = own && parseArn(own.ARN);
  if (own && parts) {
    const rule = whole.ruleGroups[own.ARN]?.Rules?.find(({ Name }) => Name === ruleName);
    return (rule?.RuleLabels ?? []).map(({ Name }) => `${labelNamespace('rulegroup', parts)}${Name}`);
  }
  if (!managed) return [];
  if (managed.VendorName === 'AWS') {
    const found = awsGroups().find(({ name }) => name === managed.Name);
    return found?.version(managed.Version)?.rules.find(({ name }) => name === ruleName)?.labels ?? [];
  }
  const vendor = whole.vendorGroups[vendorGroupKey(managed.VendorName, managed.Name, managed.Version)];
  return vendor?.Rules.find(({ Name }) => Name === ruleName)?.Labels ?? [];
}
