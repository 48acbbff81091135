/** How much of everything there may be (AWS WAF Developer Guide, "AWS WAF quotas"): defaults. */

export const quotas = {
  webAcls: 100,
  ruleGroups: 100,
  ipSets: 100,
  regexPatternSets: 10,
  managedRuleSets: 100,
  addressesPerIpSet: 10_000,
  patternsPerSet: 10,
  /** Of a web ACL, and of a rule group. */
  capacityUnits: 5_000,
  referencesPerWebAcl: 50,
  apiKeys: 10,
  customResponseBodies: 50,
  /** Bytes of one custom response body, and of all of a web ACL or rule group together. */
  customResponseBytes: 4_096,
  allCustomResponseBytes: 51_200,
} as const;
