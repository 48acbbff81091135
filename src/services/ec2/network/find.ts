/** Reads one row that a call names, or says as EC2 does that there is none. */
import type { Table } from '../../../store/store.ts';
import type { Call } from '../../service.ts';
import { type Kind, missingParameter, notFound, refused, requireId } from './errors.ts';
import { read } from './rows.ts';
import {
  internetGateways,
  type NetworkInterfaceRow,
  networkAcls,
  networkInterfaces,
  prefixLists,
  routeTables,
  securityGroups,
  subnets,
  vpcEndpoints,
  vpcs,
} from './state.ts';

function finder<T>(from: Table<T>, kind: Kind, parameter: string) {
  /** @throws MissingParameter, ….Malformed, ….NotFound */
  return async (call: Call, id: string | undefined): Promise<T> => {
    if (id === undefined) throw missingParameter(parameter);
    requireId(kind, id);
    const row = await read(call.change, from, call.scope, id);
    if (row === undefined) throw notFound(kind, id);
    return row;
  };
}

export const findVpc = finder(vpcs, 'vpc', 'vpcId');
export const findSubnet = finder(subnets, 'subnet', 'subnetId');
export const findGroup = finder(securityGroups, 'security-group', 'groupId');
export const findAcl = finder(networkAcls, 'network-acl', 'networkAclId');
export const findRouteTable = finder(routeTables, 'route-table', 'routeTableId');
export const findGateway = finder(internetGateways, 'internet-gateway', 'internetGatewayId');
export const findInterface = finder(networkInterfaces, 'network-interface', 'networkInterfaceId');
/**
 * An interface that its owner changes: one that a service has asked for is the service's to change.
 * @see Amazon EC2 User Guide, "Requester-managed network interfaces": "you can't change other properties" than tags
 */
export async function findOwnInterface(call: Call, id: string | undefined): Promise<NetworkInterfaceRow> {
  const row = await findInterface(call, id);
  if (row.requesterId !== undefined) {
    throw refused('AuthFailure', 'You do not have permission to access the specified resource.');
  }
  return row;
}

export const findPrefixList = finder(prefixLists, 'prefix-list', 'prefixListId');
export const findEndpoint = finder(vpcEndpoints, 'vpc-endpoint', 'vpcEndpointId');
