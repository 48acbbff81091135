/** From a key's row to what the vault needs, and back. */
import type { VaultKey } from './ports.ts';
import type { KeyRow, Material } from './state.ts';

/** The current material of a key, or the one with this id; undefined when it is not there (any more). */
export function materialOf(key: KeyRow, id: string | undefined = key.current): Material | undefined {
  return id === undefined ? undefined : key.materials.find((one) => one.id === id);
}

export function vaultKey(key: KeyRow, material: Material): VaultKey | undefined {
  if (material.sealed === undefined) return undefined;
  const { account, id: keyId, spec } = key;
  return { account, keyId, spec, materialId: material.id, sealed: Buffer.from(material.sealed, 'base64') };
}
