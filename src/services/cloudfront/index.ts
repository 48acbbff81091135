/**
 * Amazon CloudFront: distributions, served by the edge. For others: `reading.ts` finds distributions by ARN and domain name,
 * and says which of them use a certificate or a web ACL; `policies` are those that AWS manages.
 */
import { type Service, service } from '../service.ts';
import * as aliases from './operations/aliases.ts';
import * as creating from './operations/create-distribution.ts';
import * as distributions from './operations/distributions.ts';
import * as invalidations from './operations/invalidations.ts';
import * as listing from './operations/list-distributions.ts';
import * as policies from './operations/policies.ts';
import * as tags from './operations/tags.ts';
import * as webAcls from './operations/web-acls.ts';
import type { CloudFrontPorts } from './ports.ts';

export function cloudfront(ports: CloudFrontPorts): Service {
  const operations = {
    ...creating,
    ...distributions,
    ...listing,
    ...webAcls,
    ...aliases,
    ...invalidations,
    ...policies,
    ...tags,
  };
  return service('cloudfront', operations, ports);
}
