/** Binds IAM's ports over a store and a directory, as the composition root and tests need them. */
import type { Store } from '../../store/store.ts';
import { EntityCounts } from './counts.ts';
import type { Directory } from './directory.ts';
import type { AwsManagedPolicies } from './policy-documents.ts';
import type { IamPorts } from './ports.ts';
import { defaultQuotas, type Quotas } from './quotas.ts';

export interface IamBinding {
  readonly store: Store;
  readonly directory: Pick<Directory, 'lastUse' | 'flushUses'>;
  readonly awsManaged: AwsManagedPolicies;
  /** Those that differ from AWS's defaults. */
  readonly quotas?: Partial<Quotas>;
  /** Nothing uses certificates by default. */
  readonly certificateUsers?: IamPorts['certificateUsers'];
}

/** `forget` is to be called after the store was cleared. */
export function iamPorts(binding: IamBinding): IamPorts & { forget(): void } {
  const counts = new EntityCounts(binding.store);
  return {
    quotas: { ...defaultQuotas, ...binding.quotas },
    awsManaged: binding.awsManaged,
    certificateUsers: binding.certificateUsers ?? (async () => []),
    count: (table, account) => counts.count(table, account),
    lastUse: binding.directory.lastUse,
    flushUses: binding.directory.flushUses,
    forget: () => counts.forget(),
  };
}
