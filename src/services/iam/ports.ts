/** What IAM's operations ask beside their own rows; bound in the composition root. */
import type { Reader, Table } from '../../store/store.ts';
import type { AwsManagedPolicies } from './policy-documents.ts';
import type { Quotas } from './quotas.ts';
import type { KeyUseRow } from './state.ts';

export interface IamPorts {
  readonly quotas: Quotas;
  readonly awsManaged: AwsManagedPolicies;
  /** Rows of a table in an account, for quotas: read outside of the change, so that creations do not conflict. */
  count<T>(table: Table<T>, account: string): Promise<number>;
  /**
   * The latest use, uses that are not yet written included.
   * @param id an access key id, or the unique id of a role
   */
  lastUse(id: string): Promise<KeyUseRow | undefined>;
  /** ARNs of what uses a server certificate: listeners of load balancers. */
  certificateUsers(reader: Reader, arn: string): Promise<readonly string[]>;
  /** Makes the latest uses durable. */
  flushUses(): Promise<void>;
}
