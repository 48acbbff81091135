/** What IAM's operations ask of others; bound in the composition root. */
import type { Quotas } from './quotas.ts';
import type { KeyUseRow } from './state.ts';

export interface IamPorts {
  readonly quotas: Quotas;
  /** The latest use of an access key, uses that are not yet written included. */
  lastUse(accessKeyId: string): Promise<KeyUseRow | undefined>;
}
