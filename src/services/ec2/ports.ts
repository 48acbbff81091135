/** What EC2 asks of IAM, of load balancers, and of the instance that it runs in. */
import type { Reader } from '../../store/store.ts';
import type { Scope } from '../service.ts';

export interface InstanceProfiles {
  /** The profile with this name or ARN in the account, and the role in it; undefined when there is none. */
  find(
    account: string,
    profile: { readonly name?: string | undefined; readonly arn?: string | undefined },
  ): Promise<{ readonly arn: string; readonly roleArn?: string | undefined } | undefined>;
}

interface LoadBalancers {
  /** Whether one of the account, in the region, lies in the subnet or is guarded by the security group. */
  use(reader: Reader, scope: Scope, id: string): Promise<boolean>;
}

export interface Ec2Ports {
  readonly instanceProfiles: InstanceProfiles;
  readonly loadBalancers: LoadBalancers;
  /** Regions that take calls. */
  readonly regions: readonly string[];
  /** Of AWS's, those that do not. */
  readonly regionsNotEnabled: readonly string[];
}
