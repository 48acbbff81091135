/** Approving a domain by the link of a validation mail. */
import { ConflictError } from '../../store/store.ts';
import type { AcmPorts } from './ports.ts';
import { certificates, namedBy, regional } from './state.ts';

interface Approval {
  /** `account/region/id` of the request. */
  readonly path: string;
  readonly domain: string;
}

const tries = 5;

/** @returns false where the request waits for no such approval */
export async function approve(ports: Pick<AcmPorts, 'store'>, approval: Approval): Promise<boolean> {
  for (let left = tries; ; left -= 1) {
    try {
      return await approveOnce(ports, approval);
    } catch (error) {
      // The job that issues looks at the same request every few seconds.
      if (!(error instanceof ConflictError) || left === 1) throw error;
    }
  }
}

async function approveOnce({ store }: Pick<AcmPorts, 'store'>, { path, domain }: Approval): Promise<boolean> {
  const change = store.begin();
  const named = namedBy(path);
  const row = await change.get(certificates, regional(named), named.id);
  if (row?.status !== 'PENDING_VALIDATION') return false;
  const isMeant = row.proofs.some((proof) => proof.domain === domain && proof.method === 'EMAIL');
  if (!isMeant) return false;
  const proofs = row.proofs.map((proof) =>
    proof.domain === domain && proof.method === 'EMAIL' ? { ...proof, status: 'SUCCESS' as const } : proof,
  );
  change.put(certificates, regional(row), row.id, { ...row, proofs });
  await store.commit(change);
  return true;
}
