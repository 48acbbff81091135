/** ARNs of EC2 resources (service authorization reference, "Resource types defined by Amazon EC2"). */
import type { CheckCall } from '../service.ts';

export type ResourceType =
  | 'capacity-reservation'
  | 'dhcp-options'
  | 'elastic-gpu'
  | 'image'
  | 'instance'
  | 'internet-gateway'
  | 'key-pair'
  | 'launch-template'
  | 'network-acl'
  | 'network-interface'
  | 'placement-group'
  | 'prefix-list'
  | 'route-table'
  | 'secondary-interface'
  | 'secondary-subnet'
  | 'security-group'
  | 'security-group-rule'
  | 'snapshot'
  | 'spot-instances-request'
  | 'subnet'
  | 'volume'
  | 'vpc'
  | 'vpc-endpoint'
  | 'vpc-flow-log';

/** Images and snapshots name no account, since they may be another's. */
const withoutAccount: ReadonlySet<ResourceType> = new Set(['image', 'snapshot']);

/** `*` stands for a resource that the call would make, or that it leaves to EC2 to choose. */
export function ec2Arn(call: CheckCall, type: ResourceType, id = '*'): string {
  const { region, account } = call.scope;
  return `arn:aws:ec2:${region}:${withoutAccount.has(type) ? '' : account}:${type}/${id}`;
}
