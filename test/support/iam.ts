/** IAM over a memory store, for unit tests of its operations. */
import { createDirectory, type DirectoryOptions } from '../../src/services/iam/directory.ts';
import { iamPorts } from '../../src/services/iam/iam-ports.ts';
import { awsManaged } from '../../src/services/iam/managed-policies.ts';
import type { IamPorts } from '../../src/services/iam/ports.ts';
import type { Quotas } from '../../src/services/iam/quotas.ts';
import { openMemoryStore } from '../../src/store/memory.ts';
import { Bench } from './call.ts';

export function iamBench(quotas: Partial<Quotas> = {}, options: Partial<DirectoryOptions> = {}) {
  const store = openMemoryStore();
  const directory = createDirectory(store, { awsManaged, openSession: () => 'invalid-token', ...options });
  const ports: IamPorts = iamPorts({ store, directory, awsManaged, quotas });
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
