/** Amazon CloudWatch: metrics and alarms. `record.ts` takes what the services of this instance measure themselves. */
import { type Service, service } from '../service.ts';
import { jobs } from './jobs.ts';
import * as alarms from './operations/alarms.ts';
import * as getMetrics from './operations/get-metrics.ts';
import { PutMetricAlarm } from './operations/put-metric-alarm.ts';
import { PutMetricData } from './operations/put-metric-data.ts';
import * as tags from './operations/tags.ts';
import type { CloudWatchPorts } from './ports.ts';
import { unbuilt } from './unbuilt.ts';

export function cloudwatch(ports: CloudWatchPorts): Service {
  return service(
    'cloudwatch',
    { PutMetricData, ...getMetrics, PutMetricAlarm, ...alarms, ...tags },
    ports,
    jobs(ports),
    unbuilt,
  );
}
