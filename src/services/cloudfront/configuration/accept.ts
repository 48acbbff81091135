/** From what is asked for to what is kept: checked in every part, and with what was left out filled in. */
import type { DistributionConfig } from '@aws-sdk/client-cloudfront';
import { AwsError, type CheckCall } from '../../service.ts';
import { invalid, invalidWebAcl } from '../errors.ts';
import type { CloudFrontPorts } from '../ports.ts';
import { quotas } from '../quotas.ts';
import { acceptBehavior, acceptBehaviors } from './behaviors.ts';
import { itemsOf, listOf } from './lists.ts';
import { acceptOrigins } from './origins.ts';
import { refuseUnserved } from './unserved.ts';
import { acceptAliases, acceptCertificate } from './viewers.ts';

export interface AcceptedConfig {
  readonly config: DistributionConfig;
  /** ARN of the certificate that it shows, if it is not the default one. */
  readonly certificate?: string;
}

/** @throws AwsError of every kind that CreateDistribution has */
export async function acceptConfig(
  given: DistributionConfig,
  call: CheckCall,
  ports: CloudFrontPorts,
): Promise<AcceptedConfig> {
  refuseUnserved(given);
  const root = given.DefaultRootObject ?? '';
  if (!/^(?:[A-Za-z0-9_.*$~"'&-][\x21-\x7e]{0,254})?$/.test(root) || root.startsWith('/')) {
    throw new AwsError(
      'InvalidDefaultRootObject',
      'The default root object file name is too big or contains an invalid character.',
    );
  }
  if ((given.Comment ?? '').length > 128) throw invalid('The parameter Comment is longer than 128 characters.');
  const origins = await acceptOrigins(itemsOf(given.Origins), call.change, ports);
  const ids = new Set(origins.map(({ Id }) => Id ?? ''));
  if (!given.DefaultCacheBehavior) throw invalid('The parameter DefaultCacheBehavior is required.');
  const names = acceptAliases(itemsOf(given.Aliases));
  const { certificate, arn } = await acceptCertificate(given.ViewerCertificate, names, call, ports);
  const webAcl = await acceptWebAcl(given.WebACLId, call, ports);
  const accepted = {
    config: {
      CallerReference: given.CallerReference,
      Aliases: listOf(names),
      DefaultRootObject: root,
      Origins: { Quantity: origins.length, Items: origins },
      OriginGroups: { Quantity: 0 },
      DefaultCacheBehavior: acceptBehavior(given.DefaultCacheBehavior, ids),
      CacheBehaviors: listOf(acceptBehaviors(itemsOf(given.CacheBehaviors), ids)),
      CustomErrorResponses: { Quantity: 0 },
      Comment: given.Comment ?? '',
      Logging: { Enabled: false, IncludeCookies: false, Bucket: '', Prefix: '' },
      PriceClass: given.PriceClass ?? 'PriceClass_All',
      Enabled: given.Enabled ?? false,
      ViewerCertificate: certificate,
      Restrictions: { GeoRestriction: { RestrictionType: 'none', Quantity: 0 } },
      WebACLId: webAcl,
      HttpVersion: given.HttpVersion ?? 'http2',
      IsIPV6Enabled: given.IsIPV6Enabled ?? false,
      ContinuousDeploymentPolicyId: '',
      Staging: false,
    },
    ...(arn !== undefined && { certificate: arn }),
  } satisfies AcceptedConfig;
  if (JSON.stringify(accepted.config).length > quotas.distributionText) {
    throw invalid(`A distribution has at most ${quotas.distributionText} characters here.`);
  }
  return accepted;
}

/** @throws AwsError InvalidWebACLId */
export async function acceptWebAcl(arn: string | undefined, call: CheckCall, ports: CloudFrontPorts): Promise<string> {
  if (arn === undefined || arn === '') return '';
  const found = await ports.webAcl(call.change, arn);
  if (!found?.isGlobal || found.account !== call.scope.account) {
    throw invalidWebAcl(
      'Web ACL is not accessible by the requester: name the ARN of a web ACL of scope CLOUDFRONT of this account.',
    );
  }
  return arn;
}
