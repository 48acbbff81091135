/** DeriveSharedSecret, Encapsulate, Decapsulate: secrets that two sides share. */
import type {
  DecapsulateRequest,
  DecapsulateResponse,
  DeriveSharedSecretRequest,
  DeriveSharedSecretResponse,
  EncapsulateRequest,
  EncapsulateResponse,
} from '@aws-sdk/client-kms';
import { operation } from '../../service.ts';
import { attestedContext, recipientOf, secretMember } from '../attestation/recipient.ts';
import { keyCheck } from '../checks.ts';
import { findKey } from '../find-key.ts';
import type { KmsPorts } from '../ports.ts';
import { ask, currentKey, noteKey, requireAlgorithm, stopIfDry, usableKey } from '../use.ts';

const hide = ['SharedSecret', 'SharedSecretCiphertextBlob', 'PublicKey', 'CiphertextForRecipient', 'Recipient'];

export const DeriveSharedSecret = operation<DeriveSharedSecretRequest, DeriveSharedSecretResponse, KmsPorts>({
  record: { readOnly: true, hide },
  checks: async (input, call, ports) => [
    await keyCheck(call, await findKey(call, input.KeyId), {
      action: 'DeriveSharedSecret',
      grantTokens: input.GrantTokens,
      context: {
        ...attestedContext(input.Recipient, call, ports),
        'kms:KeyAgreementAlgorithm': input.KeyAgreementAlgorithm,
      },
    }),
  ],
  async handle(input, call, ports) {
    const found = await usableKey(call, input.KeyId, 'DeriveSharedSecret', 'KEY_AGREEMENT');
    requireAlgorithm(found.key, input.KeyAgreementAlgorithm);
    const { recipient } = recipientOf(input.Recipient, call, ports);
    stopIfDry(input);
    const made = await ask(found.arn, ports.vault.sharedSecret(currentKey(found), input.PublicKey, recipient));
    noteKey(call, found);
    return {
      KeyId: found.arn,
      ...secretMember('SharedSecret', made),
      KeyAgreementAlgorithm: input.KeyAgreementAlgorithm,
      KeyOrigin: found.key.origin,
    };
  },
});

export const Encapsulate = operation<EncapsulateRequest, EncapsulateResponse, KmsPorts>({
  record: { readOnly: true, hide },
  checks: async (input, call) => [
    await keyCheck(call, await findKey(call, input.KeyId), { action: 'Encapsulate', grantTokens: input.GrantTokens }),
  ],
  async handle(input, call, ports) {
    const found = await usableKey(call, input.KeyId, 'Encapsulate', 'ENCAPSULATE_DECAPSULATE');
    requireAlgorithm(found.key, input.EncapsulationAlgorithm);
    stopIfDry(input);
    const made = await call.once('encapsulate', () =>
      ask(found.arn, ports.vault.encapsulate(currentKey(found), input.EncapsulationAlgorithm)),
    );
    noteKey(call, found);
    return {
      KeyId: found.arn,
      SharedSecret: made.plaintext,
      SharedSecretCiphertextBlob: made.ciphertext,
      EncapsulationAlgorithm: input.EncapsulationAlgorithm,
    };
  },
});

export const Decapsulate = operation<DecapsulateRequest, DecapsulateResponse, KmsPorts>({
  record: { readOnly: true, hide },
  checks: async (input, call) => [
    await keyCheck(call, await findKey(call, input.KeyId), { action: 'Decapsulate', grantTokens: input.GrantTokens }),
  ],
  async handle(input, call, ports) {
    const found = await usableKey(call, input.KeyId, 'Decapsulate', 'ENCAPSULATE_DECAPSULATE');
    requireAlgorithm(found.key, input.EncapsulationAlgorithm);
    stopIfDry(input);
    const { plaintext } = await ask(
      found.arn,
      ports.vault.decapsulate(currentKey(found), input.EncapsulationAlgorithm, input.SharedSecretCiphertextBlob),
    );
    noteKey(call, found);
    return { KeyId: found.arn, SharedSecret: plaintext, EncapsulationAlgorithm: input.EncapsulationAlgorithm };
  },
});
