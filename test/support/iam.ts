/** IAM over a memory store, for unit tests of its operations. */
import { EntityCounts } from '../../src/services/iam/counts.ts';
import { createDirectory, type DirectoryOptions } from '../../src/services/iam/directory.ts';
import { awsManaged } from '../../src/services/iam/managed-policies.ts';
import type { IamPorts } from '../../src/services/iam/ports.ts';
import { defaultQuotas, type Quotas } from '../../src/services/iam/quotas.ts';
import { openMemoryStore } from '../../src/store/memory.ts';
import { Bench } from './call.ts';

export function iamBench(quotas: Partial<Quotas> = {}, options: Partial<DirectoryOptions> = {}) {
  const store = openMemoryStore();
  const directory = createDirectory(store, { awsManaged, openSession: () => 'invalid-token', ...options });
  const counts = new EntityCounts(store);
  const ports: IamPorts = {
    quotas: { ...defaultQuotas, ...quotas },
    awsManaged,
    count: (table, account) => counts.count(table, account),
    lastUse: directory.lastUse,
    flushUses: directory.flushUses,
  };
  return { bench: new Bench(ports, store), store, directory, ports };
}

/** What a promise rejects with, as `Code: message`; fails when it resolves. */
export async function failure(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error) return `${(error as { code?: string }).code ?? error.name}: ${error.message}`;
    throw error;
  }
  throw new Error('expected a failure');
}
