/** Load balancers: their names, and how they are shown. */
import type { LoadBalancer, LoadBalancerState } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Change, Reader } from '../../store/store.ts';
import type { CheckCall } from '../service.ts';
import { listenerArn, loadBalancerArn, loadBalancerPath } from './arns.ts';
import { invalidSubnet, validation } from './errors.ts';
import { hostedZoneOf } from './hosted-zones.ts';
import type { ElbPorts } from './ports.ts';
import { type LoadBalancerRow, listeners, loadBalancers, loadBalancersByDns, regional } from './state.ts';

/** @param kind `Load balancer`, `Target group`. @throws AwsError ValidationError */
export function requireName(kind: string, name: string): void {
  if (name.length > 32) throw validation(`${kind} name '${name}' cannot be longer than '32' characters`);
  if (!/^[A-Za-z0-9-]+$/.test(name)) {
    throw validation(
      `${kind} name '${name}' can only contain characters that are alphanumeric characters or hyphens(-)`,
    );
  }
  if (name.startsWith('-') || name.endsWith('-'))
    throw validation(`${kind} name '${name}' cannot begin or end with '-'`);
}

/** `internal-` begins the DNS names of internal ones. */
export function requireLoadBalancerName(name: string): void {
  requireName('Load balancer', name);
  if (name.toLowerCase().startsWith('internal-')) {
    throw validation(`Load balancer name '${name}' cannot begin with 'internal-'`);
  }
}

/** @param number ten digits, of application load balancers; the others have their id */
export function dnsNameOf(
  { name, type, scheme, region, id }: Pick<LoadBalancerRow, 'name' | 'type' | 'scheme' | 'region' | 'id'>,
  number: string,
): string {
  if (type === 'network') return `${name}-${id}.elb.${region}.amazonaws.com`;
  return `${scheme === 'internal' ? 'internal-' : ''}${name}-${number}.${region}.elb.amazonaws.com`;
}

export function putLoadBalancer(change: Change, row: LoadBalancerRow): void {
  const { account, region, name } = row;
  change.put(loadBalancers, regional(row), name, row);
  change.put(loadBalancersByDns, '', row.dnsName.toLowerCase(), { account, region, name });
}

/** A load balancer that lies somewhere else than before, or whose groups are others. @throws AwsError InvalidSubnet */
export async function placeLoadBalancer(
  { change, scope }: Pick<CheckCall, 'change' | 'scope'>,
  { networks }: Pick<ElbPorts, 'networks'>,
  row: LoadBalancerRow,
): Promise<void> {
  const placed = { path: loadBalancerPath(row), groups: row.securityGroups, zones: row.zones };
  const full = await networks.place(change, scope, placed);
  if (full !== undefined) throw invalidSubnet(`Not enough IP space available in ${full}`);
  putLoadBalancer(change, row);
}

export function shownZones(row: LoadBalancerRow): NonNullable<LoadBalancer['AvailabilityZones']> {
  return row.zones.map(({ zone, subnetId, privateAddress }) => ({
    ZoneName: zone,
    SubnetId: subnetId,
    LoadBalancerAddresses: privateAddress === undefined ? [] : [{ PrivateIPv4Address: privateAddress }],
  }));
}

export function shownLoadBalancer(row: LoadBalancerRow, State: LoadBalancerState): LoadBalancer {
  return {
    LoadBalancerArn: loadBalancerArn(row),
    DNSName: row.dnsName,
    CanonicalHostedZoneId: hostedZoneOf(row.region, row.type),
    CreatedTime: new Date(row.createdAt),
    LoadBalancerName: row.name,
    Scheme: row.scheme,
    VpcId: row.vpcId,
    State,
    Type: row.type,
    AvailabilityZones: shownZones(row),
    ...(row.securityGroups.length > 0 && { SecurityGroups: [...row.securityGroups] }),
    IpAddressType: row.ipAddressType,
    ...(row.enforceOnPrivateLink && {
      EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic: row.enforceOnPrivateLink,
    }),
    ...(row.type === 'network' && { EnablePrefixForIpv6SourceNat: 'off' as const }),
  };
}

/** Impaired, with the reason, while a listener cannot be served: its port is taken, or the edge may not open it. */
export async function stateOf(
  reader: Reader,
  { edge }: Pick<ElbPorts, 'edge'>,
  row: LoadBalancerRow,
): Promise<LoadBalancerState> {
  const own = await reader.list(listeners, regional(row), { prefix: `${loadBalancerPath(row)}/` });
  const faults = own.flatMap(({ value }) => {
    const fault = edge.listenerFault(listenerArn(value));
    return fault === undefined ? [] : [`${value.protocol} ${value.port}: ${fault}`];
  });
  return faults.length === 0 ? { Code: 'active' } : { Code: 'active_impaired', Reason: faults.join('; ') };
}
