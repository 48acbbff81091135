/** Network interfaces of load balancers that were made before load balancers had any. */
import {
  interfacesOf,
  type PlacedLoadBalancer,
  placeLoadBalancer,
} from '../../services/ec2/network/load-balancer-interfaces.ts';
import { readAll } from '../../services/ec2/network/rows.ts';
import { networkInterfaces } from '../../services/ec2/network/state.ts';
import { loadBalancerPath } from '../../services/elasticloadbalancing/arns.ts';
import { allLoadBalancers } from '../../services/elasticloadbalancing/reading.ts';
import type { Store } from '../../store/store.ts';

/** A load balancer whose subnet is full stays without: it serves all the same. */
export async function placeAll(store: Store): Promise<void> {
  for (const row of await allLoadBalancers(store)) {
    const scope = { account: row.account, region: row.region };
    const path = loadBalancerPath(row);
    const change = store.begin();
    if (interfacesOf(await readAll(change, networkInterfaces, scope), path).length > 0) continue;
    const placed: PlacedLoadBalancer = { path, groups: row.securityGroups, zones: row.zones };
    if ((await placeLoadBalancer(change, scope, placed)) === undefined) await store.commit(change);
  }
}
