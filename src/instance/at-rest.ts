/** What S3 knows of KMS keys: the account's managed key, the key behind a name, and whether it is enabled this moment. */
import { keyArn, parseKeyArn } from '../services/kms/arns.ts';
import { asShown } from '../services/kms/custom-key-stores/find-store.ts';
import { type ManagedKeyParts, managedKey } from '../services/kms/managed-keys.ts';
import { aliases, keyPartition, keys } from '../services/kms/state.ts';
import type { ObjectKeys } from '../services/s3/ports.ts';
import { ConflictError, type Store } from '../store/store.ts';

export interface AtRestParts extends ManagedKeyParts {
  readonly store: Store;
}

export function objectKeys(parts: AtRestParts): ObjectKeys {
  const { store, vault } = parts;
  /** First uses that come together make one key. */
  const making = new Map<string, Promise<string>>();
  return {
    managedKey(account, region, now) {
      const place = keyPartition(account, region);
      const make = () => managedKey(parts, 's3', { account, region, now });
      let work = making.get(place);
      if (!work) {
        work = make()
          .catch((error) => (error instanceof ConflictError ? make() : Promise.reject(error)))
          .finally(() => making.delete(place));
        making.set(place, work);
      }
      return work;
    },
    async arnOf(named, account, region) {
      const parsed = named.startsWith('arn:') ? parseKeyArn(named) : { account, region, resource: named };
      if (!parsed) return undefined;
      const partition = keyPartition(parsed.account, parsed.region);
      const id = parsed.resource.startsWith('alias/')
        ? (await store.get(aliases, partition, parsed.resource))?.keyId
        : parsed.resource.replace(/^key\//, '');
      const key = id === undefined ? undefined : await store.get(keys, partition, id);
      return key && keyArn(key);
    },
    async isEnabled(arn) {
      const { account = '', region = '', resource = '' } = parseKeyArn(arn) ?? {};
      const key = await store.get(keys, keyPartition(account, region), resource.slice('key/'.length));
      // A key whose custom key store is disconnected is unavailable.
      if (key === undefined || (await asShown(store, key)).state !== 'Enabled') return false;
      // A sealed vault uses no key, so nobody may go on with what an earlier use gave.
      return vault.random(1).then(
        () => true,
        () => false,
      );
    },
    whenChanged(listener) {
      store.onCommit((changed) => {
        for (const { table, partition, id } of changed) {
          if (table !== keys.name) continue;
          const [account = '', region = ''] = partition.split('/');
          listener(keyArn({ account, region, id }));
        }
      });
    },
  };
}
