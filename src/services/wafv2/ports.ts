/** What AWS WAF asks of others: whom policies name, what can be protected, and what edge nodes saw. */
import type { Reader, Store } from '../../store/store.ts';
import type { Quotas } from './quotas.ts';
import type { Traffic } from './traffic/traffic.ts';

export interface WafPrincipals {
  /** The unique id of a user or role, by ARN. */
  uniqueId(arn: string): Promise<string | undefined>;
  accountExists(id: string): Promise<boolean>;
}

/** A resource that a web ACL can be associated with. */
export interface Protectable {
  readonly account: string;
  readonly tags: Readonly<Record<string, string>>;
}

export interface ProtectedResources {
  /** The load balancer (of type application) with this ARN. */
  loadBalancer(reader: Reader, arn: string): Promise<Protectable | undefined>;
  /** Whether a CloudFront distribution is protected by the web ACL. */
  isUsedByDistribution(reader: Reader, webAclArn: string): Promise<boolean>;
}

export interface WafPorts {
  readonly principals: WafPrincipals;
  readonly resources: ProtectedResources;
  /** Samples and counts that edge nodes reported: bounded, in memory. */
  readonly traffic: Traffic;
  /** For what happens outside calls: deliveries of logs. */
  readonly store: Pick<Store, 'get' | 'list'>;
  /** How often logs are delivered. AWS takes about five minutes. */
  readonly deliverySeconds: number;
  readonly quotas: Quotas;
}
