/** DescribeCustomKeyStores and DeleteCustomKeyStore. */
import type {
  DeleteCustomKeyStoreRequest,
  DescribeCustomKeyStoresRequest,
  DescribeCustomKeyStoresResponse,
} from '@aws-sdk/client-kms';
import { AwsError, operation } from '../../service.ts';
import { accountCheck } from '../checks.ts';
import { entryOf, findStore, findStoreByName, storeState, storesPerRegion } from '../custom-key-stores/find-store.ts';
import { customKeyStores, keysOfStore, storeChildren } from '../custom-key-stores/state.ts';
import { validation, vaultFault } from '../errors.ts';
import { page } from '../pages.ts';
import type { KmsPorts } from '../ports.ts';
import { keyPartition } from '../state.ts';

export const DescribeCustomKeyStores = operation<
  DescribeCustomKeyStoresRequest,
  DescribeCustomKeyStoresResponse,
  KmsPorts
>({
  checks: (_input, call) => [accountCheck(call, 'DescribeCustomKeyStores')],
  async handle(input, call) {
    const { CustomKeyStoreId: id, CustomKeyStoreName: name } = input;
    if (id !== undefined && name !== undefined) {
      throw validation('You can specify the CustomKeyStoreId or the CustomKeyStoreName, but not both.');
    }
    if (id !== undefined) return { CustomKeyStores: [entryOf(await findStore(call, id))], Truncated: false };
    if (name !== undefined) return { CustomKeyStores: [entryOf(await findStoreByName(call, name))], Truncated: false };
    const partition = keyPartition(call.scope.account, call.scope.region);
    const { rows, rest } = await page(call, input, storesPerRegion, (after, limit) =>
      call.change.list(customKeyStores, partition, { limit, ...(after !== undefined && { after }) }),
    );
    return { CustomKeyStores: rows.map(({ value }) => entryOf(value)), ...rest };
  },
});

export const DeleteCustomKeyStore = operation<DeleteCustomKeyStoreRequest, object, KmsPorts>({
  checks: (_input, call) => [accountCheck(call, 'DeleteCustomKeyStore')],
  async handle(input, call, ports) {
    const store = await findStore(call, input.CustomKeyStoreId);
    const [key] = await call.change.list(keysOfStore, storeChildren(store), { limit: 1 });
    if (key) {
      throw new AwsError(
        'CustomKeyStoreHasCMKsException',
        'The key store holds KMS keys. Schedule their deletion, and delete the key store when they are gone.',
      );
    }
    if (store.connection !== 'DISCONNECTED') {
      throw storeState('The key store must be disconnected before it can be deleted.');
    }
    call.change.delete(customKeyStores, keyPartition(store.account, store.region), store.id);
    // Nothing else opens the secret: it goes with the store, from backups too.
    await call.once('shred', () => ports.vault.shred(store.account, store.id)).catch((error) => vaultFault(error, ''));
    return {};
  },
});
