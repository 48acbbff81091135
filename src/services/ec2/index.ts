/**
 * Amazon EC2: the network that protects hosts, and the hosts that the operator has registered. `network/rows.ts` and `packet-network.ts` tell others
 * what stands where: subnets and groups to load balancers, the packet filter's network to edge nodes.
 */
import { type Service, service } from '../service.ts';
import { DescribeInstances, TerminateInstances } from './operations/instances.ts';
import * as absentKinds from './operations/network/absent-kinds.ts';
import * as classicLink from './operations/network/classic-link.ts';
import * as flowLogs from './operations/network/flow-logs.ts';
import * as instanceAttributes from './operations/network/instance-attributes.ts';
import * as internetGateways from './operations/network/internet-gateways.ts';
import * as modifySecurityGroupRules from './operations/network/modify-security-group-rules.ts';
import * as networkAclEntries from './operations/network/network-acl-entries.ts';
import * as networkAcls from './operations/network/network-acls.ts';
import * as networkInterfaceAttributes from './operations/network/network-interface-attributes.ts';
import * as networkInterfaces from './operations/network/network-interfaces.ts';
import * as prefixLists from './operations/network/prefix-lists.ts';
import * as regions from './operations/network/regions.ts';
import * as routeTables from './operations/network/route-tables.ts';
import * as routes from './operations/network/routes.ts';
import * as securityGroupReferences from './operations/network/security-group-references.ts';
import * as securityGroupRules from './operations/network/security-group-rules.ts';
import * as securityGroups from './operations/network/security-groups.ts';
import * as subnets from './operations/network/subnets.ts';
import * as tags from './operations/network/tags.ts';
import * as vpcAttributes from './operations/network/vpc-attributes.ts';
import * as vpcEndpoints from './operations/network/vpc-endpoints.ts';
import * as vpcs from './operations/network/vpcs.ts';
import { RunInstances } from './operations/run-instances.ts';
import type { Ec2Ports } from './ports.ts';
import { unbuilt } from './unbuilt.ts';

export function ec2(ports: Ec2Ports): Service {
  const operations = {
    DescribeInstances,
    RunInstances,
    TerminateInstances,
    ...vpcs,
    ...vpcAttributes,
    ...subnets,
    ...securityGroups,
    ...securityGroupRules,
    ...modifySecurityGroupRules,
    ...securityGroupReferences,
    ...networkAcls,
    ...networkAclEntries,
    ...networkInterfaces,
    ...networkInterfaceAttributes,
    ...prefixLists,
    ...flowLogs,
    ...vpcEndpoints,
    ...routeTables,
    ...routes,
    ...instanceAttributes,
    ...internetGateways,
    ...tags,
    ...regions,
    ...classicLink,
    ...absentKinds,
  };
  return service('ec2', operations, ports, undefined, unbuilt);
}
