/** The secret of a key store (a proxy's secret access key, a password): encrypted in the vault, under a key of the store's own. */
import { vaultFault } from '../errors.ts';
import type { Encryption, KeyVault, TokenLogin, VaultKey } from '../ports.ts';
import type { CustomKeyStoreRow, SealedSecret } from './state.ts';

type Owner = Pick<CustomKeyStoreRow, 'account' | 'id'>;

const spec = 'SYMMETRIC_DEFAULT';
const context = { purpose: 'custom key store' };

function vaultKeyOf(store: Owner, secret: SealedSecret): VaultKey {
  const { account, id: keyId } = store;
  return { account, keyId, spec, materialId: secret.materialId, sealed: Buffer.from(secret.sealed, 'base64') };
}

/** @throws AwsError KMSInternalException */
export async function sealStoreSecret(vault: KeyVault, store: Owner, text: string): Promise<SealedSecret> {
  const fault = (error: unknown) => vaultFault(error, '');
  const { account, id: keyId } = store;
  const made = await vault.create({ account, keyId, spec }).catch(fault);
  const key = { account, keyId, spec, ...made };
  const ciphertext = await vault.encrypt({ key, algorithm: spec, context }, Buffer.from(text)).catch(fault);
  const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
  return { materialId: made.materialId, sealed: base64(made.sealed), ciphertext: base64(ciphertext) };
}

/** How the vault opens a secret. */
function opening(store: Owner, secret: SealedSecret): { readonly how: Encryption; readonly ciphertext: Buffer } {
  const how = { key: vaultKeyOf(store, secret), algorithm: spec, context };
  return { how, ciphertext: Buffer.from(secret.ciphertext, 'base64') };
}

/** The vault logs in by itself: nobody else learns the password. */
export function tokenLogin(store: CustomKeyStoreRow): TokenLogin {
  const { hsm } = store;
  if (!hsm) throw new Error(`${store.id} has no cluster`);
  return { clusterId: hsm.clusterId, password: opening(store, hsm.password) };
}

/** @throws AwsError KMSInternalException */
export async function openStoreSecret(vault: KeyVault, store: Owner, secret: SealedSecret): Promise<string> {
  const { how, ciphertext } = opening(store, secret);
  const { plaintext } = await vault.decrypt(how, ciphertext).catch((error) => vaultFault(error, ''));
  return Buffer.from(plaintext ?? []).toString();
}
