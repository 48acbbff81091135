/** Finds key stores, and says how they are shown. */
import type { CustomKeyStoresListEntry } from '@aws-sdk/client-kms';
import type { Reader } from '../../../store/store.ts';
import { AwsError, type CheckCall } from '../../service.ts';
import { type KeyRow, keyPartition } from '../state.ts';
import { type CustomKeyStoreRow, customKeyStores } from './state.ts';

/** "Custom key stores: 10" ("Resource quotas", AWS KMS Developer Guide). */
export const storesPerRegion = 10;

const notFound = (named: string): AwsError =>
  new AwsError('CustomKeyStoreNotFoundException', `The custom key store ${named} does not exist.`);
export const storeState = (message: string): AwsError => new AwsError('CustomKeyStoreInvalidStateException', message);

/** In the account and the region of the call. @throws AwsError CustomKeyStoreNotFoundException */
export async function findStore(call: CheckCall, id: string): Promise<CustomKeyStoreRow> {
  const { account, region } = call.scope;
  const store = await call.change.get(customKeyStores, keyPartition(account, region), id);
  if (!store) throw notFound(id);
  return store;
}

export async function listStores(call: CheckCall): Promise<readonly CustomKeyStoreRow[]> {
  const { account, region } = call.scope;
  return (await call.change.list(customKeyStores, keyPartition(account, region))).map((row) => row.value);
}

/** @throws AwsError CustomKeyStoreNotFoundException */
export async function findStoreByName(call: CheckCall, name: string): Promise<CustomKeyStoreRow> {
  const store = (await listStores(call)).find((one) => one.name === name);
  if (!store) throw notFound(name);
  return store;
}

/** The store that a key lies in; undefined for keys of the vault alone. */
export async function storeOfKey(reader: Reader, key: KeyRow): Promise<CustomKeyStoreRow | undefined> {
  const { account, region, customKeyStoreId } = key;
  if (customKeyStoreId === undefined) return undefined;
  return reader.get(customKeyStores, keyPartition(account, region), customKeyStoreId);
}

/**
 * A key as it is shown: unavailable while its store is not connected, whatever else it is. Never to be written back.
 */
export async function asShown(reader: Reader, key: KeyRow): Promise<KeyRow> {
  if (key.customKeyStoreId === undefined || (key.state !== 'Enabled' && key.state !== 'Disabled')) return key;
  const store = await storeOfKey(reader, key);
  return store?.connection === 'CONNECTED' ? key : { ...key, state: 'Unavailable' };
}

export function entryOf(store: CustomKeyStoreRow): CustomKeyStoresListEntry {
  const { xks, hsm } = store;
  return {
    CustomKeyStoreId: store.id,
    CustomKeyStoreName: store.name,
    ConnectionState: store.connection,
    ...(store.problem !== undefined && { ConnectionErrorCode: store.problem }),
    CreationDate: new Date(store.createdAt),
    CustomKeyStoreType: xks ? 'EXTERNAL_KEY_STORE' : 'AWS_CLOUDHSM',
    ...(hsm && { CloudHsmClusterId: hsm.clusterId, TrustAnchorCertificate: hsm.trustAnchor }),
    ...(xks && {
      XksProxyConfiguration: {
        Connectivity: xks.connectivity,
        AccessKeyId: xks.accessKeyId,
        UriEndpoint: xks.endpoint,
        UriPath: xks.path,
        ...(xks.vpcEndpointService !== undefined && { VpcEndpointServiceName: xks.vpcEndpointService }),
        ...(xks.vpcEndpointServiceOwner !== undefined && { VpcEndpointServiceOwner: xks.vpcEndpointServiceOwner }),
      },
    }),
  };
}
