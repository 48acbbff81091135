/** Attributes of target groups (API reference, "TargetGroupAttribute"). */
import { invalidConfiguration, notBuilt } from '../errors.ts';
import type { Attributes, TargetGroupRow } from '../state.ts';
import { AttributeTable, boolean, integer, oneOf, type Specification, text } from './specification.ts';

type Subject = Pick<TargetGroupRow, 'protocol' | 'targetType'>;

/** Those of application load balancers; the others are for network load balancers. */
export const isHttp = ({ protocol }: Pick<TargetGroupRow, 'protocol'>): boolean =>
  protocol === 'HTTP' || protocol === 'HTTPS';
const isStream = (subject: Subject): boolean => !isHttp(subject);
const hasDatagrams = ({ protocol }: Subject): boolean => protocol === 'UDP' || protocol === 'TCP_UDP';
const isTcpOrTls = ({ protocol }: Subject): boolean => protocol === 'TCP' || protocol === 'TLS';

const http = (key: string, value: string, values: Specification<Subject>['values']): Specification<Subject> => ({
  key,
  default: value,
  values,
  of: isHttp,
});
const stream = (
  key: string,
  value: Specification<Subject>['default'],
  values: Specification<Subject>['values'],
): Specification<Subject> => ({ key, default: value, values, of: isStream });

const unbuilt = (line: Specification<Subject>): Specification<Subject> => ({ ...line, isUnbuilt: true });

/** RFC 6265 cookie names. */
const cookieName = text(512, /^[!#$%&'*+\-.^_`|~0-9A-Za-z]*$/);
const week = 604_800;

const table = new AttributeTable<Subject>(
  'Target group',
  [
    stream('proxy_protocol_v2.enabled', 'false', boolean),
    unbuilt(
      stream(
        'preserve_client_ip.enabled',
        (subject) => String(subject.targetType !== 'ip' || hasDatagrams(subject)),
        boolean,
      ),
    ),
    { key: 'stickiness.enabled', default: 'false', values: boolean },
    { key: 'deregistration_delay.timeout_seconds', default: '300', values: integer(0, 3600) },
    {
      key: 'stickiness.type',
      default: (subject) => (isHttp(subject) ? 'lb_cookie' : 'source_ip'),
      values: oneOf('lb_cookie', 'app_cookie', 'source_ip'),
    },
    http('stickiness.lb_cookie.duration_seconds', '86400', integer(1, week)),
    http('stickiness.app_cookie.cookie_name', '', cookieName),
    http('stickiness.app_cookie.duration_seconds', '86400', integer(1, week)),
    http('slow_start.duration_seconds', '0', integer(30, 900, '0')),
    http(
      'load_balancing.algorithm.type',
      'round_robin',
      oneOf('round_robin', 'least_outstanding_requests', 'weighted_random'),
    ),
    unbuilt(http('load_balancing.algorithm.anomaly_mitigation', 'off', oneOf('on', 'off'))),
    stream('deregistration_delay.connection_termination.enabled', (subject) => String(hasDatagrams(subject)), boolean),
    {
      key: 'load_balancing.cross_zone.enabled',
      default: 'use_load_balancer_configuration',
      values: oneOf('true', 'false', 'use_load_balancer_configuration'),
    },
    {
      key: 'target_health_state.unhealthy.connection_termination.enabled',
      default: 'true',
      of: isTcpOrTls,
      values: boolean,
      isUnbuilt: true,
    },
    {
      key: 'target_health_state.unhealthy.draining_interval_seconds',
      default: '0',
      of: isTcpOrTls,
      values: integer(0, 360_000),
      isUnbuilt: true,
    },
    {
      key: 'target_group_health.unhealthy_state_routing.minimum_healthy_targets.count',
      default: '1',
      values: integer(1, 1000),
    },
    {
      key: 'target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage',
      default: 'off',
      values: integer(1, 100, 'off'),
    },
    {
      key: 'target_group_health.dns_failover.minimum_healthy_targets.count',
      default: '1',
      values: integer(1, 1000, 'off'),
      isUnbuilt: true,
    },
    {
      key: 'target_group_health.dns_failover.minimum_healthy_targets.percentage',
      default: 'off',
      values: integer(1, 100, 'off'),
      isUnbuilt: true,
    },
  ],
  ({ protocol }) => `target groups with the ${protocol} protocol`,
);

/** Complete, by key: what the edge goes by. */
export const targetGroupAttributes = (row: TargetGroupRow): Readonly<Record<string, string>> =>
  table.complete(row, row.attributes);

export const listTargetGroupAttributes = (row: TargetGroupRow): { Key: string; Value: string }[] =>
  table.list(row, row.attributes);

/** @throws AwsError ValidationError, InvalidConfigurationRequest */
export function mergeTargetGroupAttributes(
  row: TargetGroupRow,
  given: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[],
): Attributes {
  if (row.targetType === 'alb') {
    throw invalidConfiguration("Attributes cannot be modified on target groups with the target type 'alb'");
  }
  const merged = table.merge(row, row.attributes, given);
  const all = table.complete(row, merged);
  const type = all['stickiness.type'];
  if ((type === 'source_ip') === isHttp(row)) {
    throw invalidConfiguration(
      `Stickiness type '${type}' is not supported for target groups with the ${row.protocol} protocol`,
    );
  }
  if (all['stickiness.enabled'] === 'true' && row.protocol === 'TLS') {
    throw invalidConfiguration('You cannot enable stickiness on target groups with the TLS protocol');
  }
  if (hasDatagrams(row)) requireOfDatagrams(all);
  const cookie = all['stickiness.app_cookie.cookie_name'] ?? '';
  if (type === 'app_cookie' && cookie === '') {
    throw invalidConfiguration("You must set an application cookie name to enable stickiness of type 'app_cookie'");
  }
  if (/^AWSALB/.test(cookie)) throw invalidConfiguration(`The application cookie name '${cookie}' is reserved`);
  const algorithm = all['load_balancing.algorithm.type'];
  if (all['slow_start.duration_seconds'] !== '0' && isHttp(row) && algorithm !== 'round_robin') {
    throw invalidConfiguration(
      `Slow start mode cannot be enabled on target groups with the load balancing algorithm '${algorithm}'`,
    );
  }
  return merged;
}

/** Datagrams are sent to nobody who is not registered, and carry nothing but what the client sent. */
function requireOfDatagrams(all: Attributes): void {
  if (all['deregistration_delay.connection_termination.enabled'] === 'false') {
    throw notBuilt('Keeping flows of UDP after the deregistration of their target');
  }
  if (all['proxy_protocol_v2.enabled'] === 'true') throw notBuilt('PROXY protocol in UDP');
}
