/** Services that lie in one region, us-east-1, as far as policies (aws:RequestedRegion) and records can tell. */
export const globalServices: ReadonlySet<string> = new Set([
  'iam',
  'organizations',
  'account',
  'supportplans',
  'cloudfront',
  'route53',
  'shield',
]);
