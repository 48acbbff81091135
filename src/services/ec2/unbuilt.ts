/** Members of EC2's inputs that ask for what networks here do not have: shares of other accounts, prefixes, pools, other places. */
import type { Unbuilt } from '../service.ts';

export const unbuilt: Unbuilt = {
  members: new Set(
    `ConnectionTrackingSpecification EnaSrdSpecification Ipv4Prefixes Ipv4PrefixCount Ipv6Prefixes Ipv6PrefixCount
Ipv6AddressCount Ipv6Pool Ipv4NetmaskLength Ipv6IpamPoolId Ipv6NetmaskLength VpcEncryptionControl
DeliverCrossAccountRole AssociatedSubnetIds OutpostArn PublicIpv4Pool ServiceNetworkArn
ResourceConfigurationArn ServiceRegion SubnetConfigurations`.split(/\s+/),
  ),
  // A launch ends after its dry run.
  except: new Set(['RunInstances']),
};
