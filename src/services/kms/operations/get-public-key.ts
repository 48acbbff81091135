/** GetPublicKey: the half that may leave. */
import type { GetPublicKeyRequest, GetPublicKeyResponse } from '@aws-sdk/client-kms';
import { operation } from '../../service.ts';
import { keyCheck } from '../checks.ts';
import { unsupported } from '../errors.ts';
import { findKey } from '../find-key.ts';
import { keyMetadata } from '../key-metadata.ts';
import { requireUsable } from '../key-states.ts';
import type { KmsPorts } from '../ports.ts';
import { noteKey } from '../use.ts';

export const GetPublicKey = operation<GetPublicKeyRequest, GetPublicKeyResponse, KmsPorts>({
  record: { hide: ['PublicKey'] },
  checks: async (input, call) => [
    await keyCheck(call, await findKey(call, input.KeyId), { action: 'GetPublicKey', grantTokens: input.GrantTokens }),
  ],
  async handle(input, call) {
    const found = await findKey(call, input.KeyId);
    const { key, arn } = found;
    requireUsable(key, 'GetPublicKey');
    if (key.publicKey === undefined) {
      throw unsupported(`${arn} key spec is ${key.spec} which is not valid for GetPublicKey.`);
    }
    noteKey(call, found);
    const shown = keyMetadata(key);
    return {
      KeyId: arn,
      PublicKey: Buffer.from(key.publicKey, 'base64'),
      CustomerMasterKeySpec: shown.CustomerMasterKeySpec,
      KeySpec: shown.KeySpec,
      KeyUsage: shown.KeyUsage,
      EncryptionAlgorithms: shown.EncryptionAlgorithms,
      SigningAlgorithms: shown.SigningAlgorithms,
      KeyAgreementAlgorithms: shown.KeyAgreementAlgorithms,
      EncapsulationAlgorithms: shown.EncapsulationAlgorithms,
    };
  },
});
