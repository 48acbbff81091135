import { randomBytes, randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { aliases, keyPartition, keys } from '../services/kms/state.ts';
import { openMemoryStore } from '../store/memory.ts';
import { VaultClient } from '../vault/client.ts';
import { objectKeys } from './at-rest.ts';

const account = '111122223333';
const region = 'us-east-1';
const now = Date.UTC(2026, 10, 23);
const vault = new VaultClient({});
afterEach(() => vault.close());

describe('objectKeys', () => {
  it('makes one managed key, knows it by every name, and tells when it changes or cannot be used', async () => {
    const store = openMemoryStore({ clock: () => now });
    const random = { bytes: (count: number) => randomBytes(count), uuid: () => randomUUID() };
    const own = objectKeys({ store, vault, random });
    const changed: string[] = [];
    own.whenChanged((arn) => changed.push(arn));

    const [first, second] = await Promise.all([
      own.managedKey(account, region, now),
      own.managedKey(account, region, now),
    ]);
    expect(second).toBe(first);
    expect(changed).toEqual([first]);
    const partition = keyPartition(account, region);
    const id = (await store.get(aliases, partition, 'alias/aws/s3'))?.keyId ?? '';
    for (const name of [id, first, 'alias/aws/s3', `arn:aws:kms:${region}:${account}:alias/aws/s3`]) {
      expect(await own.arnOf(name, account, region)).toBe(first);
    }
    for (const name of ['alias/none', 'none', 'arn:aws:s3:::a', `arn:aws:kms:eu-west-1:${account}:key/${id}`]) {
      expect(await own.arnOf(name, account, region)).toBeUndefined();
    }

    expect(await own.isEnabled(first)).toBe(true);
    await vault.seal();
    expect(await own.isEnabled(first)).toBe(false);
    await vault.unseal();

    const change = store.begin();
    const row = await change.get(keys, partition, id);
    change.put(keys, partition, id, { ...row!, state: 'Disabled' });
    await store.commit(change);
    expect(changed).toEqual([first, first]);
    expect(await own.isEnabled(first)).toBe(false);
    expect(await own.isEnabled(`${first}0`)).toBe(false);
  });
});
