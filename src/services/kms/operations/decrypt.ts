/** Decrypt: the ciphertext tells its key, unless the call names one, which then must be the right one. */
import type { DecryptRequest, DecryptResponse } from '@aws-sdk/client-kms';
import { operation } from '../../service.ts';
import { attestedContext, recipientOf, secretMember } from '../attestation/recipient.ts';
import { keyCheck } from '../checks.ts';
import { backingOf } from '../custom-key-stores/backing.ts';
import { ciphertextOf, keyOfCiphertext, versionFor } from '../decryption.ts';
import { dryRun, invalidKeyUsage } from '../errors.ts';
import { showsMaterial } from '../key-metadata.ts';
import { requireUsable } from '../key-states.ts';
import type { KmsPorts } from '../ports.ts';
import { noteKey, requireAlgorithm, requireNoContext, stopIfDry } from '../use.ts';

export const Decrypt = operation<DecryptRequest, DecryptResponse, KmsPorts>({
  record: { readOnly: true, hide: ['CiphertextBlob', 'Plaintext', 'CiphertextForRecipient', 'Recipient'] },
  checks: async (input, call, ports) => [
    await keyCheck(call, await keyOfCiphertext(call, ports, ciphertextOf(input, input.KeyId), input.KeyId), {
      action: 'Decrypt',
      encryptionContext: input.EncryptionContext,
      grantTokens: input.GrantTokens,
      context: {
        ...attestedContext(input.Recipient, call, ports),
        'kms:EncryptionAlgorithm': input.EncryptionAlgorithm ?? 'SYMMETRIC_DEFAULT',
      },
    }),
  ],
  async handle(input, call, ports) {
    const ciphertext = ciphertextOf(input, input.KeyId);
    const found = await keyOfCiphertext(call, ports, ciphertext, input.KeyId);
    const { key, arn } = found;
    requireUsable(key, 'Decrypt');
    if (key.usage !== 'ENCRYPT_DECRYPT') {
      throw invalidKeyUsage(`${arn} key usage is ${key.usage} which is not valid for Decrypt.`);
    }
    const algorithm = input.EncryptionAlgorithm ?? 'SYMMETRIC_DEFAULT';
    requireAlgorithm(key, algorithm);
    requireNoContext(key, input.EncryptionContext);
    const { recipient } = recipientOf(input.Recipient, call, ports);
    if (ciphertext === undefined) throw dryRun();
    const version = await versionFor(call, found, ports, ciphertext);
    const backing = await backingOf(call, ports, found);
    stopIfDry(input);
    const how = { key: version, algorithm, context: input.EncryptionContext };
    const opened = await call.once('decrypt', async () => {
      const inner = await backing.unwrap(ciphertext, how.context);
      return ports.vault.decrypt(how, inner, recipient).catch((error) => backing.fault(error, arn));
    });
    noteKey(call, found);
    return {
      KeyId: arn,
      ...secretMember('Plaintext', opened),
      EncryptionAlgorithm: algorithm as 'SYMMETRIC_DEFAULT',
      ...(showsMaterial(key) && { KeyMaterialId: version.materialId }),
    };
  },
});
