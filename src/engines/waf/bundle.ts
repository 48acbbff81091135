/** A web ACL with everything that it refers to, as JSON: how it travels to edge nodes, and is replayed. */
import type { IPSet, Location, ManagedRuleGroupDefinition, RegexPatternSet, Resources } from './resources.ts';
import type { RuleGroupDefinition, WebACLDefinition } from './types.ts';

/** A vendor's group: rules as users write them, so that it is JSON. */
export type VendorRuleGroup = Omit<ManagedRuleGroupDefinition, 'prepare'>;

export interface WebAclBundle {
  readonly webAcl: WebACLDefinition;
  /** By ARN. */
  readonly ipSets: Readonly<Record<string, IPSet>>;
  readonly regexPatternSets: Readonly<Record<string, RegexPatternSet>>;
  readonly ruleGroups: Readonly<Record<string, RuleGroupDefinition>>;
  /** Groups of vendors other than AWS, by `vendorGroupKey`. */
  readonly vendorGroups: Readonly<Record<string, VendorRuleGroup>>;
}

export function vendorGroupKey(vendorName: string, name: string, version: string | undefined): string {
  return JSON.stringify([vendorName, name, version ?? null]);
}

/**
 * What the compiler asks for.
 * @param managed AWS's own groups
 */
export function resourcesOf(
  bundle: WebAclBundle,
  managed: Resources['managedRuleGroup'],
  locate?: (address: string) => Location | undefined,
): Resources {
  return {
    ipSet: (arn) => own(bundle.ipSets, arn),
    regexPatternSet: (arn) => own(bundle.regexPatternSets, arn),
    ruleGroup: (arn) => own(bundle.ruleGroups, arn),
    managedRuleGroup: (vendorName, name, version, configs) =>
      vendorName === 'AWS'
        ? managed(vendorName, name, version, configs)
        : own(bundle.vendorGroups, vendorGroupKey(vendorName, name, version)),
    ...(locate && { locate }),
  };
}

function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
