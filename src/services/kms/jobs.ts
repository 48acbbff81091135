/** What KMS does by the clock: deletes keys whose window has ended, rotates those whose day has come. */
import type { Job } from '../service.ts';
import { leaveStore } from './custom-key-stores/new-key.ts';
import { forgetKey } from './forget.ts';
import { putExpiring, withoutMaterial } from './imported.ts';
import type { KmsPorts } from './ports.ts';
import { newMaterial, putShared, setRotation } from './rotation.ts';
import { dueDeletions, dueExpiries, dueId, dueRotations, type KeyRow, keyPartition, keys, readDueId } from './state.ts';

/** Most keys in one round: the rest follows in the next. */
const MOST = 100;

async function due(ports: KmsPorts, table: typeof dueDeletions, now: number): Promise<string[]> {
  const rows = await ports.store.list(table, '', { limit: MOST });
  return rows.map((row) => row.id).filter((id) => readDueId(id).at <= now);
}

export function deletionJob(ports: KmsPorts): Job {
  return {
    name: 'kms key deletion',
    everySeconds: 60,
    async run({ now }) {
      for (const id of await due(ports, dueDeletions, now)) await deleteKey(ports, id, now);
    },
  };
}

/** The material goes first, in every copy; only then the key's row. A crash in between repeats it. */
async function deleteKey(ports: KmsPorts, id: string, now: number): Promise<void> {
  const { account, region, keyId } = readDueId(id);
  const change = ports.store.begin();
  const partition = keyPartition(account, region);
  const key = await change.get(keys, partition, keyId);
  change.delete(dueDeletions, '', id);
  if (key?.state === 'PendingDeletion' && key.deletionAt !== undefined && key.deletionAt <= now) {
    if (!(await hasSiblings(ports, key))) await ports.vault.shred(account, keyId);
    await forgetKey(change, key);
    await leaveStore(change, ports.vault, key);
    await forgetReplica(change, key, now);
  }
  await ports.store.commit(change);
}

/** Replicas share material: it lives as long as any of them. */
async function hasSiblings(ports: KmsPorts, key: KeyRow): Promise<boolean> {
  for (const region of ports.regions) {
    if (region === key.region || !key.multiRegion) continue;
    if (await ports.store.get(keys, keyPartition(key.account, region), key.id)) return true;
  }
  return false;
}

/** The others no longer list it; a primary that waited for its last replica now begins its own window. */
async function forgetReplica(change: ReturnType<KmsPorts['store']['begin']>, key: KeyRow, now: number): Promise<void> {
  const { multiRegion } = key;
  if (!multiRegion || multiRegion.primaryRegion === key.region) return;
  const replicas = multiRegion.replicas.filter((region) => region !== key.region);
  for (const region of [multiRegion.primaryRegion, ...replicas]) {
    const partition = keyPartition(key.account, region);
    const other = await change.get(keys, partition, key.id);
    if (!other?.multiRegion) continue;
    const row: KeyRow = { ...other, multiRegion: { ...other.multiRegion, replicas } };
    const begins = other.state === 'PendingReplicaDeletion' && replicas.length === 0;
    const deletionAt = now + (other.pendingWindowDays ?? 30) * 86_400_000;
    if (begins) change.put(dueDeletions, '', dueId(deletionAt, row), {});
    change.put(keys, partition, key.id, begins ? { ...row, state: 'PendingDeletion', deletionAt } : row);
  }
}

export function rotationJob(ports: KmsPorts): Job {
  return {
    name: 'kms key rotation',
    everySeconds: 600,
    async run({ now }) {
      for (const id of await due(ports, dueRotations, now)) await rotate(ports, id, now);
    },
  };
}

async function rotate(ports: KmsPorts, id: string, now: number): Promise<void> {
  const { account, region, keyId } = readDueId(id);
  const change = ports.store.begin();
  const key = await change.get(keys, keyPartition(account, region), keyId);
  change.delete(dueRotations, '', id);
  if (key?.rotation) {
    const next = await setRotation(change, key, key.rotation.periodDays, now);
    // "KMS does not rotate the key material of keys that are disabled or pending deletion."
    if (key.state === 'Enabled') {
      const material = await newMaterial(ports, key, { at: now, type: 'AUTOMATIC' });
      await putShared(change, { ...next, materials: [...key.materials, material], current: material.id });
    }
  }
  await ports.store.commit(change);
}

export function expiryJob(ports: KmsPorts): Job {
  return {
    name: 'kms key material expiry',
    everySeconds: 60,
    async run({ now }) {
      for (const id of await due(ports, dueExpiries, now)) {
        const { account, region, keyId } = readDueId(id);
        const change = ports.store.begin();
        change.delete(dueExpiries, '', id);
        const key = await change.get(keys, keyPartition(account, region), keyId);
        const gone = key?.materials.filter((one) => one.expires && one.expires.at <= now) ?? [];
        if (key && gone.length > 0) {
          await putExpiring(
            change,
            key,
            gone.reduce((row, { id: material }) => withoutMaterial(row, material), key),
          );
        }
        await ports.store.commit(change);
      }
    },
  };
}
