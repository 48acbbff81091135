/** Rules on their way in: checked by the engine that will run them, and what they cost. */
import type {
  CreateRuleGroupRequest,
  CreateWebACLRequest,
  ParameterExceptionField,
  Rule,
  UpdateRuleGroupRequest,
  UpdateWebACLRequest,
} from '@aws-sdk/client-wafv2';
import { resourcesOf, type WebAclBundle } from '../../engines/waf/bundle.ts';
import { compileWebAcl } from '../../engines/waf/compile.ts';
import { InvalidParameter } from '../../engines/waf/invalid-parameter.ts';
import { managedRuleGroup } from '../../engines/waf/managed/index.ts';
import type { CustomResponseBodies } from '../../engines/waf/types.ts';
import {
  validateDefaultAction,
  validateImmunity,
  validateMetricName,
  validateRules,
} from '../../engines/waf/validation/rules.ts';
import { validateRegex } from '../../engines/waf/validation/statement.ts';
import type { Call } from '../service.ts';
import { parseArn } from './arns.ts';
import { costOfRules } from './capacity.ts';
import { arnCheck } from './checks.ts';
import { invalidParameter, limitsExceeded, unavailableEntity } from './errors.ts';
import { findGroup, requireVersion } from './managed-groups.ts';
import { requirePaymentNetworks } from './payment-networks.ts';
import type { Quotas } from './quotas.ts';
import { referredArns, requireReferences } from './references.ts';
import { bundle } from './resolved.ts';
import { requireGroupQuotas, requireWebAclQuotas } from './rule-quotas.ts';
import {
  requireDataProtection,
  requireOnSource,
  requireResponseBodies,
  requireTokenDomains,
  ruleGroupSettings,
  webAclSettings,
} from './settings.ts';
import type { EntityRow, Scope, WebAclRow } from './state.ts';
import { storeRules } from './stored-rules.ts';

export type WebAclInput = Omit<
  CreateWebACLRequest | UpdateWebACLRequest,
  'Id' | 'LockToken' | 'Name' | 'Scope' | 'Tags'
>;
type GroupInput = Pick<
  CreateRuleGroupRequest | UpdateRuleGroupRequest,
  'Rules' | 'CustomResponseBodies' | 'MonetizationConfig' | 'VisibilityConfig'
>;

/**
 * What can be said of a web ACL without looking at what it refers to.
 * @throws AwsError WAFInvalidParameterException, WAFLimitsExceededException
 */
export function requireWebAcl(scope: Scope, input: WebAclInput, quotas: Quotas): void {
  requireResponseBodies(input.CustomResponseBodies, quotas);
  requireTokenDomains(input.TokenDomains, quotas.tokenDomains);
  requireDataProtection(input.DataProtectionConfig);
  requireOnSource(scope, input.OnSourceDDoSProtectionConfig);
  requirePaymentNetworks(input.MonetizationConfig);
  said(() => {
    const options = optionsOf(scope, input, false);
    validateDefaultAction(input.DefaultAction ?? {}, options);
    validateMetricName(input.VisibilityConfig);
    validateImmunity('CaptchaConfig', input.CaptchaConfig);
    validateImmunity('ChallengeConfig', input.ChallengeConfig);
    validateRules(input.Rules ?? [], options);
  });
  requireWebAclQuotas(input, quotas);
}

/**
 * What a web ACL costs, if it is right in every point.
 * @throws AwsError WAFInvalidParameterException, WAFLimitsExceededException and those of what it refers to
 */
export async function readWebAcl(call: Call, entity: EntityRow, input: WebAclInput, quotas: Quotas): Promise<number> {
  requireWebAcl(entity.scope, input, quotas);
  await requireUsable(call, entity.scope, input.Rules);
  const row: WebAclRow = {
    ...entity,
    capacity: 0,
    rules: storeRules(input.Rules),
    settings: webAclSettings(input),
  };
  const whole = await bundle(call.change, row, call.now);
  requireRunnable(whole);
  const capacity = await costOfRules(call, entity.scope, input.Rules ?? []);
  if (capacity > quotas.capacityUnits) throw limitsExceeded('CAPACITY_UNIT');
  return capacity;
}

/** What the rules of a group cost. Throws as `readWebAcl`. */
export async function readGroup(call: Call, entity: EntityRow, input: GroupInput, quotas: Quotas): Promise<number> {
  requireResponseBodies(input.CustomResponseBodies, quotas);
  requirePaymentNetworks(input.MonetizationConfig);
  said(() => {
    validateMetricName(input.VisibilityConfig);
    validateRules(input.Rules ?? [], optionsOf(entity.scope, input, true));
  });
  await requireUsable(call, entity.scope, input.Rules);
  requireGroupQuotas(input.Rules ?? [], quotas);
  requireRunnable(await asGroup(call, entity, input));
  return costOfRules(call, entity.scope, input.Rules ?? []);
}

/** CheckCapacity: rules of a web ACL that does not exist. */
export async function costOf(call: Call, scope: Scope, rules: readonly Rule[]): Promise<number> {
  said(() => validateRules(rules, { ...optionsOf(scope, {}, false), hasMonetization: true }));
  await requireOpen(call, rules);
  await requireUsable(call, scope, rules);
  requireRunnable(await bundle(call.change, { ...nothing(call, scope), rules: storeRules(rules) }, call.now));
  return costOfRules(call, scope, rules);
}

/** Nobody learns by asking what rules cost, or would do, what another account has. */
export async function requireOpen(call: Call, rules: readonly Rule[]): Promise<void> {
  for (const arn of referredArns(rules)) {
    const parts = parseArn(arn);
    if (!parts || parts.account === call.scope.account) continue;
    if (!(await call.may(await arnCheck(call, 'CreateWebACL', arn)))) throw unavailableEntity();
  }
}

/** References must be there, and managed groups open to the account. */
export async function requireUsable(call: Call, scope: Scope, rules: readonly Rule[] | undefined): Promise<void> {
  await requireReferences(call, scope, rules);
  for (const { Statement } of rules ?? []) {
    const managed = Statement?.ManagedRuleGroupStatement;
    if (!managed) continue;
    const group = await findGroup(call, scope, managed.VendorName ?? '', managed.Name ?? '');
    requireVersion(group, managed.Version, call.now);
  }
}

function requireRunnable(whole: WebAclBundle): void {
  said(() => compileWebAcl(whole.webAcl, resourcesOf(whole, managedRuleGroup)));
}

/** The engine's complaint becomes AWS's error. */
function said(check: () => unknown): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof InvalidParameter)) throw error;
    throw invalidParameter(error.Field as ParameterExceptionField, error.Parameter, error.Reason);
  }
}

function optionsOf(scope: Scope, input: Partial<GroupInput>, isRuleGroup: boolean) {
  return {
    isRuleGroup,
    scope,
    bodies: (input.CustomResponseBodies ?? {}) as CustomResponseBodies,
    hasMonetization: input.MonetizationConfig !== undefined,
  };
}

const visibility = { SampledRequestsEnabled: false, CloudWatchMetricsEnabled: false, MetricName: 'none' };

function nothing(call: Call, scope: Scope): WebAclRow {
  const { account, region } = call.scope;
  return {
    account,
    region,
    scope,
    name: 'none',
    id: 'none',
    lockToken: '',
    tags: {},
    capacity: 0,
    rules: [],
    settings: { DefaultAction: { Allow: {} }, VisibilityConfig: visibility },
  };
}

/** The group as the only rule of a web ACL: there it will run. */
async function asGroup(call: Call, entity: EntityRow, input: GroupInput): Promise<WebAclBundle> {
  const rules = storeRules(input.Rules);
  const inner = await bundle(call.change, { ...nothing(call, entity.scope), rules }, call.now);
  const arn = `arn:aws:wafv2:${entity.region}:${entity.account}:regional/rulegroup/${entity.name}/${entity.id}`;
  const settings = ruleGroupSettings(input) as Pick<WebAclBundle['ruleGroups'][string], 'CustomResponseBodies'>;
  return {
    ...inner,
    webAcl: {
      ...inner.webAcl,
      Rules: [
        {
          Name: 'group',
          Priority: 0,
          Statement: { RuleGroupReferenceStatement: { ARN: arn } },
          OverrideAction: { None: {} },
          VisibilityConfig: visibility,
        },
      ],
    },
    ruleGroups: {
      ...inner.ruleGroups,
      [arn]: { Name: entity.name, ARN: arn, VisibilityConfig: visibility, ...settings, Rules: rules },
    },
  };
}

/** @throws AwsError WAFInvalidParameterException */
export function requireRegex(pattern: string): void {
  said(() => validateRegex(pattern));
}
