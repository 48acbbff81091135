/** Distributions as the API shows them. */
import type { Distribution, DistributionSummary } from '@aws-sdk/client-cloudfront';
import { type DistributionRow, distributionArn } from './state.ts';

export type Status = 'InProgress' | 'Deployed';

export function shownDistribution(row: DistributionRow, Status: Status): Distribution {
  return {
    Id: row.id,
    ARN: distributionArn(row),
    Status,
    LastModifiedTime: new Date(row.modifiedAt),
    InProgressInvalidationBatches: 0,
    DomainName: row.domainName,
    ActiveTrustedSigners: { Enabled: false, Quantity: 0 },
    ActiveTrustedKeyGroups: { Enabled: false, Quantity: 0 },
    DistributionConfig: row.config,
  };
}

export function shownSummary(row: DistributionRow): DistributionSummary {
  const { config } = row;
  return {
    Id: row.id,
    ARN: distributionArn(row),
    ETag: row.etag,
    Status: 'Deployed',
    LastModifiedTime: new Date(row.modifiedAt),
    DomainName: row.domainName,
    Aliases: config.Aliases,
    Origins: config.Origins,
    OriginGroups: config.OriginGroups,
    DefaultCacheBehavior: config.DefaultCacheBehavior,
    CacheBehaviors: config.CacheBehaviors,
    CustomErrorResponses: config.CustomErrorResponses,
    Comment: config.Comment,
    PriceClass: config.PriceClass,
    Enabled: config.Enabled,
    ViewerCertificate: config.ViewerCertificate,
    Restrictions: config.Restrictions,
    WebACLId: config.WebACLId,
    HttpVersion: config.HttpVersion,
    IsIPV6Enabled: config.IsIPV6Enabled,
    Staging: false,
  };
}
