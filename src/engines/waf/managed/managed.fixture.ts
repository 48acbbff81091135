/** A web ACL that has managed groups as they are by default, and nothing else. */
import { type CompiledWebAcl, compileWebAcl } from '../compile.ts';
import { managedRuleGroup } from './index.ts';

const visibility = (MetricName: string) => ({
  SampledRequestsEnabled: false,
  CloudWatchMetricsEnabled: false,
  MetricName,
});

export function webAclOf(groups: readonly string[]): CompiledWebAcl {
  return compileWebAcl(
    {
      Name: 'shop',
      ARN: 'arn:aws:wafv2:us-east-1:111122223333:regional/webacl/shop/1',
      DefaultAction: { Allow: {} },
      VisibilityConfig: visibility('shop'),
      Rules: groups.map((Name, Priority) => ({
        Name,
        Priority,
        Statement: { ManagedRuleGroupStatement: { VendorName: 'AWS', Name } },
        OverrideAction: { None: {} },
        VisibilityConfig: visibility(Name),
      })),
    },
    {
      ipSet: () => undefined,
      regexPatternSet: () => undefined,
      ruleGroup: () => undefined,
      managedRuleGroup,
    },
  );
}
