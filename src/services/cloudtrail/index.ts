/** AWS CloudTrail: who did what, to look up, and to keep in a bucket with proof that nobody changed it. */
import { type Service, service } from '../service.ts';
import { deliveryJob } from './delivery/job.ts';
import { CreateTrail } from './operations/create-trail.ts';
import { DeleteTrail } from './operations/delete-trail.ts';
import { DescribeTrails, GetTrail, ListTrails } from './operations/describe-trails.ts';
import { GetEventSelectors, PutEventSelectors } from './operations/event-selectors.ts';
import { GetTrailStatus } from './operations/get-trail-status.ts';
import { ListPublicKeys } from './operations/list-public-keys.ts';
import { StartLogging, StopLogging } from './operations/logging.ts';
import { LookupEvents } from './operations/lookup-events.ts';
import { AddTags, ListTags, RemoveTags } from './operations/tags.ts';
import { UpdateTrail } from './operations/update-trail.ts';
import type { CloudTrailPorts } from './ports.ts';

export function cloudtrail(ports: CloudTrailPorts): Service {
  return service(
    'cloudtrail',
    {
      AddTags,
      CreateTrail,
      DeleteTrail,
      DescribeTrails,
      GetEventSelectors,
      GetTrail,
      GetTrailStatus,
      ListPublicKeys,
      ListTags,
      ListTrails,
      LookupEvents,
      PutEventSelectors,
      RemoveTags,
      StartLogging,
      StopLogging,
      UpdateTrail,
    },
    ports,
    [deliveryJob(ports)],
  );
}
