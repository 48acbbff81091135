/** Where a key's ciphertext is encrypted a second time: nowhere, or in the custom key store that the key lies in. */
import type { Call } from '../../service.ts';
import { invalidCiphertext, invalidState, vaultFault } from '../errors.ts';
import type { FoundKey } from '../find-key.ts';
import { type CiphertextHead, type EncryptionContext, type KmsPorts, VaultError } from '../ports.ts';
import { outerData, readOuter, writeOuter } from './ciphertext.ts';
import { XksFailure, xksFault } from './failures.ts';
import { storeOfKey } from './find-store.ts';
import { openStoreSecret } from './secrets.ts';
import type { CustomKeyStoreRow } from './state.ts';
import { XksClient } from './xks-client.ts';

export interface Backing {
  /** Around what the vault encrypted. @throws AwsError */
  wrap(inner: Promise<Uint8Array>, materialId: string, context: EncryptionContext | undefined): Promise<Uint8Array>;
  /** Back to what the vault encrypted. @throws AwsError */
  unwrap(ciphertext: Uint8Array, context: EncryptionContext | undefined): Promise<Uint8Array>;
  /** For what failed after `unwrap`. @throws always */
  fault(error: unknown, arn: string): never;
}

const vaultAlone: Backing = {
  wrap: (inner) => inner,
  unwrap: async (ciphertext) => ciphertext,
  fault: vaultFault,
};

/** What a ciphertext says of its key, whoever encrypted it last. Unverified. */
export function headOf(ports: KmsPorts, ciphertext: Uint8Array): CiphertextHead | undefined {
  return ports.vault.headOf(ciphertext) ?? readOuter(ciphertext)?.head;
}

/** @throws AwsError KMSInvalidStateException while the store is not connected */
export async function backingOf(call: Call, ports: KmsPorts, found: FoundKey): Promise<Backing> {
  if (found.key.customKeyStoreId === undefined) return vaultAlone;
  const store = await storeOfKey(call.change, found.key);
  if (store?.connection !== 'CONNECTED') {
    throw invalidState(
      found.arn,
      'is unavailable: this KMS key is in a custom key store that is not connected. Connect the key store and try the request again.',
    );
  }
  return external(call, ports, found, store);
}

export async function clientOf(call: Call, ports: KmsPorts, store: CustomKeyStoreRow): Promise<XksClient> {
  const { xks } = store;
  if (!xks) throw new Error(`${store.id} is no external key store`);
  const secret = await openStoreSecret(ports.vault, store, xks.secret);
  const { endpoint, path, accessKeyId } = xks;
  return new XksClient(ports.xks, { endpoint, path, credential: { accessKeyId, secret } }, call);
}

function external(call: Call, ports: KmsPorts, { key }: FoundKey, store: CustomKeyStoreRow): Backing {
  const place = { id: key.xksKeyId ?? '', key };
  const fault = (error: unknown) => xksFault(error, 'use');
  return {
    async wrap(inner, materialId, context) {
      const bytes = await inner;
      const client = await clientOf(call, ports, store);
      const made = await client.encrypt(place, bytes, outerData(key, materialId, context)).catch(fault);
      return writeOuter({ account: key.account, keyId: key.id, materialId }, made);
    },
    async unwrap(ciphertext, context) {
      const outer = readOuter(ciphertext);
      // A ciphertext of the vault alone has never been in the store, or was taken out of it: not with this key.
      if (!outer || outer.head.account !== key.account || outer.head.keyId !== key.id) throw invalidCiphertext();
      const client = await clientOf(call, ports, store);
      return client.decrypt(place, outer.made, outerData(key, outer.head.materialId, context)).catch(fault);
    },
    fault(error, arn) {
      if (error instanceof VaultError && error.code === 'invalid-ciphertext') {
        return xksFault(new XksFailure('foreign-ciphertext'), 'use');
      }
      return vaultFault(error, arn);
    },
  };
}
