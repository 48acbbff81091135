/** Takes away the rows of a key whose material is gone for ever. */
import type { Change } from '../../store/store.ts';
import { deleteGrant } from './grants.ts';
import type { KmsPorts } from './ports.ts';
import { aliases, aliasesOfKey, grants, type KeyRow, keyChildren, keyPartition, keyPolicies, keys } from './state.ts';

export async function forgetKey(change: Change, key: KeyRow): Promise<void> {
  const partition = keyPartition(key.account, key.region);
  for (const { value } of await change.list(grants, keyChildren(key))) deleteGrant(change, key, value);
  for (const row of await change.list(aliasesOfKey, keyChildren(key))) {
    change.delete(aliasesOfKey, keyChildren(key), row.id);
    change.delete(aliases, partition, row.id);
  }
  change.delete(keyPolicies, partition, key.id);
  change.delete(keys, partition, key.id);
}

export interface Deleted {
  readonly store: KmsPorts['store'];
  readonly accounts: readonly string[];
  readonly regions: readonly string[];
  /** Which of these keys the vault no longer knows. @param names `account/keyId` */
  readonly missing: (names: readonly string[]) => Promise<readonly string[]>;
}

/** Keys that were asked for in one question to the vault. */
const MOST = 1000;

/** After a restore: keys that were deleted after the backup are deleted again. */
export async function forgetDeletedKeys({ store, accounts, regions, missing }: Deleted): Promise<void> {
  for (const account of accounts) {
    for (const region of regions) {
      const rows = (await store.list(keys, keyPartition(account, region))).map(({ value }) => value);
      // Keys that wait for an import never had anything in the vault.
      const made = rows.filter((key) => key.materials.some(({ sealed }) => sealed !== undefined));
      for (let at = 0; at < made.length; at += MOST) {
        const part = made.slice(at, at + MOST);
        const gone = new Set(await missing(part.map((key) => `${key.account}/${key.id}`)));
        for (const key of part.filter((one) => gone.has(`${one.account}/${one.id}`))) {
          const change = store.begin();
          await forgetKey(change, key);
          await store.commit(change);
        }
      }
    }
  }
}
