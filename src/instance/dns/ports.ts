/** What Route 53 asks of its neighbours: load balancers that aliases lead to, VPCs of private zones, what checks found. */
import { isDistributionDomain } from '../../services/cloudfront/reading.ts';
import { read } from '../../services/ec2/network/rows.ts';
import { vpcs } from '../../services/ec2/network/state.ts';
import { hostedZoneOf } from '../../services/elasticloadbalancing/hosted-zones.ts';
import { loadBalancers, loadBalancersByDns, regional } from '../../services/elasticloadbalancing/state.ts';
import type { Route53Ports } from '../../services/route53/ports.ts';

/** The zone of every distribution, in AWS's words "always the hosted zone ID" for aliases to them. */
const distributionZone = 'Z2FDTNDATAQYW2';

export interface Route53Parts extends Pick<Route53Ports, 'health' | 'isOwnName' | 'store'> {
  /** Addresses at which the edge carries traffic. */
  readonly nodes: readonly string[];
}

export function route53Ports({ nodes, ...given }: Route53Parts): Route53Ports {
  const ports: Route53Ports = {
    async aliasZone(reader, dnsName) {
      if (await isDistributionDomain(reader, dnsName)) return distributionZone;
      // AWS puts dualstack. before the name of a load balancer that speaks both.
      const found = await reader.get(loadBalancersByDns, '', dnsName.replace(/^dualstack\./, ''));
      const row = found && (await reader.get(loadBalancers, regional(found), found.name));
      return row && hostedZoneOf(row.region, row.type);
    },
    async aliasValues(reader, dnsName, type) {
      if ((await ports.aliasZone(reader, dnsName)) === undefined) return [];
      return nodes.filter((one) => one.includes(':') === (type === 'AAAA'));
    },
    vpcExists: async (reader, account, region, id) => (await read(reader, vpcs, { account, region }, id)) !== undefined,
    ...given,
    nameServers: ['ns.bailey.localhost'],
  };
  return ports;
}
