/** What Route 53 asks of others: what an alias may lead to, which VPCs there are, and what health checks have found. */
import type { Reader, Store } from '../../store/store.ts';

export interface Route53Ports {
  /** Whether a name is a load balancer or distribution of this instance: the zone that an alias to it must name. */
  aliasZone(reader: Reader, dnsName: string): Promise<string | undefined>;
  /** Addresses at which such a name is answered now: those of a family, A or AAAA. */
  aliasValues(reader: Reader, dnsName: string, type: string): Promise<readonly string[]>;
  vpcExists(reader: Reader, account: string, region: string, id: string): Promise<boolean>;
  /** What was last found; undefined before the first check. */
  health(id: string): { readonly isHealthy: boolean; readonly at: number; readonly reason: string } | undefined;
  /** Names under which this instance's name servers are known. */
  readonly nameServers: readonly string[];
  /** Names of this instance itself: no zone says where they lead. @param name without its final dot */
  isOwnName(name: string): boolean;
  readonly store: Pick<Store, 'begin' | 'commit'>;
}
