/** Targets: who may be registered, and the zone that an address lies in. Load balancers have a file of their own. */
import type { TargetDescription } from '@aws-sdk/client-elastic-load-balancing-v2';
import { contains, parseAddress, parseCidr } from '../../engines/text/address.ts';
import type { CheckCall } from '../service.ts';
import { requireLoadBalancer } from './chained.ts';
import { invalidTarget, validation } from './errors.ts';
import type { ElbPorts, RegisteredInstance } from './ports.ts';
import type { TargetGroupRow, TargetRow } from './state.ts';

type Asking = Pick<CheckCall, 'change' | 'scope' | 'now'>;

/** @throws AwsError InvalidTarget, ValidationError */
export async function readTarget(
  call: Asking,
  ports: Pick<ElbPorts, 'networks' | 'edge'>,
  group: TargetGroupRow,
  given: TargetDescription,
): Promise<TargetRow> {
  if (given.QuicServerId !== undefined) throw validation('A QUIC server ID is not supported for this target group');
  const { Id: id = '', AvailabilityZone: zone } = given;
  const port = portOf(group, given);
  if (group.targetType === 'ip') {
    const found = await zoneOf(call, ports, group, id, zone);
    return { id, port, zone: found, registeredAt: call.now };
  }
  if (zone !== undefined) {
    throw validation(
      `You cannot specify an Availability Zone for targets of target groups with target type '${group.targetType}'`,
    );
  }
  if (group.targetType === 'alb') {
    await requireLoadBalancer(call, group, id, port);
    return { id, port, registeredAt: call.now };
  }
  await requireInstance(call, ports, group, id);
  return { id, port, registeredAt: call.now };
}

/** The group's port stands in. @throws AwsError ValidationError */
export function portOf(group: TargetGroupRow, { Port = group.port }: TargetDescription): number {
  if (Port < 1 || Port > 65_535) throw validation(`The target port '${Port}' must be between '1-65535' inclusive`);
  return Port;
}

async function requireInstance(
  { change, scope }: Asking,
  { networks }: Pick<ElbPorts, 'networks'>,
  group: TargetGroupRow,
  id: string,
): Promise<RegisteredInstance> {
  if (!/^i-[0-9a-f]{8,17}$/.test(id)) throw validation(`The instance ID '${id}' is not valid`);
  const instance = await networks.instance(change, scope, id);
  if (!instance) throw invalidTarget(`The following targets do not exist: '${id}'`);
  if (instance.vpcId !== group.vpcId) {
    throw invalidTarget(`The following targets are not in the target group VPC '${group.vpcId}': '${id}'`);
  }
  if (!instance.isRunning) {
    throw invalidTarget(`The following targets are not in a running state and cannot be registered: '${id}'`);
  }
  return instance;
}

/** RFC 1918, RFC 6598, and unique local addresses: "You can't specify publicly routable IP addresses." */
const privateBlocks = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7'];
/** The machine of the edge itself. */
const loopback = ['127.0.0.0/8', '::1/128'];

const isIn = (blocks: readonly string[], address: readonly number[]): boolean =>
  blocks.some((text) => {
    const block = parseCidr(text);
    return block !== undefined && contains(block, address);
  });

/** Zones of addresses in the VPC are known; for others the caller says one, or `all`. */
async function zoneOf(
  { change, scope }: Asking,
  { networks, edge }: Pick<ElbPorts, 'networks' | 'edge'>,
  group: TargetGroupRow,
  id: string,
  given: string | undefined,
): Promise<string> {
  const address = parseAddress(id);
  const isFamily = address?.length === (group.ipAddressType === 'ipv4' ? 2 : 8);
  if (!address || !isFamily || (group.ipAddressType === 'ipv4' && id.includes(':'))) {
    throw validation(
      `The IP address '${id}' is not a valid ${group.ipAddressType === 'ipv4' ? 'IPv4' : 'IPv6'} address`,
    );
  }
  if (isIn(loopback, address)) {
    if (edge.isLocal()) return given ?? 'all';
    throw validation(`The IP address '${id}' is a loopback address`);
  }
  const subnets = await networks.subnetsOf(change, scope, group.vpcId);
  const subnet = subnets.find(({ cidr, ipv6Cidr }) =>
    isIn(ipv6Cidr === undefined ? [cidr] : [cidr, ipv6Cidr], address),
  );
  if (subnet) {
    if (given !== undefined && given !== 'all' && given !== subnet.zone) {
      throw validation(`The IP address '${id}' is in the Availability Zone '${subnet.zone}', not in '${given}'`);
    }
    return given === 'all' ? 'all' : subnet.zone;
  }
  if (!isIn(privateBlocks, address)) {
    throw validation(`The IP address '${id}' is not within a private range or a subnet of the VPC '${group.vpcId}'`);
  }
  if (given === undefined) {
    throw validation(`An Availability Zone must be specified for the IP address '${id}', which is outside of the VPC`);
  }
  return given;
}
