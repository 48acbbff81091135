/** A new key in a custom key store: what a caller must say of it, and what the store must say to it. */
import type { CreateKeyRequest } from '@aws-sdk/client-kms';
import type { Change } from '../../../store/store.ts';
import { AwsError, type Call } from '../../service.ts';
import { unsupported, validation, vaultFault } from '../errors.ts';
import { type KmsPorts, type TokenVault, VaultError } from '../ports.ts';
import type { KeyRow } from '../state.ts';
import { clientOf, notConnected } from './backing.ts';
import { xksFault } from './failures.ts';
import { findStore, storeOfKey, storeState } from './find-store.ts';
import { tokenLogin } from './secrets.ts';
import { externalKeys, keysOfStore, storeChildren } from './state.ts';

/** @throws AwsError ValidationException, UnsupportedOperationException */
export function requireStoreMembers(input: CreateKeyRequest, wanted: Pick<KeyRow, 'spec' | 'origin'>): void {
  const isExternal = wanted.origin === 'EXTERNAL_KEY_STORE';
  if (!isExternal && wanted.origin !== 'AWS_CLOUDHSM') {
    if (input.CustomKeyStoreId !== undefined) {
      throw validation('CustomKeyStoreId needs an Origin of AWS_CLOUDHSM or EXTERNAL_KEY_STORE.');
    }
    if (input.XksKeyId !== undefined) throw validation('XksKeyId needs an Origin of EXTERNAL_KEY_STORE.');
    return;
  }
  if (input.CustomKeyStoreId === undefined) throw validation(`Origin ${wanted.origin} needs a CustomKeyStoreId.`);
  if (isExternal !== (input.XksKeyId !== undefined)) {
    throw validation(`XksKeyId must ${isExternal ? '' : 'not '}be specified with an Origin of ${wanted.origin}.`);
  }
  if (wanted.spec !== 'SYMMETRIC_DEFAULT') {
    throw unsupported(`Key spec ${wanted.spec} is not supported in a custom key store.`);
  }
  if (input.MultiRegion) throw unsupported('Multi-Region keys are not supported in a custom key store.');
}

/**
 * The key with its place in the store, which has agreed to it; the same key without change if it lies in none.
 * @throws AwsError
 */
export async function placeInStore(input: CreateKeyRequest, call: Call, ports: KmsPorts, key: KeyRow): Promise<KeyRow> {
  if (input.CustomKeyStoreId === undefined) return key;
  const store = await findStore(call, input.CustomKeyStoreId);
  if ((store.xks !== undefined) !== (key.origin === 'EXTERNAL_KEY_STORE')) {
    throw validation(`Origin ${key.origin} does not fit the type of the custom key store.`);
  }
  if (store.connection !== 'CONNECTED') {
    throw storeState(notConnected(store));
  }
  call.change.put(keysOfStore, storeChildren(store), key.id, {});
  const placed = { ...key, customKeyStoreId: store.id };
  if (store.hsm) {
    await call.once('token key', () => ports.vault.makeTokenKey(tokenLogin(store), key.id)).catch(tokenFaultOfStore);
    return { ...placed, cloudHsmClusterId: store.hsm.clusterId };
  }
  const id = input.XksKeyId as string;
  if (await call.change.get(externalKeys, storeChildren(store), id)) {
    throw new AwsError('XksKeyAlreadyInUseException', `The external key ${id} is in use by another KMS key.`);
  }
  await call.once('external key', async () => {
    const client = await clientOf(call, ports, store);
    await client.checkKey(id).catch((error) => xksFault(error, 'key'));
  });
  call.change.put(externalKeys, storeChildren(store), id, { keyId: key.id });
  return { ...placed, xksKeyId: id };
}

function tokenFaultOfStore(error: unknown): never {
  if (!(error instanceof VaultError) || error.code !== 'token-refused') return vaultFault(error, '');
  throw new AwsError('CloudHsmClusterInvalidConfigurationException', 'The AWS CloudHSM cluster cannot make keys.');
}

/** A key that is deleted leaves its store: its external key is free, its key in a token is gone with it. */
export async function leaveStore(change: Change, vault: TokenVault, key: KeyRow): Promise<void> {
  const { account, region, customKeyStoreId, xksKeyId } = key;
  if (customKeyStoreId === undefined) return;
  const store = await storeOfKey(change, key);
  // "Makes a best effort to delete the key material from the cluster": a token that is away does not keep the key alive.
  if (store?.hsm) await vault.destroyTokenKey(tokenLogin(store), key.id).catch(() => undefined);
  const children = storeChildren({ account, region, id: customKeyStoreId });
  change.delete(keysOfStore, children, key.id);
  if (xksKeyId !== undefined) change.delete(externalKeys, children, xksKeyId);
}
