/** The part of the configuration's schema about AWS WAF: quotas other than AWS's. */
import type { Shape } from './schema.ts';

/** Undefined ones are AWS's. */
export interface WafConfig {
  readonly webAcls?: number;
  readonly ruleGroups?: number;
  readonly ipSets?: number;
  readonly regexPatternSets?: number;
  readonly addressesPerIpSet?: number;
  readonly patternsPerSet?: number;
  readonly capacityUnits?: number;
  readonly referencesPerWebAcl?: number;
  readonly loadBalancersPerWebAcl?: number;
  readonly tokenDomains?: number;
  readonly customRequestHeaders?: number;
  readonly customResponseHeaders?: number;
}

const quota = (about: string): Shape => ({ type: 'number', about, least: 1 });

export const waf: Shape = {
  type: 'object',
  about: 'Quotas of AWS WAF, for each account, region and scope',
  members: {
    webAcls: quota('Web ACLs; 100 by default'),
    ruleGroups: quota('Rule groups; 100 by default'),
    ipSets: quota('IP sets; 100 by default'),
    regexPatternSets: quota('Regex pattern sets; 10 by default'),
    addressesPerIpSet: quota('Addresses in an IP set; 10000 by default'),
    patternsPerSet: quota('Patterns in a regex pattern set; 10 by default'),
    capacityUnits: quota('Capacity units of a web ACL or rule group; 5000 by default'),
    referencesPerWebAcl: quota('Statements of a web ACL that refer to sets and groups; 50 by default'),
    loadBalancersPerWebAcl: quota('Load balancers that a web ACL protects; 100 by default'),
    tokenDomains: quota('Token domains of a web ACL; 10 by default'),
    customRequestHeaders: quota('Headers that the rules of a web ACL or rule group insert; 100 by default'),
    customResponseHeaders: quota('Headers in the responses of a web ACL or rule group; 100 by default'),
  },
};
