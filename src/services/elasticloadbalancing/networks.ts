/** Where a load balancer lies: its subnets, one in each zone, and its security groups. */
import type { SubnetMapping } from '@aws-sdk/client-elastic-load-balancing-v2';
import { contains, parseAddress, parseCidr } from '../../engines/text/address.ts';
import { AwsError, type CheckCall } from '../service.ts';
import { invalidConfiguration, invalidSubnet, notBuilt, subnetNotFound, validation } from './errors.ts';
import type { ElbPorts, Subnet } from './ports.ts';
import type { LoadBalancerRow, LoadBalancerZone } from './state.ts';

type Asking = Pick<CheckCall, 'change' | 'scope'>;
type Kind = Pick<LoadBalancerRow, 'type' | 'scheme'>;

interface Given {
  readonly Subnets?: readonly string[] | undefined;
  readonly SubnetMappings?: readonly SubnetMapping[] | undefined;
}

export interface Placement {
  readonly vpcId: string;
  readonly zones: readonly LoadBalancerZone[];
  readonly subnets: readonly Subnet[];
}

/**
 * @param vpcId of a load balancer that there is
 * @throws AwsError SubnetNotFound, InvalidSubnet, InvalidConfigurationRequest, ValidationError
 */
export async function place(
  { change, scope }: Asking,
  { networks }: Pick<ElbPorts, 'networks'>,
  kind: Kind,
  { Subnets, SubnetMappings }: Given,
  vpcId?: string,
): Promise<Placement> {
  if (Subnets?.length && SubnetMappings?.length) {
    throw validation('You must specify either subnets or subnet mappings, but not both');
  }
  const mappings = SubnetMappings?.length ? SubnetMappings : (Subnets ?? []).map((SubnetId) => ({ SubnetId }));
  if (mappings.length === 0) throw tooFew(kind);
  const subnets: Subnet[] = [];
  const zones = new Map<string, LoadBalancerZone>();
  for (const mapping of mappings) {
    const id = mapping.SubnetId ?? '';
    const subnet = await networks.subnet(change, scope, id);
    if (!subnet) throw subnetNotFound(id);
    if (zones.has(subnet.zone)) {
      throw invalidConfiguration(
        'A load balancer cannot be attached to multiple subnets in the same Availability Zone',
      );
    }
    subnets.push(subnet);
    zones.set(subnet.zone, { zone: subnet.zone, subnetId: id, ...ownAddress(kind, mapping, subnet) });
  }
  const vpc = vpcId ?? (subnets[0] as Subnet).vpcId;
  const stranger = subnets.find((subnet) => subnet.vpcId !== vpc);
  if (stranger) throw invalidConfiguration(`All subnets must belong to the same VPC: '${vpc}'`);
  if (kind.type === 'application' && zones.size < 2) throw tooFew(kind);
  return { vpcId: vpc, subnets, zones: [...zones.values()].sort((a, b) => (a.zone < b.zone ? -1 : 1)) };
}

const tooFew = ({ type }: Kind): AwsError =>
  validation(
    type === 'application'
      ? 'At least two subnets in two different Availability Zones must be specified'
      : 'At least one subnet must be specified',
  );

function ownAddress(kind: Kind, mapping: SubnetMapping, subnet: Subnet): { readonly privateAddress?: string } {
  const { AllocationId, PrivateIPv4Address, IPv6Address, SourceNatIpv6Prefix } = mapping;
  if (kind.type === 'application' && (AllocationId ?? PrivateIPv4Address ?? IPv6Address) !== undefined) {
    throw validation("Addresses of subnet mappings are not supported on load balancers with type 'application'");
  }
  if (AllocationId !== undefined) {
    const message = `The allocation ID '${AllocationId}' does not exist`;
    throw new AwsError('AllocationIdNotFound', message, { status: 400 });
  }
  if (IPv6Address !== undefined) throw notBuilt('An IPv6 address of its own for a load balancer');
  if (SourceNatIpv6Prefix !== undefined) throw notBuilt('Source NAT by an IPv6 prefix');
  if (PrivateIPv4Address === undefined) return {};
  if (kind.scheme !== 'internal') {
    throw validation('You can specify private IPv4 addresses for internal load balancers only');
  }
  const block = parseCidr(subnet.cidr);
  const address = parseAddress(PrivateIPv4Address);
  if (!block || !address || !contains(block, address)) {
    throw validation(`The private IPv4 address '${PrivateIPv4Address}' is not in the subnet '${subnet.id}'`);
  }
  return { privateAddress: PrivateIPv4Address };
}

/** @throws AwsError InvalidConfigurationRequest, InvalidSubnet, ValidationError */
export function requireAddressType(
  { type, scheme }: Kind,
  ipAddressType: LoadBalancerRow['ipAddressType'],
  subnets: readonly Subnet[],
): void {
  if (ipAddressType === 'dualstack-without-public-ipv4') {
    if (type !== 'application') {
      throw invalidConfiguration(
        `The specified IP address type is not supported on load balancers with type '${type}'`,
      );
    }
    if (scheme === 'internal') throw invalidConfiguration('Internal load balancers cannot be without public IPv4');
  }
  const without = ipAddressType === 'ipv4' ? undefined : subnets.find(({ ipv6Cidr }) => ipv6Cidr === undefined);
  if (without) throw invalidSubnet(`You must specify subnets with an associated IPv6 CIDR block: '${without.id}'`);
}

/** The default group of the VPC stands in for application load balancers that name none. */
export async function securityGroups(
  { change, scope }: Asking,
  { networks }: Pick<ElbPorts, 'networks'>,
  { type, vpcId }: Pick<LoadBalancerRow, 'type' | 'vpcId'>,
  given: readonly string[] | undefined,
): Promise<readonly string[]> {
  const ids = [...new Set(given ?? [])];
  if (ids.length === 0 && type === 'application') {
    const fallback = await networks.defaultSecurityGroup(change, scope, vpcId);
    if (fallback === undefined) throw invalidGroup(`The VPC '${vpcId}' has no default security group`);
    return [fallback];
  }
  for (const id of ids) {
    const group = await networks.securityGroup(change, scope, id);
    if (group?.vpcId !== vpcId) throw invalidGroup('One or more security groups are invalid');
  }
  return ids;
}

const invalidGroup = (message: string): AwsError => new AwsError('InvalidSecurityGroup', message, { status: 400 });
