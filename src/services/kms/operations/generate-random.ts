/** GenerateRandom: bytes from the vault, not from a key. */
import type { GenerateRandomRequest, GenerateRandomResponse } from '@aws-sdk/client-kms';
import { operation } from '../../service.ts';
import { attestedContext, recipientOf, secretMember } from '../attestation/recipient.ts';
import { accountCheck } from '../checks.ts';
import { findStore, storeState } from '../custom-key-stores/find-store.ts';
import { tokenLogin } from '../custom-key-stores/secrets.ts';
import { unsupported, validation, vaultFault } from '../errors.ts';
import type { KmsPorts } from '../ports.ts';

export const GenerateRandom = operation<GenerateRandomRequest, GenerateRandomResponse, KmsPorts>({
  record: { readOnly: true, hide: ['Plaintext', 'CiphertextForRecipient', 'Recipient'] },
  checks: (input, call, ports) => [accountCheck(call, 'GenerateRandom', attestedContext(input.Recipient, call, ports))],
  async handle(input, call, ports) {
    const size = input.NumberOfBytes;
    if (size === undefined) throw validation('NumberOfBytes is required.');
    const { recipient } = recipientOf(input.Recipient, call, ports);
    if (input.CustomKeyStoreId !== undefined) {
      const store = await findStore(call, input.CustomKeyStoreId);
      if (!store.hsm) throw unsupported('GenerateRandom does not support external key stores.');
      if (store.connection !== 'CONNECTED') throw storeState('The key store is not connected to its cluster.');
      if (recipient) throw unsupported('Random bytes of a key store go to no attested recipient.');
      const login = tokenLogin(store);
      const made = await call.once('token', () => ports.vault.tokenRandom(login, size)).catch((e) => vaultFault(e, ''));
      return { Plaintext: made };
    }
    const made = await ports.vault.random(size, recipient).catch((error) => vaultFault(error, ''));
    return secretMember('Plaintext', made);
  },
});
