/** What AWS's CloudFront can do and the edge cannot: refused with its name, never taken and forgotten. */
import type { CacheBehavior, DefaultCacheBehavior, DistributionConfig } from '@aws-sdk/client-cloudfront';
import { unserved } from '../errors.ts';
import { itemsOf } from './lists.ts';

/** @throws AwsError InvalidArgument */
export function refuseUnserved(config: DistributionConfig): void {
  if (itemsOf(config.OriginGroups).length > 0) throw unserved('OriginGroups', 'Name one origin for each behavior.');
  if (itemsOf(config.CustomErrorResponses).length > 0) {
    throw unserved('CustomErrorResponses', 'Let the origin answer errors.');
  }
  if (config.Logging?.Enabled) {
    throw unserved('Logging', 'Log through the web ACL (wafv2:PutLoggingConfiguration).');
  }
  const restriction = config.Restrictions?.GeoRestriction;
  itemsOf(restriction);
  if (restriction && restriction.RestrictionType !== 'none') {
    throw unserved('GeoRestriction', 'Use a GeoMatchStatement in its web ACL.');
  }
  if (config.HttpVersion !== undefined && config.HttpVersion.toLowerCase() !== 'http2') {
    throw unserved(`HttpVersion ${config.HttpVersion}`, 'Distributions speak HTTP/1.1 and HTTP/2: say http2.');
  }
  if (config.Staging) throw unserved('Staging');
  if (config.ContinuousDeploymentPolicyId) throw unserved('ContinuousDeploymentPolicyId');
  if (config.AnycastIpListId) throw unserved('AnycastIpListId');
  if (config.TenantConfig) throw unserved('TenantConfig');
  if (config.ConnectionMode !== undefined && config.ConnectionMode !== 'direct') throw unserved('ConnectionMode');
  if (config.ViewerMtlsConfig) throw unserved('ViewerMtlsConfig');
  if (config.ConnectionFunctionAssociation) throw unserved('ConnectionFunctionAssociation');
  if (config.CacheTagConfig) throw unserved('CacheTagConfig');
}

/** @throws AwsError InvalidArgument */
export function refuseUnservedBehavior(behavior: CacheBehavior | DefaultCacheBehavior): void {
  if (behavior.TrustedSigners?.Enabled || itemsOf(behavior.TrustedSigners).length > 0) throw unserved('TrustedSigners');
  if (behavior.TrustedKeyGroups?.Enabled || itemsOf(behavior.TrustedKeyGroups).length > 0) {
    throw unserved('TrustedKeyGroups');
  }
  if (itemsOf(behavior.LambdaFunctionAssociations).length > 0) throw unserved('LambdaFunctionAssociations');
  if (itemsOf(behavior.FunctionAssociations).length > 0) throw unserved('FunctionAssociations');
  if (behavior.FieldLevelEncryptionId) throw unserved('FieldLevelEncryptionId');
  if (behavior.RealtimeLogConfigArn) throw unserved('RealtimeLogConfigArn');
  if (behavior.ResponseHeadersPolicyId) throw unserved('ResponseHeadersPolicyId');
  if (behavior.SmoothStreaming) throw unserved('SmoothStreaming');
  if (behavior.GrpcConfig?.Enabled) throw unserved('GrpcConfig');
}
