/** What the vault's writer makes, and how it says so. */

export type VaultEvent =
  | { readonly opened: true }
  | { readonly archived: true }
  | { readonly made: string; readonly sealed: string }
  | { readonly removing: string }
  | { readonly removed: string }
  | { readonly named: string };

export const materialId = 'ab'.repeat(32);
export const identityOf = (keyId: string) => ({ account: '111122223333', keyId, spec: 'SYMMETRIC_DEFAULT' });
export const materialOf = (keyId: string): Buffer => Buffer.from(keyId.padEnd(32, '.'));
