/** VPC flow log records: which fields exist, and how a record is written. Versions as in the VPC User Guide, "Flow log records". */

/** The default format: version 2. */
export const defaultFormat =
  'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status'
    .split(' ')
    .map((name) => `\${${name}}`)
    .join(' ');

/** What a record can say; a field that is not known here is written as `-`. */
export interface FlowFacts {
  readonly account: string;
  readonly interface: string;
  readonly source: string;
  readonly destination: string;
  /** Undefined is written as 0, as for protocols without ports; null as `-`, for flows of several. */
  readonly sourcePort?: number | null;
  readonly destinationPort?: number | null;
  readonly protocol: number;
  readonly packets: number;
  readonly bytes: number;
  /** Epoch seconds. */
  readonly start: number;
  readonly end: number;
  readonly action: 'ACCEPT' | 'REJECT';
  readonly direction: 'ingress' | 'egress';
  readonly vpc: string;
  readonly subnet: string;
  readonly instance?: string;
  readonly region: string;
  readonly zoneId?: string;
  readonly rejectReason?: string;
  /** Some flows of the interface were left out: the record says nothing else. */
  readonly isSkipped?: boolean;
}

type Field = (facts: FlowFacts) => string | number | undefined;

const none: Field = () => undefined;
const portOf = (port: number | null | undefined): number | undefined => (port === null ? undefined : (port ?? 0));

/** What a record of skipped flows says beside its `log-status`. */
const ofSkipped = new Set([
  'version',
  'account-id',
  'interface-id',
  'start',
  'end',
  'log-status',
  'vpc-id',
  'subnet-id',
  'instance-id',
  'region',
  'az-id',
]);

/** By name; the number is the version that brought the field. */
const fields: Readonly<Record<string, readonly [version: number, value: Field]>> = {
  version: [2, none],
  'account-id': [2, ({ account }) => account],
  'interface-id': [2, (facts) => facts.interface],
  srcaddr: [2, ({ source }) => source],
  dstaddr: [2, ({ destination }) => destination],
  srcport: [2, ({ sourcePort }) => portOf(sourcePort)],
  dstport: [2, ({ destinationPort }) => portOf(destinationPort)],
  protocol: [2, ({ protocol }) => protocol],
  packets: [2, ({ packets }) => packets],
  bytes: [2, ({ bytes }) => bytes],
  start: [2, ({ start }) => start],
  end: [2, ({ end }) => end],
  action: [2, ({ action }) => action],
  'log-status': [2, ({ isSkipped }) => (isSkipped ? 'SKIPDATA' : 'OK')],
  'vpc-id': [3, ({ vpc }) => vpc],
  'subnet-id': [3, ({ subnet }) => subnet],
  'instance-id': [3, ({ instance }) => instance],
  'tcp-flags': [3, none],
  type: [3, ({ source }) => (source.includes(':') ? 'IPv6' : 'IPv4')],
  'pkt-srcaddr': [3, ({ source }) => source],
  'pkt-dstaddr': [3, ({ destination }) => destination],
  region: [4, ({ region }) => region],
  'az-id': [4, ({ zoneId }) => zoneId],
  'sublocation-type': [4, none],
  'sublocation-id': [4, none],
  'pkt-src-aws-service': [5, none],
  'pkt-dst-aws-service': [5, none],
  'flow-direction': [5, ({ direction }) => direction],
  'traffic-path': [5, none],
  'ecs-cluster-arn': [7, none],
  'ecs-cluster-name': [7, none],
  'ecs-container-instance-arn': [7, none],
  'ecs-container-instance-id': [7, none],
  'ecs-container-id': [7, none],
  'ecs-second-container-id': [7, none],
  'ecs-service-name': [7, none],
  'ecs-task-definition-arn': [7, none],
  'ecs-task-arn': [7, none],
  'ecs-task-id': [7, none],
  'reject-reason': [8, ({ rejectReason }) => rejectReason],
};

/** Names of the fields of a format, in their order; undefined for a format that is none. */
export function fieldsOf(format: string): readonly string[] | undefined {
  const names = format.trim().split(/\s+/);
  const parsed = names.map((one) => /^\$\{([a-z-]{1,40})\}$/.exec(one)?.[1]);
  return parsed.every((one): one is string => one !== undefined && Object.hasOwn(fields, one)) ? parsed : undefined;
}

/** One line; its version is the highest that a field of the format needs. */
export function flowRecord(format: string, facts: FlowFacts): string {
  const names = fieldsOf(format) ?? [];
  const version = Math.max(2, ...names.map((name) => fields[name]?.[0] ?? 2));
  const said = (name: string): string | number => {
    if (name === 'version') return version;
    if (facts.isSkipped && !ofSkipped.has(name)) return '-';
    return fields[name]?.[1](facts) ?? '-';
  };
  return names.map(said).join(' ');
}
