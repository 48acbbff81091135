/** SetSubnets, SetSecurityGroups, SetIpAddressType, ModifyIpPools: where a load balancer lies, changed later. */
import type {
  ModifyIpPoolsInput,
  ModifyIpPoolsOutput,
  SetIpAddressTypeInput,
  SetIpAddressTypeOutput,
  SetSecurityGroupsInput,
  SetSecurityGroupsOutput,
  SetSubnetsInput,
  SetSubnetsOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { operation } from '../../service.ts';
import { arnCheck } from '../checks.ts';
import { invalidConfiguration, notBuilt, validation } from '../errors.ts';
import { findLoadBalancer } from '../find.ts';
import { placeLoadBalancer, putLoadBalancer, shownZones } from '../load-balancers.ts';
import { place, requireAddressType, securityGroups } from '../networks.ts';
import type { ElbPorts } from '../ports.ts';

export const SetSubnets = operation<SetSubnetsInput, SetSubnetsOutput, ElbPorts>({
  async checks(input, call) {
    const mapped = input.SubnetMappings?.flatMap(({ SubnetId }) => SubnetId ?? []);
    const ids = input.Subnets?.length ? input.Subnets : mapped;
    const context = { 'elasticloadbalancing:Subnet': ids?.length ? ids : undefined };
    return [await arnCheck(call, 'SetSubnets', input.LoadBalancerArn, context)];
  },
  async handle(input, call, ports) {
    const row = await findLoadBalancer(call, input.LoadBalancerArn);
    if (input.EnablePrefixForIpv6SourceNat === 'on') throw notBuilt('Source NAT by an IPv6 prefix');
    const { zones, subnets } = await place(call, ports, row, input, row.vpcId);
    const ipAddressType = input.IpAddressType ?? row.ipAddressType;
    requireAddressType(row, ipAddressType, subnets);
    const changed = { ...row, zones, ipAddressType };
    await placeLoadBalancer(call, ports, changed);
    return { AvailabilityZones: shownZones(changed), IpAddressType: ipAddressType };
  },
});

export const SetSecurityGroups = operation<SetSecurityGroupsInput, SetSecurityGroupsOutput, ElbPorts>({
  checks: async (input, call) => [
    await arnCheck(call, 'SetSecurityGroups', input.LoadBalancerArn, {
      'elasticloadbalancing:SecurityGroup': input.SecurityGroups.length > 0 ? input.SecurityGroups : undefined,
    }),
  ],
  async handle(input, call, ports) {
    const row = await findLoadBalancer(call, input.LoadBalancerArn);
    const enforce = input.EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic;
    if (input.SecurityGroups.length === 0) throw validation('At least one security group must be specified');
    if (row.type === 'application' && enforce !== undefined) {
      throw invalidConfiguration(
        "'EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic' is not supported on load balancers with type 'application'",
      );
    }
    if (row.type === 'network' && row.securityGroups.length === 0) {
      throw invalidConfiguration(
        'You cannot add security groups to a network load balancer that was created without security groups',
      );
    }
    const groups = await securityGroups(call, ports, row, input.SecurityGroups);
    const enforceOnPrivateLink = enforce ?? row.enforceOnPrivateLink;
    const changed = { ...row, securityGroups: groups, ...(enforceOnPrivateLink && { enforceOnPrivateLink }) };
    await placeLoadBalancer(call, ports, changed);
    return {
      SecurityGroupIds: [...groups],
      ...(enforceOnPrivateLink && { EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic: enforceOnPrivateLink }),
    };
  },
});

export const SetIpAddressType = operation<SetIpAddressTypeInput, SetIpAddressTypeOutput, ElbPorts>({
  checks: async (input, call) => [await arnCheck(call, 'SetIpAddressType', input.LoadBalancerArn)],
  async handle(input, call, ports) {
    const row = await findLoadBalancer(call, input.LoadBalancerArn);
    const { IpAddressType: ipAddressType } = input;
    const { subnets } = await place(
      call,
      ports,
      row,
      { Subnets: row.zones.map(({ subnetId }) => subnetId) },
      row.vpcId,
    );
    requireAddressType(row, ipAddressType, subnets);
    putLoadBalancer(call.change, { ...row, ipAddressType });
    return { IpAddressType: ipAddressType };
  },
});

/** There are no IPAM pools: none can be given, and none is there to be removed. */
export const ModifyIpPools = operation<ModifyIpPoolsInput, ModifyIpPoolsOutput, ElbPorts>({
  checks: async (input, call) => [await arnCheck(call, 'ModifyIpPools', input.LoadBalancerArn)],
  async handle(input, call) {
    const row = await findLoadBalancer(call, input.LoadBalancerArn);
    if (row.type !== 'application') {
      throw invalidConfiguration(`IPAM pools are not supported on load balancers with type '${row.type}'`);
    }
    const pool = input.IpamPools?.Ipv4IpamPoolId;
    if (pool !== undefined && input.RemoveIpamPools?.includes('ipv4')) {
      throw validation('You cannot set and remove an IPAM pool at the same time');
    }
    if (pool !== undefined) throw validation(`The IPAM pool '${pool}' does not exist`);
    return { IpamPools: {} };
  },
});
