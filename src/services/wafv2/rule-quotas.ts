/** How much rules may hold in all, per web ACL or rule group ("AWS WAF quotas", the fixed ones too). */
import type { Rule, RuleAction } from '@aws-sdk/client-wafv2';
import { limitsExceeded } from './errors.ts';
import type { Quotas } from './quotas.ts';
import { referenceCount } from './references.ts';

/** @throws AwsError WAFLimitsExceededException */
export function requireWebAclQuotas(
  input: { readonly Rules?: readonly Rule[] | undefined; readonly DefaultAction?: RuleAction | undefined },
  quotas: Quotas,
): void {
  const rules = input.Rules ?? [];
  if (referenceCount(rules) > quotas.referencesPerWebAcl) throw limitsExceeded('REFERENCE');
  if (rateBasedCount(rules) > quotas.rateBasedRulesPerWebAcl) throw limitsExceeded('RATE_BASED_RULE');
  requireHeaders([...rules.flatMap(actionsOf), input.DefaultAction ?? {}], quotas);
}

/** @throws AwsError WAFLimitsExceededException */
export function requireGroupQuotas(rules: readonly Rule[], quotas: Quotas): void {
  if (referenceCount(rules) > quotas.referencesPerRuleGroup) throw limitsExceeded('REFERENCE');
  if (rateBasedCount(rules) > quotas.rateBasedRulesPerRuleGroup) throw limitsExceeded('RATE_BASED_RULE');
  requireHeaders(rules.flatMap(actionsOf), quotas);
}

function rateBasedCount(rules: readonly Rule[]): number {
  return rules.filter(({ Statement }) => Statement?.RateBasedStatement).length;
}

/** What a rule does, and what rules of a group do instead of their own. */
function actionsOf({ Action, OverrideAction, Statement }: Rule): RuleAction[] {
  const group = Statement?.ManagedRuleGroupStatement ?? Statement?.RuleGroupReferenceStatement;
  const overrides = (group?.RuleActionOverrides ?? []).map(({ ActionToUse }) => ActionToUse ?? {});
  return [Action ?? {}, OverrideAction?.Count ? { Count: OverrideAction.Count } : {}, ...overrides];
}

function requireHeaders(actions: readonly RuleAction[], quotas: Quotas): void {
  let requests = 0;
  let responses = 0;
  for (const { Allow, Block, Captcha, Challenge, Count } of actions) {
    const passing = Allow ?? Count ?? Captcha ?? Challenge;
    requests += passing?.CustomRequestHandling?.InsertHeaders?.length ?? 0;
    responses += Block?.CustomResponse?.ResponseHeaders?.length ?? 0;
  }
  if (requests > quotas.customRequestHeaders) throw limitsExceeded('CUSTOM_REQUEST_HEADER');
  if (responses > quotas.customResponseHeaders) throw limitsExceeded('CUSTOM_RESPONSE_HEADER');
}
