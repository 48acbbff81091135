/** Imported material that ends: taken away by its owner, or by the clock. */
import type { Change, Reader } from '../../store/store.ts';
import { isWhole, putShared } from './rotation.ts';
import { dueExpiries, dueId, type KeyRow, keyPartition, keys } from './state.ts';

/** The key without the bytes of one material, which may be imported again. */
export function withoutMaterial(key: KeyRow, id: string): KeyRow {
  const materials = key.materials
    // What waits for a rotation goes with its primary; a replica only has to import it again.
    .filter((one) => one.id !== id || one.pending === undefined || isReplica(key))
    .map((one) => {
      if (one.id !== id) return one;
      const { sealed: _sealed, expires: _expires, ...rest } = one;
      return { ...rest, ...(rest.pending && { pending: awaited }) };
    });
  const isUsable = key.state === 'Enabled' || key.state === 'Disabled';
  return { ...key, materials, state: isUsable && !isWhole(materials) ? 'PendingImport' : key.state };
}

/** New material of a key in many Regions: it rotates once all of them have imported it. */
export const awaited = 'PENDING_MULTI_REGION_IMPORT_AND_ROTATION' as const;

export const isReplica = ({ multiRegion, region }: KeyRow): boolean =>
  multiRegion !== undefined && multiRegion.primaryRegion !== region;

/** The key, with the material that every Region now has ready for its rotation. */
export async function settleAwaited(reader: Reader, key: KeyRow): Promise<KeyRow> {
  const waiting = key.materials.find(({ pending, sealed }) => pending === awaited && sealed !== undefined);
  if (!waiting || !key.multiRegion) return key;
  for (const region of [key.multiRegion.primaryRegion, ...key.multiRegion.replicas]) {
    if (region === key.region) continue;
    const other = await reader.get(keys, keyPartition(key.account, region), key.id);
    if (other && other.materials.find(({ id }) => id === waiting.id)?.sealed === undefined) return key;
  }
  const materials = key.materials.map((one) =>
    one === waiting ? { ...one, pending: 'PENDING_ROTATION' as const } : one,
  );
  return { ...key, materials };
}

/** A new replica of imported material: it has the versions, and nothing of their bytes. */
export function emptyReplica(key: KeyRow): Pick<KeyRow, 'materials' | 'state'> {
  const materials = key.materials.map(({ sealed: _sealed, expires: _expires, ...version }) => ({
    ...version,
    ...(version.pending && { pending: awaited }),
  }));
  return { materials, state: 'PendingImport' };
}

const nextExpiry = (key: KeyRow): number | undefined => {
  const times = key.materials.flatMap((one) => (one.expires ? [one.expires.at] : []));
  return times.length > 0 ? Math.min(...times) : undefined;
};

/** Writes the key, and when its next material expires. */
export async function putExpiring(change: Change, before: KeyRow, after: KeyRow): Promise<void> {
  const [was, is] = [nextExpiry(before), nextExpiry(after)];
  if (was !== undefined && was !== is) change.delete(dueExpiries, '', dueId(was, before));
  if (is !== undefined) change.put(dueExpiries, '', dueId(is, after), {});
  await putShared(change, after);
}
