/** Managed rule groups on offer: AWS's own, and those that vendors of this instance share with the account. */
import { parsePolicy, principalsOf } from '../../engines/policy/index.ts';
import type { CheckCall } from '../service.ts';
import { awsGroups } from './aws-groups.ts';
import { expiredVersion, invalidParameter, nonexistentItem, reasons, subscriptionNotFound } from './errors.ts';
import { availableLabels, consumedLabels } from './labels.ts';
import { heldBy } from './permission-policy.ts';
import {
  entityPartition,
  type ManagedRuleSetRow,
  managedRuleSets,
  type PublishedVersion,
  type Scope,
  vendorGroups,
  versionOf,
} from './state.ts';
import { readRules } from './stored-rules.ts';

interface OfferedRule {
  readonly name: string;
  /** `{ Block: {} }` */
  readonly action: object;
  /** What it adds, fully qualified. */
  readonly labels: readonly string[];
}

export interface OfferedVersion {
  readonly capacity: number;
  readonly labelNamespace: string;
  readonly rules: readonly OfferedRule[];
  /** Fully qualified names. */
  readonly available: readonly string[];
  readonly consumed: readonly string[];
}

export interface OfferedGroup {
  readonly vendor: string;
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** The newest first; epoch milliseconds. Empty where the group has no versions. */
  readonly versions: readonly { readonly name: string; readonly updatedAt?: number; readonly expiresAt?: number }[];
  readonly defaultVersion?: string;
  /** Asks for more than a statement can say: it has settings of its own, and a price. */
  readonly isAdvanced: boolean;
  /** Undefined: there is no such version. Without a name the default one. */
  version(name: string | undefined): OfferedVersion | undefined;
}

/**
 * What vendors sign their groups with.
 * @see AWS WAF Developer Guide, "Label syntax": `awswaf:managed:VENDOR:GROUP:`
 */
export function vendorNamespace(vendor: string, name: string): string {
  return `awswaf:managed:${labelName(vendor)}:${name}:`;
}

/** A vendor's name as labels spell it. */
export function labelName(vendor: string): string {
  return vendor.toLowerCase().replaceAll(/[^a-z0-9-]/g, '-');
}

/** Everything that there is, whoever may use it: AWS's groups first, then by vendor and name. */
export async function productsOf(call: CheckCall, scope: Scope): Promise<OfferedGroup[]> {
  const rows = await call.change.list(vendorGroups, '', { prefix: `${call.scope.region}/${scope}/` });
  const vendors = await Promise.all(
    rows.map(async ({ value }) => {
      const set = await call.change.get(
        managedRuleSets,
        entityPartition(value.account, value.region, scope),
        value.name,
      );
      return set && Object.keys(set.versions).length > 0 ? ofVendor(set) : undefined;
    }),
  );
  return [...awsGroups(), ...vendors.filter((group) => group !== undefined)];
}

/** What the account may use. */
export async function groupsOf(call: CheckCall, scope: Scope): Promise<OfferedGroup[]> {
  const all = await productsOf(call, scope);
  const open = await Promise.all(all.map((group) => isOpenTo(call, group, scope)));
  return all.filter((_group, index) => open[index]);
}

/**
 * @throws AwsError WAFNonexistentItemException, WAFSubscriptionNotFoundException
 */
export async function findGroup(call: CheckCall, scope: Scope, vendor: string, name: string): Promise<OfferedGroup> {
  const aws = vendor === 'AWS' ? awsGroups().find((group) => group.name === name) : undefined;
  if (aws) return aws;
  const set = await vendorSet(call, scope, vendor, name);
  if (!set || Object.keys(set.versions).length === 0) throw nonexistentItem();
  const group = ofVendor(set);
  if (!(await isOpenTo(call, group, scope))) throw subscriptionNotFound();
  return group;
}

async function vendorSet(
  call: Pick<CheckCall, 'change' | 'scope'>,
  scope: Scope,
  vendor: string,
  name: string,
): Promise<ManagedRuleSetRow | undefined> {
  const place = await call.change.get(vendorGroups, '', vendorGroupId(call.scope.region, scope, vendor, name));
  return place && call.change.get(managedRuleSets, entityPartition(place.account, place.region, scope), place.name);
}

export function vendorGroupId(region: string, scope: Scope, vendor: string, name: string): string {
  return `${region}/${scope}/${vendor}/${name}`;
}

/** @throws AwsError WAFExpiredManagedRuleGroupVersionException, WAFInvalidParameterException */
export function requireVersion(group: OfferedGroup, name: string | undefined, now: number): OfferedVersion {
  const wanted = name ?? group.defaultVersion;
  const listed = group.versions.find((version) => version.name === wanted);
  const found = group.version(name);
  if (!found || (wanted !== undefined && !listed)) {
    throw invalidParameter('MANAGED_RULE_SET', name ?? group.name, reasons.reference);
  }
  if (listed?.expiresAt !== undefined && listed.expiresAt <= now) throw expiredVersion();
  return found;
}

function ofVendor(set: ManagedRuleSetRow): OfferedGroup {
  const versions = Object.entries(set.versions)
    .sort(([, a], [, b]) => b.publishedAt - a.publishedAt)
    .map(([name, { updatedAt, expiresAt }]) => ({ name, updatedAt, ...(expiresAt !== undefined && { expiresAt }) }));
  const defaultVersion = set.recommended ?? versions[0]?.name;
  return {
    vendor: set.vendor,
    name: set.name,
    title: set.name,
    description: set.description ?? '',
    versions,
    ...(defaultVersion !== undefined && { defaultVersion }),
    isAdvanced: false,
    version: (name) => {
      const found = versionOf(set, name ?? defaultVersion);
      return found && ofPublished(found, vendorNamespace(set.vendor, set.name));
    },
  };
}

function ofPublished(version: PublishedVersion, namespace: string): OfferedVersion {
  const rules = readRules(version.rules);
  return {
    capacity: version.capacity,
    labelNamespace: namespace,
    rules: rules.map(({ Name = '', Action = {}, RuleLabels = [] }) => ({
      name: Name,
      action: Action,
      labels: RuleLabels.map((label) => `${namespace}${label.Name}`),
    })),
    available: availableLabels(rules, namespace).map(({ Name = '' }) => Name),
    consumed: consumedLabels(rules, namespace).map(({ Name = '' }) => Name),
  };
}

/**
 * A vendor shares a group by sharing the rule group behind a published version, with its permission policy: that is
 * what a subscription is here.
 */
async function isOpenTo(call: CheckCall, group: OfferedGroup, scope: Scope): Promise<boolean> {
  if (group.vendor === 'AWS') return true;
  const set = await vendorSet(call, scope, group.vendor, group.name);
  if (!set) return false;
  if (set.account === call.scope.account) return true;
  for (const { ruleGroupArn } of Object.values(set.versions)) {
    const policy = await heldBy(call.change, ruleGroupArn);
    if (policy && namesAccount(policy.document, call.scope.account)) return true;
  }
  return false;
}

function namesAccount(document: string, account: string): boolean {
  return principalsOf(parsePolicy(document, 'resource')).some((one) => 'account' in one && one.account === account);
}
