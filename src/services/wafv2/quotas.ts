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
  /** Statements that refer to IP sets, pattern sets and rule groups. */
  readonly referencesPerWebAcl: number;
  readonly referencesPerRuleGroup: number;
  readonly rateBasedRulesPerWebAcl: number;
  readonly rateBasedRulesPerRuleGroup: number;
  readonly loadBalancersPerWebAcl: number;
  /** Of a web ACL, and of an API key. */
  readonly tokenDomains: number;
  readonly tokenDomainsPerApiKey: number;
  /** Of all rules of a web ACL or rule group together. */
  readonly customRequestHeaders: number;
  readonly customResponseHeaders: number;
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
  referencesPerRuleGroup: 50,
  rateBasedRulesPerWebAcl: 10,
  rateBasedRulesPerRuleGroup: 4,
  loadBalancersPerWebAcl: 100,
  tokenDomains: 10,
  tokenDomainsPerApiKey: 5,
  customRequestHeaders: 100,
  customResponseHeaders: 100,
  customResponseBodies: 50,
  customResponseBytes: 4_096,
  allCustomResponseBytes: 51_200,
};

/** @param set those that the operator wants otherwise */
export function quotasWith(set: Partial<Quotas> = {}): Quotas {
  return { ...documented, ...set };
}
