/** Key pairs of the instance itself, that are made in the vault and sign there. */
import type { Signer } from '../../certificates/signer.ts';
import type { VaultClient } from '../../vault/client.ts';

/** The vault's name for whose keys these are: no account has this id. */
const owner = '000000000000';

/** Nothing in it is secret without the vault. */
export interface KeptKey {
  readonly keyId: string;
  readonly materialId: string;
  /** Base64. */
  readonly sealed: string;
  /** Base64 of the SubjectPublicKeyInfo. */
  readonly publicKey: string;
}

export type KeyMaker = Pick<VaultClient, 'create' | 'sign'>;
export type Place = { readonly keyId: string; readonly spec: 'ECC_NIST_P256' | 'ECC_NIST_P384' };

export async function makeKey(vault: Pick<KeyMaker, 'create'>, { keyId, spec }: Place): Promise<KeptKey> {
  const { materialId, sealed, publicKey = new Uint8Array() } = await vault.create({ account: owner, keyId, spec });
  const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
  return { keyId, materialId, sealed: base64(sealed), publicKey: base64(publicKey) };
}

export function signerOf(vault: Pick<KeyMaker, 'sign'>, kept: KeptKey, spec: Place['spec']): Signer {
  const { keyId, materialId } = kept;
  const key = { account: owner, keyId, spec, materialId, sealed: Buffer.from(kept.sealed, 'base64') };
  const [curve, algorithm] =
    spec === 'ECC_NIST_P256' ? (['P-256', 'ECDSA_SHA_256'] as const) : (['P-384', 'ECDSA_SHA_384'] as const);
  return {
    curve,
    publicKey: Buffer.from(kept.publicKey, 'base64'),
    sign: (message) => vault.sign(key, algorithm, message, 'RAW'),
  };
}
