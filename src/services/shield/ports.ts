/** What Shield asks of others: the resources that it can protect, and what stands before them. */
import type { Reader } from '../../store/store.ts';
import type { Call } from '../service.ts';

export interface ProtectedResource {
  readonly account: string;
  /** `APPLICATION_LOAD_BALANCER`, `CLOUDFRONT_DISTRIBUTION`, `ROUTE_53_HOSTED_ZONE` … */
  readonly type: string;
  /** ARN of its web ACL. */
  readonly webAcl?: string;
}

export interface ShieldPorts {
  /** Undefined for ARNs of nothing here. */
  resource(reader: Reader, arn: string): Promise<ProtectedResource | undefined>;
  healthCheckExists(reader: Reader, account: string, arn: string): Promise<boolean>;
  roleExists(reader: Reader, arn: string): Promise<boolean>;
  /** Makes Shield's own role in the account, in the name of whoever turns the automatic response on. */
  linkRole(call: Call): Promise<void>;
  /** Puts Shield's rule group into the web ACL, or takes it out, as Shield's own role. */
  placeRules(account: string, resource: string, webAcl: string, action: 'BLOCK' | 'COUNT' | undefined): Promise<void>;
}
