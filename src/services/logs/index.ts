/** Amazon CloudWatch Logs: groups and streams of events, read back in their order and by filter patterns. */
import { type Service, service } from '../service.ts';
import { FilterLogEvents } from './operations/filter-log-events.ts';
import { GetLogEvents } from './operations/get-log-events.ts';
import * as logGroups from './operations/log-groups.ts';
import * as logStreams from './operations/log-streams.ts';
import { PutLogEvents } from './operations/put-log-events.ts';
import * as resourcePolicies from './operations/resource-policies.ts';
import * as retention from './operations/retention.ts';
import * as tags from './operations/tags.ts';
import type { LogsPorts } from './ports.ts';
import { unbuilt } from './unbuilt.ts';

export function logs(ports: LogsPorts): Service {
  const operations = {
    ...logGroups,
    ...logStreams,
    PutLogEvents,
    GetLogEvents,
    FilterLogEvents,
    ...retention,
    ...tags,
    ...resourcePolicies,
  };
  return service('logs', operations, ports, undefined, unbuilt);
}
