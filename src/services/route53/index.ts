/** Amazon Route 53: zones and their records, answered by the DNS listener of the edge, and health checks. */
import { type Service, service } from '../service.ts';
import { heldNamesJob } from './held-names.ts';
import { ChangeResourceRecordSets } from './operations/change-record-sets.ts';
import { GetDNSSEC } from './operations/dnssec.ts';
import * as healthChecks from './operations/health-checks.ts';
import {
  CreateHostedZone,
  DeleteHostedZone,
  GetHostedZone,
  UpdateHostedZoneComment,
} from './operations/hosted-zones.ts';
import * as listHostedZones from './operations/list-hosted-zones.ts';
import * as listRecordSets from './operations/list-record-sets.ts';
import * as tags from './operations/tags.ts';
import type { Route53Ports } from './ports.ts';
import { unbuilt } from './unbuilt.ts';

export function route53(ports: Route53Ports): Service {
  const operations = {
    CreateHostedZone,
    GetHostedZone,
    DeleteHostedZone,
    UpdateHostedZoneComment,
    ...listHostedZones,
    GetDNSSEC,
    ChangeResourceRecordSets,
    ...listRecordSets,
    ...healthChecks,
    ...tags,
  };
  return service('route53', operations, ports, [heldNamesJob(ports.store)], unbuilt);
}
