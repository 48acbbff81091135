/** What other rooms read of Elastic Load Balancing: load balancers by ARN, and who uses a certificate, a subnet or a group. */
import type { Reader } from '../../store/store.ts';
import { parseArn } from './arns.ts';
import { loadBalancerAt } from './find.ts';
import { certificateUses, type LoadBalancerRow, loadBalancers, loadBalancersByDns, regional } from './state.ts';

/** In any account and region; undefined for what is no ARN of a load balancer that there is. */
export async function loadBalancerByArn(reader: Reader, arn: string): Promise<LoadBalancerRow | undefined> {
  const parsed = parseArn(arn);
  return parsed?.kind === 'loadbalancer' ? loadBalancerAt(reader, parsed) : undefined;
}

/** By its DNS name, before which AWS puts `dualstack.` where it speaks both versions of IP. */
export async function loadBalancerByName(reader: Reader, name: string): Promise<LoadBalancerRow | undefined> {
  const found = await reader.get(loadBalancersByDns, '', name.replace(/^dualstack\./, ''));
  return found && reader.get(loadBalancers, regional(found), found.name);
}

/** Every load balancer of the instance. */
export async function allLoadBalancers(reader: Reader): Promise<LoadBalancerRow[]> {
  const rows: LoadBalancerRow[] = [];
  for (const { value } of await reader.list(loadBalancersByDns, '')) {
    const row = await reader.get(loadBalancers, regional(value), value.name);
    if (row) rows.push(row);
  }
  return rows;
}

/** Whether a load balancer of the account, in the region, lies in the subnet or is guarded by the security group. */
export async function useOfNetwork(
  reader: Reader,
  scope: { readonly account: string; readonly region: string },
  id: string,
): Promise<boolean> {
  const rows = await reader.list(loadBalancers, regional(scope));
  return rows.some(
    ({ value }) => value.securityGroups.includes(id) || value.zones.some(({ subnetId }) => subnetId === id),
  );
}

/** ARNs of the listeners that present a certificate. */
export async function listenersUsing(reader: Reader, certificateArn: string): Promise<string[]> {
  return (await reader.list(certificateUses, certificateArn)).map(({ id }) => id);
}
