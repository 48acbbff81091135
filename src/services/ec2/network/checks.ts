/** What a call about networks asks for: the action on each resource that it touches, with what policies may know of it. */
import type { Check, CheckCall, ConditionValues } from '../../service.ts';
import { ec2Arn, type ResourceType } from '../arns.ts';
import { read } from './rows.ts';
import {
  internetGateways,
  networkAcls,
  networkInterfaces,
  routeTables,
  securityGroups,
  subnets,
  vpcEndpoints,
  vpcs,
} from './state.ts';
import { tagsOf } from './tags.ts';

/**
 * The check of an action on one resource.
 * @param id undefined for a resource that the call would make
 */
export async function on(
  call: CheckCall,
  type: ResourceType,
  id: string | undefined,
  more: ConditionValues = {},
): Promise<Check> {
  const { account, region } = call.scope;
  const tags = id === undefined ? {} : await tagsOf(call.change, call.scope, id);
  const own = Object.fromEntries(Object.entries(tags).map(([key, value]) => [`ec2:ResourceTag/${key}`, value]));
  return {
    action: `ec2:${call.operation}`,
    resource: { arn: ec2Arn(call, type, id), account, tags },
    context: {
      'ec2:Region': region,
      ...own,
      ...(id === undefined ? {} : await values(call, type, id)),
      ...more,
    },
  };
}

/** One for each id, or one for all where none is named. */
export async function onEach(
  call: CheckCall,
  type: ResourceType,
  ids: readonly (string | undefined)[] | undefined,
): Promise<readonly Check[]> {
  const named = [...new Set((ids ?? []).filter((id) => id !== undefined))];
  return Promise.all((named.length > 0 ? named : [undefined]).map((id) => on(call, type, id)));
}

/** Actions that know no resources: every Describe. */
export const onAll = (call: CheckCall): readonly Check[] => [
  {
    action: `ec2:${call.operation}`,
    resource: { arn: '*', account: call.scope.account },
    context: { 'ec2:Region': call.scope.region },
  },
];

async function values(call: CheckCall, type: ResourceType, id: string): Promise<ConditionValues> {
  const { change, scope } = call;
  const vpc = (of: string | undefined): ConditionValues => ({ 'ec2:Vpc': of && ec2Arn(call, 'vpc', of) });
  switch (type) {
    case 'vpc':
      return { 'ec2:VpcID': id, 'ec2:Tenancy': (await read(change, vpcs, scope, id))?.tenancy };
    case 'subnet': {
      const row = await read(change, subnets, scope, id);
      return { 'ec2:SubnetID': id, 'ec2:AvailabilityZone': row?.zone, ...vpc(row?.vpc) };
    }
    case 'security-group':
      return { 'ec2:SecurityGroupID': id, ...vpc((await read(change, securityGroups, scope, id))?.vpc) };
    case 'network-acl':
      return { 'ec2:NetworkAclID': id, ...vpc((await read(change, networkAcls, scope, id))?.vpc) };
    case 'route-table':
      return { 'ec2:RouteTableID': id, ...vpc((await read(change, routeTables, scope, id))?.vpc) };
    case 'internet-gateway':
      return { 'ec2:InternetGatewayID': id, ...vpc((await read(change, internetGateways, scope, id))?.vpc) };
    case 'vpc-endpoint':
      return vpc((await read(change, vpcEndpoints, scope, id))?.vpc);
    case 'network-interface': {
      const row = await read(change, networkInterfaces, scope, id);
      return {
        'ec2:NetworkInterfaceID': id,
        'ec2:AvailabilityZone': row?.zone,
        'ec2:Subnet': row && ec2Arn(call, 'subnet', row.subnet),
        ...vpc(row?.vpc),
      };
    }
    default:
      return {};
  }
}
