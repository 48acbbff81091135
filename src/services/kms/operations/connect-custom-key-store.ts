/** ConnectCustomKeyStore and DisconnectCustomKeyStore: whether the keys of a store can be used. */
import type { ConnectCustomKeyStoreRequest, DisconnectCustomKeyStoreRequest } from '@aws-sdk/client-kms';
import { operation } from '../../service.ts';
import { accountCheck } from '../checks.ts';
import { findStore, storeState } from '../custom-key-stores/find-store.ts';
import { connectionProblem } from '../custom-key-stores/proxy-check.ts';
import { customKeyStores } from '../custom-key-stores/state.ts';
import type { KmsPorts } from '../ports.ts';
import { keyPartition } from '../state.ts';

/** Unlike AWS, the store is connected (or has failed to) by the time the call is answered. */
export const ConnectCustomKeyStore = operation<ConnectCustomKeyStoreRequest, object, KmsPorts>({
  checks: (_input, call) => [accountCheck(call, 'ConnectCustomKeyStore')],
  async handle(input, call, ports) {
    const store = await findStore(call, input.CustomKeyStoreId);
    if (store.connection === 'FAILED') {
      throw storeState('The last connection of this key store failed. Disconnect it, then connect it again.');
    }
    if (store.connection === 'CONNECTED') return {};
    const problem = await call.once('connect', () => connectionProblem(call, ports, store));
    const { problem: _before, ...rest } = store;
    call.change.put(
      customKeyStores,
      keyPartition(store.account, store.region),
      store.id,
      problem === undefined ? { ...rest, connection: 'CONNECTED' } : { ...rest, connection: 'FAILED', problem },
    );
    return {};
  },
});

export const DisconnectCustomKeyStore = operation<DisconnectCustomKeyStoreRequest, object, KmsPorts>({
  checks: (_input, call) => [accountCheck(call, 'DisconnectCustomKeyStore')],
  async handle(input, call) {
    const store = await findStore(call, input.CustomKeyStoreId);
    if (store.connection === 'DISCONNECTED') throw storeState('The key store is disconnected already.');
    const { problem: _before, ...rest } = store;
    call.change.put(customKeyStores, keyPartition(store.account, store.region), store.id, {
      ...rest,
      connection: 'DISCONNECTED',
    });
    return {};
  },
});
