/** Network interfaces of load balancers, one in each of their subnets: Elastic Load Balancing's, and shown like everybody's. */
import { createHash } from 'node:crypto';
import type { Change } from '../../../store/store.ts';
import type { Scope } from '../../service.ts';
import { freeAddress } from './blocks.ts';
import { read, readAll } from './rows.ts';
import { type NetworkInterfaceRow, networkInterfaces, partitionOf, subnets } from './state.ts';

export const loadBalancerRequester = 'amazon-elb';

export interface PlacedLoadBalancer {
  /** `app/NAME/ID` */
  readonly path: string;
  readonly groups: readonly string[];
  /** Empty for one that is deleted. */
  readonly zones: readonly { readonly subnetId: string; readonly privateAddress?: string }[];
}

/** Those of one load balancer, in the order of their zones. */
export function interfacesOf(all: readonly NetworkInterfaceRow[], path: string): readonly NetworkInterfaceRow[] {
  const own = all.filter((one) => one.requesterId === loadBalancerRequester && one.description === `ELB ${path}`);
  return own.sort((a, b) => (a.zone < b.zone ? -1 : 1));
}

/** Makes the interfaces what the load balancer is now. Answers the id of a subnet that has no address for it. */
export async function placeLoadBalancer(
  change: Change,
  scope: Scope,
  { path, groups, zones }: PlacedLoadBalancer,
): Promise<string | undefined> {
  const partition = partitionOf(scope);
  const all = await readAll(change, networkInterfaces, scope);
  const own = interfacesOf(all, path);
  for (const { id, subnet } of own) {
    if (!zones.some(({ subnetId }) => subnetId === subnet)) change.delete(networkInterfaces, partition, id);
  }
  for (const { subnetId, privateAddress } of zones) {
    const known = own.find(({ subnet }) => subnet === subnetId);
    const subnet = await read(change, subnets, scope, subnetId);
    if (!subnet) return subnetId;
    const taken = new Set(
      all.filter((one) => one.subnet === subnetId && one !== known).flatMap(({ addresses }) => addresses),
    );
    const address = privateAddress ?? known?.addresses[0] ?? freeAddress(subnet.cidr, taken);
    if (address === undefined || taken.has(address)) return subnetId;
    const digest = createHash('sha256').update(`${scope.account}/${scope.region}/${path}/${subnetId}`).digest('hex');
    const id = `eni-${digest.slice(0, 17)}`;
    change.put(networkInterfaces, partition, id, {
      id,
      subnet: subnetId,
      vpc: subnet.vpc,
      zone: subnet.zone,
      description: `ELB ${path}`,
      addresses: [address],
      groups,
      mac: `02:${digest.slice(20, 30).match(/../g)?.join(':')}`,
      checksSource: true,
      type: path.startsWith('net/') ? 'network_load_balancer' : 'interface',
      requesterId: loadBalancerRequester,
    });
  }
  return undefined;
}
