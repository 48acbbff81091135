/** Encrypt: up to 4,096 bytes under a symmetric key, less under the others. */
import type { EncryptRequest, EncryptResponse } from '@aws-sdk/client-kms';
import { operation } from '../../service.ts';
import { keyCheck } from '../checks.ts';
import { backingOf } from '../custom-key-stores/backing.ts';
import { validation } from '../errors.ts';
import { findKey } from '../find-key.ts';
import type { KmsPorts } from '../ports.ts';
import { ask, currentKey, noteKey, requireAlgorithm, requireNoContext, stopIfDry, usableKey } from '../use.ts';

/** What RSA-OAEP leaves of the modulus: two digests and two bytes. SM2PKE takes 1,024 bytes, symmetric keys what a request may hold. */
function mostBytes(spec: string, algorithm: string): number {
  if (spec === 'SM2') return 1024;
  if (!spec.startsWith('RSA_')) return Number.POSITIVE_INFINITY;
  const digest = algorithm === 'RSAES_OAEP_SHA_1' ? 20 : 32;
  return Number(spec.slice(4)) / 8 - 2 * digest - 2;
}

function requireFits(spec: string, algorithm: string, size: number): void {
  const most = mostBytes(spec, algorithm);
  if (size <= most) return;
  throw validation(`Algorithm ${algorithm} and key spec ${spec} cannot encrypt data larger than ${most} bytes.`);
}

export const Encrypt = operation<EncryptRequest, EncryptResponse, KmsPorts>({
  record: { readOnly: true, hide: ['Plaintext', 'CiphertextBlob'] },
  checks: async (input, call) => [
    await keyCheck(call, await findKey(call, input.KeyId), {
      action: 'Encrypt',
      encryptionContext: input.EncryptionContext,
      grantTokens: input.GrantTokens,
      context: { 'kms:EncryptionAlgorithm': input.EncryptionAlgorithm ?? 'SYMMETRIC_DEFAULT' },
    }),
  ],
  async handle(input, call, ports) {
    const found = await usableKey(call, input.KeyId, 'Encrypt', 'ENCRYPT_DECRYPT');
    const algorithm = input.EncryptionAlgorithm ?? 'SYMMETRIC_DEFAULT';
    requireAlgorithm(found.key, algorithm);
    requireNoContext(found.key, input.EncryptionContext);
    requireFits(found.key.spec, algorithm, input.Plaintext.byteLength);
    const backing = await backingOf(call, ports, found);
    stopIfDry(input);
    const how = { key: currentKey(found), algorithm, context: input.EncryptionContext };
    const ciphertext = await call.once('encrypt', () =>
      backing.wrap(ask(found.arn, ports.vault.encrypt(how, input.Plaintext)), how.key.materialId, how.context),
    );
    noteKey(call, found);
    return { CiphertextBlob: ciphertext, KeyId: found.arn, EncryptionAlgorithm: algorithm as 'SYMMETRIC_DEFAULT' };
  },
});
