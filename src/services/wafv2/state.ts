/** What AWS WAF keeps: web ACLs and what their rules refer to, what they protect, and how they log. */
import { table } from '../../store/store.ts';
import type { StoredRule } from './stored-rules.ts';

export type Scope = 'REGIONAL' | 'CLOUDFRONT';
export type Kind = 'webacl' | 'rulegroup' | 'ipset' | 'regexpatternset' | 'managedruleset';

/** What all five kinds have in common. Names are unique among their kind, in one account, region and scope. */
export interface EntityRow {
  readonly account: string;
  readonly region: string;
  readonly scope: Scope;
  readonly name: string;
  /** A UUID. */
  readonly id: string;
  /** Another one after every change. */
  readonly lockToken: string;
  readonly description?: string;
  readonly tags: Readonly<Record<string, string>>;
}

export interface IpSetRow extends EntityRow {
  readonly version: 'IPV4' | 'IPV6';
  /** CIDR blocks, as they were given. */
  readonly addresses: readonly string[];
}

export interface RegexPatternSetRow extends EntityRow {
  readonly patterns: readonly string[];
}

/** Members that the API takes and gives back as they are. */
export type Settings = Readonly<Record<string, unknown>>;

export interface RuleGroupRow extends EntityRow {
  /** What the rules may cost: fixed for ever when the group is made. */
  readonly capacity: number;
  readonly rules: readonly StoredRule[];
  /** `VisibilityConfig`, `CustomResponseBodies`, `MonetizationConfig`, where they were given. */
  readonly settings: Settings;
}

export interface WebAclRow extends EntityRow {
  readonly capacity: number;
  readonly rules: readonly StoredRule[];
  /** `DefaultAction`, `VisibilityConfig`, `CaptchaConfig` and the rest, where they were given. */
  readonly settings: Settings;
  /** Rules that a security administrator placed before and after the owner's own. */
  readonly managed?: { readonly before: readonly StoredRule[]; readonly after: readonly StoredRule[] };
}

export interface PublishedVersion {
  readonly ruleGroupArn: string;
  readonly capacity: number;
  /** Days. */
  readonly forecastedLifetime?: number;
  /** Epoch milliseconds. */
  readonly publishedAt: number;
  readonly updatedAt: number;
  readonly expiresAt?: number;
  /** The rules at the moment of publishing: a version never changes. */
  readonly rules: readonly StoredRule[];
  readonly settings: Settings;
}

export interface ManagedRuleSetRow extends EntityRow {
  /** The seller, as customers name it. */
  readonly vendor: string;
  readonly versions: Readonly<Record<string, PublishedVersion>>;
  readonly recommended?: string;
}

/** Names of versions are the vendor's words, `constructor` as well as any. */
export function versionOf(set: ManagedRuleSetRow, name: string | undefined): PublishedVersion | undefined {
  return name !== undefined && Object.hasOwn(set.versions, name) ? set.versions[name] : undefined;
}

/** Partition = `entityPartition`, id = name. */
export const webAcls = table<WebAclRow>('wafv2.web-acl');
export const ruleGroups = table<RuleGroupRow>('wafv2.rule-group');
export const ipSets = table<IpSetRow>('wafv2.ip-set');
export const regexPatternSets = table<RegexPatternSetRow>('wafv2.regex-pattern-set');
export const managedRuleSets = table<ManagedRuleSetRow>('wafv2.managed-rule-set');

export function entityPartition(account: string, region: string, scope: Scope): string {
  return `${account}/${region}/${scope}`;
}

/** Who uses what: partition = ARN that is referred to, id = ARN that refers to it. */
export const references = table<Record<string, never>>('wafv2.reference');

/** The web ACL of a resource. Partition '', id = ARN of the resource. */
export const associations = table<{ readonly webAclArn: string }>('wafv2.association');
/** The same the other way round. Partition = ARN of the web ACL, id = ARN of the resource. */
export const associated = table<Record<string, never>>('wafv2.associated-resource');

export interface PermissionPolicyRow {
  readonly document: string;
  /** ARNs of users and roles in Principal elements → their unique ids when the policy was put. */
  readonly principalIds: Readonly<Record<string, string>>;
}

/** Partition '', id = ARN of the rule group. */
export const permissionPolicies = table<PermissionPolicyRow>('wafv2.permission-policy');

export type LogScope = 'CUSTOMER' | 'SECURITY_LAKE' | 'CLOUDWATCH_TELEMETRY_RULE_MANAGED';

export interface LoggingRow {
  readonly webAclArn: string;
  readonly logScope: LogScope;
  readonly destinations: readonly string[];
  /** `RedactedFields`, `LoggingFilter`, `LogType` and `LogScope`, where they were given. */
  readonly settings: Settings;
}

/** Partition = `entityPartition` of the web ACL, id = `LOGSCOPE/ARN`. */
export const loggingConfigurations = table<LoggingRow>('wafv2.logging');

export interface ApiKeyRow {
  readonly key: string;
  readonly domains: readonly string[];
  /** Epoch milliseconds. */
  readonly createdAt: number;
}

/** Partition = `entityPartition`, id = SHA-256 of the key. */
export const apiKeys = table<ApiKeyRow>('wafv2.api-key');

/** The secret that seals CAPTCHA and Challenge tokens of a web ACL. Partition = its ARN, id 'token-key'. */
export const tokenKeys = table<{ readonly key: string }>('wafv2.token-key');

/** A vendor's name for managed rule groups. Partition '', id = `REGION/SCOPE/VENDOR/NAME`. */
export const vendorGroups = table<{
  readonly account: string;
  readonly region: string;
  readonly name: string;
}>('wafv2.vendor-group');
