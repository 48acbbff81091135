/**
 * AWS WAF: web ACLs, what their rules refer to, what they protect, and what they saw.
 * For others: `resolved.ts` gives edge nodes their web ACLs with everything that rules refer to (`webAclsFor`), and a
 * web ACL by its ARN (`webAclByArn`); `traffic/traffic.ts` takes what edge nodes report.
 */
import { type Service, service } from '../service.ts';
import { deliveryJob } from './logging/delivery.ts';
import { CreateAPIKey, DeleteAPIKey, GetDecryptedAPIKey, ListAPIKeys } from './operations/api-keys.ts';
import {
  AssociateWebACL,
  DisassociateWebACL,
  GetWebACLForResource,
  ListResourcesForWebACL,
} from './operations/associations.ts';
import { CreateWebACL, DeleteWebACL, UpdateWebACL } from './operations/create-web-acl.ts';
import { CreateIPSet, DeleteIPSet, GetIPSet, ListIPSets, UpdateIPSet } from './operations/ip-sets.ts';
import {
  DeleteLoggingConfiguration,
  GetLoggingConfiguration,
  ListLoggingConfigurations,
  PutLoggingConfiguration,
} from './operations/logging.ts';
import {
  DescribeAllManagedProducts,
  DescribeManagedProductsByVendor,
  DescribeManagedRuleGroup,
  ListAvailableManagedRuleGroups,
  ListAvailableManagedRuleGroupVersions,
} from './operations/managed-groups.ts';
import {
  GetManagedRuleSet,
  ListManagedRuleSets,
  PutManagedRuleSetVersions,
  UpdateManagedRuleSetVersionExpiryDate,
} from './operations/managed-rule-sets.ts';
import { GenerateMobileSdkReleaseUrl, GetMobileSdkRelease, ListMobileSdkReleases } from './operations/mobile-sdk.ts';
import { GetTopPathStatisticsByTraffic } from './operations/path-statistics.ts';
import { DeletePermissionPolicy, GetPermissionPolicy, PutPermissionPolicy } from './operations/permission-policies.ts';
import { GetRateBasedStatementManagedKeys } from './operations/rate-based-keys.ts';
import { DeleteFirewallManagerRuleGroups, GetWebACL, ListWebACLs } from './operations/read-web-acls.ts';
import {
  CreateRegexPatternSet,
  DeleteRegexPatternSet,
  GetRegexPatternSet,
  ListRegexPatternSets,
  UpdateRegexPatternSet,
} from './operations/regex-pattern-sets.ts';
import {
  GetRevenueStatistics,
  GetRevenueStatisticsSummary,
  GetRevenueStatisticsTimeSeries,
  ListSettlementRecords,
} from './operations/revenue.ts';
import {
  CheckCapacity,
  CreateRuleGroup,
  DeleteRuleGroup,
  GetRuleGroup,
  ListRuleGroups,
  UpdateRuleGroup,
} from './operations/rule-groups.ts';
import { GetSampledRequests } from './operations/sampled-requests.ts';
import { ListTagsForResource, TagResource, UntagResource } from './operations/tags.ts';
import type { WafPorts } from './ports.ts';

export function wafv2(ports: WafPorts): Service {
  return service(
    'wafv2',
    {
      AssociateWebACL,
      CheckCapacity,
      CreateAPIKey,
      CreateIPSet,
      CreateRegexPatternSet,
      CreateRuleGroup,
      CreateWebACL,
      DeleteAPIKey,
      DeleteFirewallManagerRuleGroups,
      DeleteIPSet,
      DeleteLoggingConfiguration,
      DeletePermissionPolicy,
      DeleteRegexPatternSet,
      DeleteRuleGroup,
      DeleteWebACL,
      DescribeAllManagedProducts,
      DescribeManagedProductsByVendor,
      DescribeManagedRuleGroup,
      DisassociateWebACL,
      GenerateMobileSdkReleaseUrl,
      GetDecryptedAPIKey,
      GetIPSet,
      GetLoggingConfiguration,
      GetManagedRuleSet,
      GetMobileSdkRelease,
      GetPermissionPolicy,
      GetRateBasedStatementManagedKeys,
      GetRegexPatternSet,
      GetRevenueStatistics,
      GetRevenueStatisticsSummary,
      GetRevenueStatisticsTimeSeries,
      GetRuleGroup,
      GetSampledRequests,
      GetTopPathStatisticsByTraffic,
      GetWebACL,
      GetWebACLForResource,
      ListAPIKeys,
      ListAvailableManagedRuleGroups,
      ListAvailableManagedRuleGroupVersions,
      ListIPSets,
      ListLoggingConfigurations,
      ListManagedRuleSets,
      ListMobileSdkReleases,
      ListRegexPatternSets,
      ListResourcesForWebACL,
      ListRuleGroups,
      ListSettlementRecords,
      ListTagsForResource,
      ListWebACLs,
      PutLoggingConfiguration,
      PutManagedRuleSetVersions,
      PutPermissionPolicy,
      TagResource,
      UntagResource,
      UpdateIPSet,
      UpdateManagedRuleSetVersionExpiryDate,
      UpdateRegexPatternSet,
      UpdateRuleGroup,
      UpdateWebACL,
    },
    ports,
    [deliveryJob(ports)],
  );
}
