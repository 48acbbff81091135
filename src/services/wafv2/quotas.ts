/** How much of everything there may be in an account, region and scope. */

export interface Quotas {
  readonly webAcls: number;
  readonly ruleGroups: number;
  readonly ipSets: number;
  readonly regexPatternSets: number;
  readonly managedRuleSets: number;
  readonly apiKeys: number;
  readonly addressesPerIpSet: number;
  readonly patternsPerSet: number;
  /** Of a web ACL, and of a rule group. */
  readonly capacityUnits: number;
  readonly referencesPerWebAcl: number;
  readonly customResponseBodies: number;
  /** Bytes of one custom response body, and of all of a web ACL or rule group together. */
  readonly customResponseBytes: number;
  readonly allCustomResponseBytes: number;
}

/** AWS WAF Developer Guide, "AWS WAF quotas". */
const documented: Quotas = {
  webAcls: 100,
  ruleGroups: 100,
  ipSets: 100,
  regexPatternSets: 10,
  managedRuleSets: 100,
  apiKeys: 10,
  addressesPerIpSet: 10_000,
  patternsPerSet: 10,
  capacityUnits: 5_000,
  referencesPerWebAcl: 50,
  customResponseBodies: 50,
  customResponseBytes: 4_096,
  allCustomResponseBytes: 51_200,
};

/** @param set those that the operator wants otherwise */
export function quotasWith(set: Partial<Quotas> = {}): Quotas {
  return { ...documented, ...set };
}
