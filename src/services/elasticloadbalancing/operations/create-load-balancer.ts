/** CreateLoadBalancer: a name, a place in a VPC, and a DNS name. */
import type {
  CreateLoadBalancerInput,
  CreateLoadBalancerOutput,
  LoadBalancer,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { type Call, type CheckCall, type Decoded, operation } from '../../service.ts';
import { typeCodes } from '../arns.ts';
import { newCheck } from '../checks.ts';
import { notBuilt, sameName, tooMany, validation } from '../errors.ts';
import { dnsNumber, hexId } from '../ids.ts';
import { limits } from '../limits.ts';
import { dnsNameOf, placeLoadBalancer, requireLoadBalancerName, shownLoadBalancer } from '../load-balancers.ts';
import { place, requireAddressType, securityGroups } from '../networks.ts';
import type { ElbPorts } from '../ports.ts';
import { type LoadBalancerRow, loadBalancers, regional } from '../state.ts';
import { mergeTags } from '../tags.ts';

type Input = Decoded<CreateLoadBalancerInput>;

const defaultScheme = 'internet-facing';

export const CreateLoadBalancer = operation<CreateLoadBalancerInput, CreateLoadBalancerOutput, ElbPorts>({
  checks(input, call) {
    const { Name, Type = 'application', Tags, Scheme = defaultScheme } = input;
    const code = Type === 'gateway' ? 'gwy' : typeCodes[Type];
    return newCheck(call, 'CreateLoadBalancer', `loadbalancer/${code}/${Name}/*`, Tags, {
      'elasticloadbalancing:Scheme': Scheme,
      'elasticloadbalancing:SecurityGroup': some(input.SecurityGroups),
      'elasticloadbalancing:Subnet': some(
        input.Subnets?.length ? input.Subnets : input.SubnetMappings?.flatMap(({ SubnetId }) => SubnetId ?? []),
      ),
    });
  },
  async handle(input, call, ports) {
    const wanted = await read(input, call, ports);
    const existing = await call.change.get(loadBalancers, regional(call.scope), wanted.name);
    if (existing) {
      if (!isSame(existing, wanted)) throw sameName('DuplicateLoadBalancerName', 'load balancer', wanted.name);
      return { LoadBalancers: [made(existing)] };
    }
    await requireRoom(call, wanted.type);
    await placeLoadBalancer(call, ports, wanted);
    return { LoadBalancers: [made(wanted)] };
  },
});

/** The nodes are told of it within a moment. */
const made = (row: LoadBalancerRow): LoadBalancer => shownLoadBalancer(row, { Code: 'provisioning' });

const some = (ids: readonly string[] | undefined): readonly string[] | undefined => (ids?.length ? ids : undefined);

async function read(input: Input, call: Call, ports: ElbPorts): Promise<LoadBalancerRow> {
  const { Name: name, Type: type = 'application', Scheme: scheme = defaultScheme } = input;
  requireLoadBalancerName(name);
  if (type === 'gateway') throw notBuilt("A load balancer with type 'gateway'");
  if (input.CustomerOwnedIpv4Pool !== undefined) throw notBuilt('A load balancer on an Outpost');
  if (input.EnablePrefixForIpv6SourceNat === 'on') throw notBuilt('Source NAT by an IPv6 prefix');
  const pool = input.IpamPools?.Ipv4IpamPoolId;
  if (pool !== undefined) throw validation(`The IPAM pool '${pool}' does not exist`);
  const kind = { type, scheme };
  const { vpcId, zones, subnets } = await place(call, ports, kind, input);
  const ipAddressType = input.IpAddressType ?? 'ipv4';
  requireAddressType(kind, ipAddressType, subnets);
  const groups = await securityGroups(call, ports, { type, vpcId }, input.SecurityGroups);
  const { account, region } = call.scope;
  const named = { account, region, name, ...kind, id: hexId(call.random) };
  return {
    ...named,
    dnsName: dnsNameOf(named, dnsNumber(call.random)),
    vpcId,
    zones,
    securityGroups: groups,
    ipAddressType,
    ...(type === 'network' && groups.length > 0 && { enforceOnPrivateLink: 'on' as const }),
    attributes: {},
    tags: mergeTags({}, input.Tags),
    createdAt: call.now,
  };
}

/** "If you attempt to create multiple load balancers with the same settings, each call succeeds." */
function isSame(a: LoadBalancerRow, b: LoadBalancerRow): boolean {
  const settings = ({ type, scheme, zones, securityGroups: groups, ipAddressType, tags }: LoadBalancerRow): string =>
    JSON.stringify([type, scheme, zones, [...groups].sort(), ipAddressType, Object.entries(tags).sort()]);
  return settings(a) === settings(b);
}

async function requireRoom({ change, scope }: CheckCall, type: LoadBalancerRow['type']): Promise<void> {
  const most = limits[`${type}-load-balancers`];
  const all = await change.list(loadBalancers, regional(scope));
  if (all.filter(({ value }) => value.type === type).length >= most) {
    throw tooMany('TooManyLoadBalancers', most, `${type} load balancers`);
  }
}
