/** ReEncrypt: from one key to another inside the vault; both keys must allow it. */
import type { ReEncryptRequest, ReEncryptResponse } from '@aws-sdk/client-kms';
import { operation } from '../../service.ts';
import { keyCheck } from '../checks.ts';
import { keyOfCiphertext, versionFor } from '../decryption.ts';
import { invalidKeyUsage, validation } from '../errors.ts';
import { type FoundKey, findKey } from '../find-key.ts';
import { isSymmetric } from '../key-specs.ts';
import { requireUsable } from '../key-states.ts';
import type { KmsPorts } from '../ports.ts';
import { ask, currentKey, noteKey, requireAlgorithm, requireNoContext, stopIfDry } from '../use.ts';

const symmetric = 'SYMMETRIC_DEFAULT';

function requireFor({ key, arn }: FoundKey, algorithm: string): void {
  requireUsable(key, 'ReEncrypt');
  if (key.usage !== 'ENCRYPT_DECRYPT') {
    throw invalidKeyUsage(`${arn} key usage is ${key.usage} which is not valid for ReEncrypt.`);
  }
  requireAlgorithm(key, algorithm);
}

const blob = (input: ReEncryptRequest): Uint8Array => {
  if (input.CiphertextBlob === undefined) throw validation('CiphertextBlob is required.');
  return input.CiphertextBlob;
};

export const ReEncrypt = operation<ReEncryptRequest, ReEncryptResponse, KmsPorts>({
  record: { readOnly: true, hide: ['CiphertextBlob'] },
  async checks(input, call, ports) {
    const source = await keyOfCiphertext(call, ports, blob(input), input.SourceKeyId);
    const destination = await findKey(call, input.DestinationKeyId);
    const context = { 'kms:ReEncryptOnSameKey': String(source.arn === destination.arn) };
    return [
      await keyCheck(call, source, {
        action: 'ReEncryptFrom',
        encryptionContext: input.SourceEncryptionContext,
        grantTokens: input.GrantTokens,
        context: { ...context, 'kms:EncryptionAlgorithm': input.SourceEncryptionAlgorithm ?? symmetric },
      }),
      await keyCheck(call, destination, {
        action: 'ReEncryptTo',
        encryptionContext: input.DestinationEncryptionContext,
        grantTokens: input.GrantTokens,
        context: { ...context, 'kms:EncryptionAlgorithm': input.DestinationEncryptionAlgorithm ?? symmetric },
      }),
    ];
  },
  async handle(input, call, ports) {
    const ciphertext = blob(input);
    const source = await keyOfCiphertext(call, ports, ciphertext, input.SourceKeyId);
    const destination = await findKey(call, input.DestinationKeyId);
    const from = input.SourceEncryptionAlgorithm ?? symmetric;
    const to = input.DestinationEncryptionAlgorithm ?? symmetric;
    requireFor(source, from);
    requireFor(destination, to);
    requireNoContext(source.key, input.SourceEncryptionContext);
    requireNoContext(destination.key, input.DestinationEncryptionContext);
    const version = versionFor(source, ports, ciphertext);
    const target = currentKey(destination);
    stopIfDry(input);
    const result = await call.once('re-encrypt', () =>
      ask(
        source.arn,
        ports.vault.reEncrypt({ key: version, algorithm: from, context: input.SourceEncryptionContext }, ciphertext, {
          key: target,
          algorithm: to,
          context: input.DestinationEncryptionContext,
        }),
      ),
    );
    noteKey(call, source);
    if (destination.arn !== source.arn) noteKey(call, destination);
    return {
      CiphertextBlob: result,
      SourceKeyId: source.arn,
      KeyId: destination.arn,
      SourceEncryptionAlgorithm: from as 'SYMMETRIC_DEFAULT',
      DestinationEncryptionAlgorithm: to as 'SYMMETRIC_DEFAULT',
      ...(isSymmetric(source.key) && { SourceKeyMaterialId: version.materialId }),
      ...(isSymmetric(destination.key) && { DestinationKeyMaterialId: target.materialId }),
    };
  },
});
