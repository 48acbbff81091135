/** Approving a domain by the link of a validation mail. */
import type { AcmPorts } from './ports.ts';
import { certificates, namedBy, regional } from './state.ts';

/**
 * @param path `account/region/id` of the request
 * @returns false where the request waits for no such approval
 */
export async function approve(
  { store }: Pick<AcmPorts, 'store'>,
  { path, domain }: { readonly path: string; readonly domain: string },
): Promise<boolean> {
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
