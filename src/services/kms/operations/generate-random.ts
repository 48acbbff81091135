/** GenerateRandom: bytes from the vault, not from a key. */
import type { GenerateRandomRequest, GenerateRandomResponse } from '@aws-sdk/client-kms';
import { operation } from '../../service.ts';
import { accountCheck } from '../checks.ts';
import { findStore } from '../custom-key-stores/find-store.ts';
import { unsupported, validation, vaultFault } from '../errors.ts';
import type { KmsPorts } from '../ports.ts';

export const GenerateRandom = operation<GenerateRandomRequest, GenerateRandomResponse, KmsPorts>({
  record: { readOnly: true },
  checks: (_input, call) => [accountCheck(call, 'GenerateRandom')],
  async handle(input, call, ports) {
    const size = input.NumberOfBytes;
    if (size === undefined) throw validation('NumberOfBytes is required.');
    if (input.CustomKeyStoreId !== undefined) {
      await findStore(call, input.CustomKeyStoreId);
      throw unsupported('GenerateRandom does not support external key stores.');
    }
    const { plaintext } = await ports.vault.random(size).catch((error) => vaultFault(error, ''));
    return { Plaintext: plaintext };
  },
});
