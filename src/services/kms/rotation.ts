/** New material for a key that keeps its name: what was encrypted before stays readable. */
import type { Change } from '../../store/store.ts';
import { keyArn } from './arns.ts';
import { vaultFault } from './errors.ts';
import type { KmsPorts } from './ports.ts';
import { dueId, dueRotations, type KeyRow, keyPartition, keys, type Material } from './state.ts';

const day = 86_400_000;

/** Material for the next version, sealed by the vault. */
export async function newMaterial(
  ports: KmsPorts,
  key: KeyRow,
  rotation: NonNullable<Material['rotation']>,
): Promise<Material> {
  const names = { account: key.account, keyId: key.id, spec: key.spec };
  const made = await ports.vault.create(names).catch((error) => vaultFault(error, keyArn(key)));
  const sealed = Buffer.from(made.sealed).toString('base64');
  return { id: made.materialId, sealed, createdAt: rotation.at, rotation };
}

/** Writes a key, and its material and rotation to the replicas that share them. Imported bytes are not shared: each has its own. */
export async function putShared(change: Change, key: KeyRow): Promise<void> {
  change.put(keys, keyPartition(key.account, key.region), key.id, key);
  const { multiRegion } = key;
  if (!multiRegion) return;
  for (const region of [multiRegion.primaryRegion, ...multiRegion.replicas]) {
    if (region === key.region) continue;
    const partition = keyPartition(key.account, region);
    const other = await change.get(keys, partition, key.id);
    if (!other) continue;
    const { rotation: _before, ...rest } = other;
    const shared = {
      ...(key.origin === 'EXTERNAL' ? ownBytes(key, other) : { materials: key.materials }),
      multiRegion,
      ...(key.current !== undefined && { current: key.current }),
      ...(key.onDemandRotations !== undefined && { onDemandRotations: key.onDemandRotations }),
      ...(key.rotation && { rotation: key.rotation }),
    };
    change.put(keys, partition, key.id, { ...rest, ...shared });
  }
}

/** Sets or ends automatic rotation, and what is due of it. */
export async function setRotation(change: Change, key: KeyRow, days: number | undefined, now: number): Promise<KeyRow> {
  const { rotation: before, ...rest } = key;
  if (before) change.delete(dueRotations, '', dueId(before.nextAt, key));
  if (days === undefined) {
    await putShared(change, rest);
    return rest;
  }
  const next: KeyRow = { ...rest, rotation: { periodDays: days, nextAt: now + days * day } };
  change.put(dueRotations, '', dueId(now + days * day, key), {});
  await putShared(change, next);
  return next;
}

/** The same versions, each with the bytes that were imported in the other's Region. */
function ownBytes(key: KeyRow, other: KeyRow): Pick<KeyRow, 'materials' | 'state'> {
  const materials = key.materials.map(({ sealed: _sealed, expires: _expires, ...version }) => {
    const own = other.materials.find(({ id }) => id === version.id);
    return { ...version, ...(own?.sealed && { sealed: own.sealed }), ...(own?.expires && { expires: own.expires }) };
  });
  const isUsable = other.state === 'Enabled' || other.state === 'Disabled';
  return { materials, state: isUsable && !isWhole(materials) ? 'PendingImport' : other.state };
}

/** Whether everything is there that was ever encrypted with. */
export const isWhole = (materials: readonly Material[]): boolean =>
  materials.every(({ sealed, pending }) => sealed !== undefined || pending !== undefined);
