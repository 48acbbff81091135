/** What Route 53 asks of its neighbours: load balancers that aliases lead to, VPCs of private zones, what checks found. */
import { isDistributionDomain } from '../../services/cloudfront/reading.ts';
import { read } from '../../services/ec2/network/rows.ts';
import { vpcs } from '../../services/ec2/network/state.ts';
import { hostedZoneOf } from '../../services/elasticloadbalancing/hosted-zones.ts';
import { loadBalancerByName } from '../../services/elasticloadbalancing/reading.ts';
import type { Route53Ports } from '../../services/route53/ports.ts';
import type { NodeAddresses } from '../edge/nodes.ts';

/** The zone of every distribution, in AWS's words "always the hosted zone ID" for aliases to them. */
const distributionZone = 'Z2FDTNDATAQYW2';

export interface Route53Parts extends Pick<Route53Ports, 'health' | 'isOwnName' | 'store'> {
  /** Where the edge carries traffic. */
  readonly nodes: NodeAddresses;
}

export function route53Ports({ nodes, ...given }: Route53Parts): Route53Ports {
  return {
    async aliasZone(reader, dnsName) {
      if (await isDistributionDomain(reader, dnsName)) return distributionZone;
      const row = await loadBalancerByName(reader, dnsName);
      return row && hostedZoneOf(row.region, row.type);
    },
    async aliasValues(reader, dnsName, type) {
      const isDistribution = await isDistributionDomain(reader, dnsName);
      const row = isDistribution ? undefined : await loadBalancerByName(reader, dnsName);
      if (!isDistribution && !row) return [];
      const carrying = row ? nodes.ofZones(row.zones.map(({ zone }) => zone)) : nodes.ofDistributions();
      return carrying.filter((one) => one.includes(':') === (type === 'AAAA'));
    },
    vpcExists: async (reader, account, region, id) => (await read(reader, vpcs, { account, region }, id)) !== undefined,
    ...given,
    nameServers: ['ns.bailey.localhost'],
  };
}
