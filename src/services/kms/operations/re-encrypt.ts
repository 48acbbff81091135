/** ReEncrypt: from one key to another inside the vault; both keys must allow it. */
import type { ReEncryptRequest, ReEncryptResponse } from '@aws-sdk/client-kms';
import { operation } from '../../service.ts';
import { keyCheck } from '../checks.ts';
import { backingOf } from '../custom-key-stores/backing.ts';
import { ciphertextOf, keyOfCiphertext, versionFor } from '../decryption.ts';
import { dryRun, invalidKeyUsage } from '../errors.ts';
import { type FoundKey, findKey } from '../find-key.ts';
import { showsMaterial } from '../key-metadata.ts';
import { requireUsable } from '../key-states.ts';
import type { KmsPorts } from '../ports.ts';
import { currentKey, noteKey, requireAlgorithm, requireNoContext, stopIfDry } from '../use.ts';

const symmetric = 'SYMMETRIC_DEFAULT';

function requireFor({ key, arn }: FoundKey, algorithm: string): void {
  requireUsable(key, 'ReEncrypt');
  if (key.usage !== 'ENCRYPT_DECRYPT') {
    throw invalidKeyUsage(`${arn} key usage is ${key.usage} which is not valid for ReEncrypt.`);
  }
  requireAlgorithm(key, algorithm);
}

export const ReEncrypt = operation<ReEncryptRequest, ReEncryptResponse, KmsPorts>({
  record: { readOnly: true, hide: ['CiphertextBlob'] },
  async checks(input, call, ports) {
    const source = await keyOfCiphertext(call, ports, ciphertextOf(input, input.SourceKeyId), input.SourceKeyId);
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
    const ciphertext = ciphertextOf(input, input.SourceKeyId);
    const source = await keyOfCiphertext(call, ports, ciphertext, input.SourceKeyId);
    const destination = await findKey(call, input.DestinationKeyId);
    const from = input.SourceEncryptionAlgorithm ?? symmetric;
    const to = input.DestinationEncryptionAlgorithm ?? symmetric;
    requireFor(source, from);
    requireFor(destination, to);
    requireNoContext(source.key, input.SourceEncryptionContext);
    requireNoContext(destination.key, input.DestinationEncryptionContext);
    if (ciphertext === undefined) throw dryRun();
    const version = await versionFor(call, source, ports, ciphertext);
    const target = currentKey(destination);
    const [origin, goal] = [await backingOf(call, ports, source), await backingOf(call, ports, destination)];
    stopIfDry(input);
    const before = { key: version, algorithm: from, context: input.SourceEncryptionContext };
    const after = { key: target, algorithm: to, context: input.DestinationEncryptionContext };
    const result = await call.once('re-encrypt', async () => {
      const inner = await origin.unwrap(ciphertext, before.context);
      const made = ports.vault.reEncrypt(before, inner, after).catch((error) => origin.fault(error, source.arn));
      return goal.wrap(made, target.materialId, after.context);
    });
    noteKey(call, source);
    if (destination.arn !== source.arn) noteKey(call, destination);
    return {
      CiphertextBlob: result,
      SourceKeyId: source.arn,
      KeyId: destination.arn,
      SourceEncryptionAlgorithm: from as 'SYMMETRIC_DEFAULT',
      DestinationEncryptionAlgorithm: to as 'SYMMETRIC_DEFAULT',
      ...(showsMaterial(source.key) && { SourceKeyMaterialId: version.materialId }),
      ...(showsMaterial(destination.key) && { DestinationKeyMaterialId: target.materialId }),
    };
  },
});
