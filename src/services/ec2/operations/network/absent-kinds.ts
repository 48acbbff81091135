/**
 * Lists of what nobody can make here. Clients such as Terraform ask for them on their way; they are empty because there are
 * none, and one that is asked for by its id does not exist.
 */
import type {
  DescribeAddressesRequest,
  DescribeAddressesResult,
  DescribeEgressOnlyInternetGatewaysRequest,
  DescribeEgressOnlyInternetGatewaysResult,
  DescribeNatGatewaysRequest,
  DescribeNatGatewaysResult,
  DescribeVpcPeeringConnectionsRequest,
  DescribeVpcPeeringConnectionsResult,
  DescribeVpnGatewaysRequest,
  DescribeVpnGatewaysResult,
} from '@aws-sdk/client-ec2';
import type { Operation } from '../../../service.ts';
import { onAll } from '../../network/checks.ts';
import { reading } from '../../network/declare.ts';
import { refused } from '../../network/errors.ts';
import { pageOf } from '../../network/pages.ts';
import type { Ec2Ports } from '../../ports.ts';

function none<I extends object, O>(
  code: string,
  noun: string,
  ids: (input: I) => readonly string[] | undefined,
  empty: O,
) {
  const declared: Operation<I, O, Ec2Ports> = reading<I, O>({
    checks: (_input, call) => onAll(call),
    handle(input, call) {
      pageOf(call, input, []);
      const [id] = ids(input as I) ?? [];
      if (id !== undefined) throw refused(code, `The ${noun} '${id}' does not exist`);
      return empty;
    },
  });
  return declared;
}

export const DescribeNatGateways = none<DescribeNatGatewaysRequest, DescribeNatGatewaysResult>(
  'NatGatewayNotFound',
  'NAT gateway',
  (input) => input.NatGatewayIds,
  { NatGateways: [] },
);
export const DescribeAddresses = none<DescribeAddressesRequest, DescribeAddressesResult>(
  'InvalidAllocationID.NotFound',
  'allocation ID',
  (input) => [...(input.AllocationIds ?? []), ...(input.PublicIps ?? [])],
  { Addresses: [] },
);
export const DescribeVpcPeeringConnections = none<
  DescribeVpcPeeringConnectionsRequest,
  DescribeVpcPeeringConnectionsResult
>('InvalidVpcPeeringConnectionID.NotFound', 'vpcPeeringConnection ID', (input) => input.VpcPeeringConnectionIds, {
  VpcPeeringConnections: [],
});
export const DescribeVpnGateways = none<DescribeVpnGatewaysRequest, DescribeVpnGatewaysResult>(
  'InvalidVpnGatewayID.NotFound',
  'vpnGateway ID',
  (input) => input.VpnGatewayIds,
  { VpnGateways: [] },
);
export const DescribeEgressOnlyInternetGateways = none<
  DescribeEgressOnlyInternetGatewaysRequest,
  DescribeEgressOnlyInternetGatewaysResult
>('InvalidGatewayID.NotFound', 'eigw ID', (input) => input.EgressOnlyInternetGatewayIds, {
  EgressOnlyInternetGateways: [],
});
