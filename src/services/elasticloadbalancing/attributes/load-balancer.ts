/** Attributes of load balancers (API reference, "LoadBalancerAttribute"). */
import { invalidConfiguration } from '../errors.ts';
import type { Attributes, LoadBalancerRow } from '../state.ts';
import { AttributeTable, boolean, integer, oneOf, type Specification, text } from './specification.ts';

type Subject = Pick<LoadBalancerRow, 'type' | 'scheme'>;

const isApplication = ({ type }: Subject): boolean => type === 'application';
const isNetwork = ({ type }: Subject): boolean => type === 'network';

const bucket = text(255, /^[a-z0-9.-]*$/);
const prefix = text(255, /^[\x20-\x7e]*$/);

/** Those of connections and of health checks are not written yet. */
function logs(name: string, of?: (subject: Subject) => boolean): Specification<Subject>[] {
  const line = (part: string, value: string, values: Specification<Subject>['values']): Specification<Subject> => ({
    key: `${name}.s3.${part}`,
    default: value,
    values,
    ...(of && { of }),
  });
  const enabled = line('enabled', 'false', boolean);
  return [
    name === 'access_logs' ? enabled : { ...enabled, isUnbuilt: true },
    line('bucket', '', bucket),
    line('prefix', '', prefix),
  ];
}

const application = (key: string, value: string, values: Specification<Subject>['values']): Specification<Subject> => ({
  key,
  default: value,
  values,
  of: isApplication,
});

const table = new AttributeTable<Subject>(
  'Load balancer',
  [
    ...logs('access_logs'),
    {
      key: 'ipv6.deny_all_igw_traffic',
      default: ({ scheme }) => String(scheme === 'internal'),
      values: boolean,
    },
    application('idle_timeout.timeout_seconds', '60', integer(1, 4000)),
    { key: 'deletion_protection.enabled', default: 'false', values: boolean },
    application('routing.http2.enabled', 'true', boolean),
    application('routing.http.drop_invalid_header_fields.enabled', 'false', boolean),
    application('routing.http.xff_client_port.enabled', 'false', boolean),
    application('routing.http.preserve_host_header.enabled', 'false', boolean),
    application('routing.http.xff_header_processing.mode', 'append', oneOf('append', 'preserve', 'remove')),
    {
      key: 'load_balancing.cross_zone.enabled',
      default: ({ type }) => String(type === 'application'),
      values: boolean,
    },
    application('routing.http.desync_mitigation_mode', 'defensive', oneOf('monitor', 'defensive', 'strictest')),
    application('client_keep_alive.seconds', '3600', integer(60, 604_800)),
    application('waf.fail_open.enabled', 'false', boolean),
    application('routing.http.x_amzn_tls_version_and_cipher_suite.enabled', 'false', boolean),
    { key: 'zonal_shift.config.enabled', default: 'false', values: boolean, isUnbuilt: true },
    ...logs('connection_logs', isApplication),
    ...logs('health_check_logs', isApplication),
    {
      key: 'dns_record.client_routing_policy',
      default: 'any_availability_zone',
      of: isNetwork,
      isUnbuilt: true,
      values: oneOf('availability_zone_affinity', 'partial_availability_zone_affinity', 'any_availability_zone'),
    },
    {
      key: 'secondary_ips.auto_assigned.per_subnet',
      default: '0',
      of: isNetwork,
      values: integer(0, 7),
      isUnbuilt: true,
    },
  ],
  ({ type }) => `load balancers with type '${type}'`,
);

/** Complete, by key: what the edge goes by. */
export const loadBalancerAttributes = (row: LoadBalancerRow): Readonly<Record<string, string>> =>
  table.complete(row, row.attributes);

export const listLoadBalancerAttributes = (row: LoadBalancerRow): { Key: string; Value: string }[] =>
  table.list(row, row.attributes);

/** The kinds of logs, and the file by which AWS tries whether it may write to their bucket. */
export const logKinds = [['access_logs', 'ELBAccessLogTestFile']] as const;

/** @throws AwsError ValidationError, InvalidConfigurationRequest */
export function mergeLoadBalancerAttributes(
  row: LoadBalancerRow,
  given: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[],
): Attributes {
  const merged = table.merge(row, row.attributes, given);
  if (row.type === 'application' && merged['load_balancing.cross_zone.enabled'] === 'false') {
    throw invalidConfiguration(
      "Load balancer attribute key 'load_balancing.cross_zone.enabled' cannot be changed on load balancers with type 'application'",
    );
  }
  for (const [kind] of logKinds) {
    if (merged[`${kind}.s3.enabled`] === 'true' && !merged[`${kind}.s3.bucket`]) {
      throw invalidConfiguration(
        `The value of '${kind}.s3.bucket' cannot be empty when '${kind}.s3.enabled' is 'true'`,
      );
    }
    if (/^\/|\/$|(?:^|\/)AWSLogs(?:\/|$)/.test(merged[`${kind}.s3.prefix`] ?? '')) {
      throw invalidConfiguration(`The value of '${kind}.s3.prefix' is not valid`);
    }
  }
  return merged;
}
