/** Replays requests through a web ACL of the managed groups, in this process: what is blocked, by which rule, on what evidence. */
import { compileWebAcl } from '../../src/engines/waf/compile.ts';
import { inspect } from '../../src/engines/waf/inspect.ts';
import { managedRuleGroup } from '../../src/engines/waf/managed/index.ts';
import type { HttpRequest } from '../../src/engines/waf/request.ts';
import type { Resources } from '../../src/engines/waf/resources.ts';
import { createWafState } from '../../src/engines/waf/state.ts';
import type { MatchDetail } from '../../src/engines/waf/verdict.ts';

/** The groups that Bailey's documentation recommends for any application. */
const defaultGroups = [
  'AWSManagedRulesCommonRuleSet',
  'AWSManagedRulesKnownBadInputsRuleSet',
  'AWSManagedRulesSQLiRuleSet',
  'AWSManagedRulesLinuxRuleSet',
  'AWSManagedRulesUnixRuleSet',
  'AWSManagedRulesWindowsRuleSet',
  'AWSManagedRulesPHPRuleSet',
  'AWSManagedRulesWordPressRuleSet',
] as const;

const resources: Resources = {
  ipSet: () => undefined,
  regexPatternSet: () => undefined,
  ruleGroup: () => undefined,
  managedRuleGroup: (vendor, name, version, configs) => managedRuleGroup(vendor, name, version, configs),
};

const visibility = (MetricName: string) => ({
  SampledRequestsEnabled: true,
  CloudWatchMetricsEnabled: true,
  MetricName,
});

const webAcl = compileWebAcl(
  {
    Name: 'replay',
    ARN: 'arn:aws:wafv2:us-east-1:111122223333:regional/webacl/replay/1',
    DefaultAction: { Allow: {} },
    VisibilityConfig: visibility('replay'),
    Rules: defaultGroups.map((Name, Priority) => ({
      Name,
      Priority,
      Statement: { ManagedRuleGroupStatement: { VendorName: 'AWS', Name } },
      OverrideAction: { None: {} },
      VisibilityConfig: visibility(Name),
    })),
  },
  resources,
);

const state = createWafState();

export interface Hit {
  readonly rule: string;
  readonly details: readonly MatchDetail[];
}

/** The rule that blocks; undefined where the request would reach the application. */
export function blockedBy(request: HttpRequest): Hit | undefined {
  const verdict = inspect(webAcl, request, state, 0);
  if (verdict.failure !== undefined) throw new Error(verdict.failure.message);
  if (verdict.action !== 'BLOCK') return undefined;
  const rule = verdict.ruleGroupList.find((group) => group.terminatingRule !== undefined)?.terminatingRule;
  return { rule: rule?.ruleId ?? verdict.terminatingRuleId, details: rule?.ruleMatchDetails ?? [] };
}
