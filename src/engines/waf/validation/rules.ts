/** What the rules of a web ACL or a rule group must be like, beyond what the API's model says of single members. */
import { InvalidParameter } from '../invalid-parameter.ts';
import type { CustomResponseBodies, DefaultAction, Given, ImmunityConfig, Rule, VisibilityConfig } from '../types.ts';
import { validateAction, validateInserted } from './action.ts';
import { onlyMember, reasons, requireUnique } from './reasons.ts';
import { validateStatement } from './statement.ts';

export interface ValidationOptions {
  readonly isRuleGroup: boolean;
  readonly scope: 'REGIONAL' | 'CLOUDFRONT';
  readonly bodies: CustomResponseBodies;
  /** Whether there is a MonetizationConfig, without which nothing can be charged. */
  readonly hasMonetization: boolean;
}

const leastImmunitySeconds = { CaptchaConfig: 60, ChallengeConfig: 300 } as const;
const mostImmunitySeconds = 259_200;
const mostLabels = 100;
const mostNamespaces = 5;
const longestLabelPart = 128;
const reservedLabelParts: readonly string[] = [
  'awswaf',
  'aws',
  'waf',
  'rulegroup',
  'webacl',
  'regexpatternset',
  'ipset',
  'managed',
];

/** Throws `InvalidParameter`. What rules refer to is not looked up. */
export function validateRules(given: Given<readonly Rule[]>, options: ValidationOptions): void {
  const rules = given as readonly Rule[];
  requireUnique(
    rules.map(({ Name }) => Name),
    'RULE',
    'Name',
  );
  requireUnique(
    rules.map(({ Priority }) => Priority),
    'RULE',
    'Priority',
  );
  for (const rule of rules) validateRule(rule, options);
  if (rules.reduce((sum, { RuleLabels }) => sum + (RuleLabels ?? []).length, 0) > mostLabels) {
    throw new InvalidParameter('RULE', 'RuleLabels', reasons.maximum);
  }
}

export function validateDefaultAction(given: Given<DefaultAction>, options: ValidationOptions): void {
  validateAction(given as DefaultAction, options, 'DEFAULT_ACTION');
}

const reservedMetricNames: readonly string[] = ['All', 'Default_Action'];

/** "Metric names that are reserved for AWS WAF": they stand for more than one rule. */
export function validateMetricName(given: Given<VisibilityConfig> | undefined): void {
  const name = (given as VisibilityConfig | undefined)?.MetricName;
  if (name !== undefined && reservedMetricNames.includes(name)) {
    throw new InvalidParameter('METRIC_NAME', name, reasons.format);
  }
}

export function validateImmunity(
  name: 'CaptchaConfig' | 'ChallengeConfig',
  given: Given<ImmunityConfig> | undefined,
): void {
  const seconds = (given as ImmunityConfig | undefined)?.ImmunityTimeProperty?.ImmunityTime;
  if (seconds === undefined) return;
  if (seconds >= leastImmunitySeconds[name] && seconds <= mostImmunitySeconds) return;
  const reason = seconds > mostImmunitySeconds ? reasons.maximum : reasons.minimum;
  throw new InvalidParameter(name === 'ChallengeConfig' ? 'CHALLENGE_CONFIG' : 'RULE', name, reason);
}

/** An action for a rule, an override for a group: one of them. */
function requireOneAction(rule: Rule): void {
  onlyMember({ Action: rule.Action, OverrideAction: rule.OverrideAction }, 'RULE', 'Rule');
}

function validateRule(rule: Rule, options: ValidationOptions): void {
  validateStatement(rule.Statement, options);
  validateMetricName(rule.VisibilityConfig);
  const { RuleGroupReferenceStatement: reference, ManagedRuleGroupStatement: managed } = rule.Statement;
  if (reference || managed) {
    if (options.isRuleGroup) throw new InvalidParameter('STATEMENT', rule.Name, reasons.nested);
    // These two in AWS's words, which name the rule as a whole.
    if (rule.Action && !rule.OverrideAction) throw new InvalidParameter('RULE', 'Statement', reasons.reference);
    requireOneAction(rule);
    onlyMember(rule.OverrideAction ?? {}, 'OVERRIDE_ACTION', 'OverrideAction');
    validateInserted(rule.OverrideAction?.Count?.CustomRequestHandling?.InsertHeaders);
  } else {
    requireOneAction(rule);
    if (rule.OverrideAction) throw new InvalidParameter('RULE', 'Statement', reasons.reference);
    validateAction(rule.Action ?? {}, options);
    // "Any valid rule action except for Allow"; "You cannot use the Monetize action for rate-based rules."
    const barred = rule.Action?.Allow ? 'Allow' : rule.Action?.Monetize ? 'Monetize' : undefined;
    if (rule.Statement.RateBasedStatement && barred) {
      throw new InvalidParameter('RULE_ACTION', barred, reasons.notAllowed);
    }
  }
  validateImmunity('CaptchaConfig', rule.CaptchaConfig);
  validateImmunity('ChallengeConfig', rule.ChallengeConfig);
  for (const { Name } of rule.RuleLabels ?? []) validateLabel(Name);
}

/** Up to five namespaces and a name, each of at most 128 characters, and none of AWS's own words. */
function validateLabel(label: string): void {
  const parts = label.split(':');
  const isLong = parts.length > mostNamespaces + 1 || parts.some(({ length }) => length > longestLabelPart);
  if (isLong) throw new InvalidParameter('RULE', label, reasons.maximum);
  if (parts.includes('') || parts.some((part) => reservedLabelParts.includes(part.toLowerCase()))) {
    throw new InvalidParameter('RULE', label, reasons.format);
  }
}
