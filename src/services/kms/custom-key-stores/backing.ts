/** Where a key's ciphertext is encrypted a second time: nowhere, or in the custom key store that the key lies in. */
import { AwsError, type Call } from '../../service.ts';
import { invalidCiphertext, vaultFault } from '../errors.ts';
import type { FoundKey } from '../find-key.ts';
import { type CiphertextHead, type EncryptionContext, type KmsPorts, VaultError } from '../ports.ts';
import type { KeyRow } from '../state.ts';
import { outerData, readOuter, writeOuter } from './ciphertext.ts';
import { XksFailure, xksFault } from './failures.ts';
import { storeOfKey } from './find-store.ts';
import { tokenFault } from './hsm-settings.ts';
import { openStoreSecret, tokenLogin } from './secrets.ts';
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
    throw new AwsError('KMSInvalidStateException', notConnected(store));
  }
  await call.once(`request quota ${store.id}`, async () => ports.settings.requestQuotas.takeForStore(call, store.id));
  return store.hsm ? inToken(ports, found, store) : external(call, ports, found, store);
}

/** What is told of a store that is not connected. */
export function notConnected(store: CustomKeyStoreRow | undefined): string {
  const [to, what] = store?.hsm
    ? ['AWS CloudHSM cluster', 'custom key store']
    : ['external key store proxy', 'external key store'];
  return `This KMS key is in a custom key store that is not connected to its ${to}. Connect the ${what} and try the request again.`;
}

export async function clientOf(call: Call, ports: KmsPorts, store: CustomKeyStoreRow): Promise<XksClient> {
  const { xks } = store;
  if (!xks) throw new Error(`${store.id} is no external key store`);
  const secret = await openStoreSecret(ports.vault, store, xks.secret);
  const { endpoint, path, accessKeyId } = xks;
  return new XksClient(ports.xks, { endpoint, path, credential: { accessKeyId, secret } }, call);
}

/** A ciphertext of the vault alone has never been in the store, or was taken out of it: not with this key. */
function ownOuter(key: KeyRow, ciphertext: Uint8Array): NonNullable<ReturnType<typeof readOuter>> {
  const outer = readOuter(ciphertext);
  if (outer?.head.account !== key.account || outer.head.keyId !== key.id) throw invalidCiphertext();
  return outer;
}

/** In a token the key's label is its id. */
function inToken(ports: KmsPorts, { key, arn }: FoundKey, store: CustomKeyStoreRow): Backing {
  const login = tokenLogin(store);
  const fault = (error: unknown) => tokenFault(error, arn);
  return {
    async wrap(inner, materialId, context) {
      const aad = outerData(key, materialId, context);
      const made = await ports.vault.encryptInToken(login, key.id, await inner, aad).catch(fault);
      const head = { account: key.account, keyId: key.id, materialId };
      return writeOuter(head, { ...made, metadata: Buffer.alloc(0) });
    },
    async unwrap(ciphertext, context) {
      const { head, made } = ownOuter(key, ciphertext);
      const aad = outerData(key, head.materialId, context);
      return ports.vault.decryptInToken(login, key.id, made, aad).catch(fault);
    },
    fault: vaultFault,
  };
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
      const outer = ownOuter(key, ciphertext);
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
