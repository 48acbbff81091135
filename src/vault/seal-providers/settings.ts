/** Which root of trust a vault has: what the configuration says, as it reaches the vault process, and the provider for it. */
import { keyFile } from './key-file.ts';
import { memoryKey } from './memory.ts';
import { passphraseSeal } from './passphrase.ts';
import type { SealProvider } from './provider.ts';
import { type RemoteKms, remoteKmsSeal } from './remote-kms.ts';
import { sealedRoot } from './sealed-root.ts';
import { shamirSeal } from './shamir.ts';
import { type RootToken, tokenSeal } from './token.ts';

/** Paths and names only: no secret travels in it. */
export type SealSettings = { /** Where the root key lies, in the clear or sealed. */ readonly file: string } & (
  | { readonly kind: 'key-file' }
  | { readonly kind: 'passphrase'; readonly passphraseFile?: string }
  | { readonly kind: 'shamir' }
  | { readonly kind: 'pkcs11'; readonly token: RootToken }
  | { readonly kind: 'kms'; readonly kms: RemoteKms }
);

export function providerOf(settings: SealSettings | undefined): SealProvider {
  if (settings === undefined) return memoryKey();
  const { file } = settings;
  switch (settings.kind) {
    case 'key-file':
      return keyFile(file);
    case 'passphrase':
      return sealedRoot(file, passphraseSeal(settings.passphraseFile));
    case 'shamir':
      return sealedRoot(file, shamirSeal());
    case 'pkcs11':
      return sealedRoot(file, tokenSeal(settings.token));
    case 'kms':
      return sealedRoot(file, remoteKmsSeal(settings.kms));
  }
}
