/** The secret of a key store (a proxy's secret access key, a password): encrypted in the vault, under a key of the store's own. */
import { vaultFault } from '../errors.ts';
import type { KeyVault, VaultKey } from '../ports.ts';
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

/** @throws AwsError KMSInternalException */
export async function openStoreSecret(vault: KeyVault, store: Owner, secret: SealedSecret): Promise<string> {
  const how = { key: vaultKeyOf(store, secret), algorithm: spec, context };
  const ciphertext = Buffer.from(secret.ciphertext, 'base64');
  const { plaintext } = await vault.decrypt(how, ciphertext).catch((error) => vaultFault(error, ''));
  return Buffer.from(plaintext ?? []).toString();
}
