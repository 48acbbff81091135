/** Where routes lead, as the API names it. */
import type { CreateRouteRequest, Route } from '@aws-sdk/client-ec2';
import { ruleBlock } from './blocks.ts';
import { combination, refused } from './errors.ts';
import type { RouteRow } from './state.ts';

/** @throws InvalidParameterCombination unless exactly one target is named; UnsupportedOperation for those that cannot exist here */
export function givenTarget(input: Partial<CreateRouteRequest>): string {
  const built = [input.GatewayId, input.NetworkInterfaceId, input.InstanceId, input.VpcEndpointId].filter(
    (one) => one !== undefined,
  );
  const others = [
    input.NatGatewayId,
    input.TransitGatewayId,
    input.VpcPeeringConnectionId,
    input.LocalGatewayId,
    input.CarrierGatewayId,
    input.EgressOnlyInternetGatewayId,
    input.CoreNetworkArn,
  ];
  if (others.some((one) => one !== undefined)) {
    throw refused(
      'UnsupportedOperation',
      'Routes lead to internet gateways, interfaces, instances and endpoints here; other targets are not built.',
    );
  }
  if (built.length !== 1) throw combination('Exactly one target of the route must be given.');
  return built[0] ?? '';
}

export function givenDestination(input: Partial<CreateRouteRequest>): string {
  const given = [input.DestinationCidrBlock, input.DestinationIpv6CidrBlock, input.DestinationPrefixListId].filter(
    (one) => one !== undefined,
  );
  if (given.length !== 1) throw combination('Exactly one destination of the route must be given.');
  const [text = ''] = given;
  if (input.DestinationPrefixListId !== undefined) return text;
  const block = ruleBlock(text);
  if (!block)
    throw refused(
      'InvalidParameterValue',
      `Value (${text}) for parameter destinationCidrBlock is invalid. This is not a valid CIDR block.`,
    );
  return block.text;
}

export function shownRoute({ destination, origin }: RouteRow): Route {
  const where = destination.startsWith('pl-')
    ? { DestinationPrefixListId: destination }
    : destination.includes(':')
      ? { DestinationIpv6CidrBlock: destination }
      : { DestinationCidrBlock: destination };
  return { ...where, Origin: origin, State: 'active' };
}

export function targetOf(target: string): Route {
  if (target.startsWith('eni-')) return { NetworkInterfaceId: target };
  if (target.startsWith('i-')) return { InstanceId: target };
  return { GatewayId: target };
}
