/** Imported material that ends: taken away by its owner, or by the clock. */
import type { Change } from '../../store/store.ts';
import { putShared } from './rotation.ts';
import { dueExpiries, dueId, type KeyRow } from './state.ts';

/** The key without the bytes of one material, which may be imported again. */
export function withoutMaterial(key: KeyRow, id: string): KeyRow {
  const materials = key.materials
    .filter((one) => one.id !== id || one.pending === undefined)
    .map((one) => {
      if (one.id !== id) return one;
      const { sealed: _sealed, expires: _expires, ...rest } = one;
      return rest;
    });
  const isUsable = key.state === 'Enabled' || key.state === 'Disabled';
  const lost = materials.some((one) => one.id === id);
  return { ...key, materials, state: isUsable && lost ? 'PendingImport' : key.state };
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
