/** A web ACL in AWS's words becomes something that can be asked; everything it refers to is resolved here. */
import { type CompiledAction, compileAction } from './actions.ts';
import { labelNamespace } from './labels.ts';
import type { RateSettings } from './rates/registry.ts';
import { Readings } from './readings.ts';
import type { Resources } from './resources.ts';
import { type CompiledRule, type RuleScope, visibilityOf } from './rule-scope.ts';
import { compileManagerGroups, compileRules, defaultImmunitySeconds, immunityOf } from './rules.ts';
import type { Given, WebACLDefinition } from './types.ts';

export interface CompiledWebAcl {
  readonly name: string;
  readonly arn: string;
  readonly metricName: string;
  readonly isMetered: boolean;
  /** Whether requests that meet the default action are sampled. */
  readonly isSampled: boolean;
  readonly rules: readonly CompiledRule[];
  readonly defaultAction: CompiledAction;
  /** How many things its rules read of a request. */
  readonly readings: number;
  readonly tokenDomains: readonly string[];
  readonly rates: readonly RateSettings[];
}

/** Throws `InvalidParameter` where something is malformed, or refers to nothing. */
export function compileWebAcl(given: Given<WebACLDefinition>, resources: Resources): CompiledWebAcl {
  const definition = given as WebACLDefinition;
  const readings = new Readings();
  const rates: RateSettings[] = [];
  const bodies = definition.CustomResponseBodies ?? {};
  const scope: RuleScope = {
    resources,
    readings,
    labelContext: labelNamespace(definition.ARN, 'webacl', definition.Name),
    bodies,
    overrideBodies: bodies,
    pathPrefix: '',
    isGroup: false,
    captchaSeconds: immunityOf(definition.CaptchaConfig, defaultImmunitySeconds),
    challengeSeconds: immunityOf(definition.ChallengeConfig, defaultImmunitySeconds),
    overrides: {},
    onRate: (settings) => rates.push(settings),
  };
  const rules = [
    ...compileManagerGroups(definition.PreProcessFirewallManagerRuleGroups ?? [], scope),
    ...compileRules(definition.Rules ?? [], scope),
    ...compileManagerGroups(definition.PostProcessFirewallManagerRuleGroups ?? [], scope),
  ];
  return {
    ...visibilityOf(definition.VisibilityConfig),
    name: definition.Name,
    arn: definition.ARN,
    rules,
    defaultAction: compileAction(definition.DefaultAction, bodies),
    readings: readings.count,
    tokenDomains: definition.TokenDomains ?? [],
    rates,
  };
}
