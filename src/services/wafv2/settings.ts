/** The members of web ACLs and rule groups that are kept and given back as they came. */
import type { CustomResponseBody, DataProtectionConfig, OnSourceDDoSProtectionConfig } from '@aws-sdk/client-wafv2';
import { invalidParameter, limitsExceeded, reasons } from './errors.ts';
import type { Quotas } from './quotas.ts';
import type { Scope, Settings } from './state.ts';
import { plain } from './stored-rules.ts';

const ofWebAcls = [
  'DefaultAction',
  'VisibilityConfig',
  'DataProtectionConfig',
  'CustomResponseBodies',
  'CaptchaConfig',
  'ChallengeConfig',
  'TokenDomains',
  'AssociationConfig',
  'OnSourceDDoSProtectionConfig',
  'ApplicationConfig',
  'MonetizationConfig',
] as const;

const ofRuleGroups = ['VisibilityConfig', 'CustomResponseBodies', 'MonetizationConfig'] as const;

export function webAclSettings(input: object): Settings {
  return pick(input, ofWebAcls);
}

export function ruleGroupSettings(input: object): Settings {
  return pick(input, ofRuleGroups);
}

function pick(input: object, names: readonly string[]): Settings {
  const given = input as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    names.filter((name) => given[name] !== undefined).map((name) => [name, plain(given[name])]),
  );
}

/** @throws AwsError WAFLimitsExceededException */
export function requireResponseBodies(
  bodies: Readonly<Record<string, CustomResponseBody>> | undefined,
  quotas: Quotas,
): void {
  const sizes = Object.values(bodies ?? {}).map(({ Content }) => Buffer.byteLength(Content ?? ''));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const isTooMany = sizes.length > quotas.customResponseBodies || total > quotas.allCustomResponseBytes;
  if (isTooMany || sizes.some((size) => size > quotas.customResponseBytes)) {
    throw limitsExceeded('CUSTOM_RESPONSE_BODY');
  }
}

/** Parts with names name them, the others have none. @throws AwsError WAFInvalidParameterException */
export function requireDataProtection(config: DataProtectionConfig | undefined): void {
  for (const { Field } of config?.DataProtections ?? []) {
    const type = Field?.FieldType ?? '';
    const isNamed = (Field?.FieldKeys ?? []).length > 0;
    if (type.startsWith('SINGLE_') !== isNamed)
      throw invalidParameter('DATA_PROTECTION_CONFIG', type, reasons.exactlyOne);
  }
}

/**
 * The mode that load balancers of AWS have anyway asks for nothing here; the other one is not built.
 * @throws AwsError WAFInvalidParameterException
 */
export function requireOnSource(scope: Scope, config: OnSourceDDoSProtectionConfig | undefined): void {
  if (!config) return;
  if (scope === 'CLOUDFRONT') {
    throw invalidParameter('LOW_REPUTATION_MODE', 'OnSourceDDoSProtectionConfig', reasons.scope);
  }
  const mode = config.ALBLowReputationMode ?? '';
  if (mode === 'ACTIVE_UNDER_DDOS') return;
  const instead = 'Use AWSManagedRulesAmazonIpReputationList and AWSManagedRulesAntiDDoSRuleSet';
  throw invalidParameter('LOW_REPUTATION_MODE', mode, `This mode is not built. ${instead}.`);
}

const label = '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?';
const domain = new RegExp(`^${label}(\\.${label})+$`, 'i');

/**
 * Domains that tokens are good for: names of two parts or more. AWS refuses public suffixes such as `gov.au`, too.
 * @throws AwsError WAFInvalidParameterException, WAFLimitsExceededException
 */
export function requireTokenDomains(domains: readonly string[] | undefined, most: number): void {
  if ((domains ?? []).length > most) throw limitsExceeded('TOKEN_DOMAIN');
  for (const name of domains ?? []) {
    if (name.length > 253 || !domain.test(name)) throw invalidParameter('TOKEN_DOMAIN', name, reasons.format);
  }
}
