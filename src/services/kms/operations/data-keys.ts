/** GenerateDataKey and GenerateDataKeyWithoutPlaintext: keys for use outside, returned encrypted and, if wanted, plain. */
import type {
  GenerateDataKeyRequest,
  GenerateDataKeyResponse,
  GenerateDataKeyWithoutPlaintextRequest,
  GenerateDataKeyWithoutPlaintextResponse,
} from '@aws-sdk/client-kms';
import { type Call, type CheckCall, operation } from '../../service.ts';
import { attestedContext, recipientOf, secretMember } from '../attestation/recipient.ts';
import { keyCheck } from '../checks.ts';
import { backingOf } from '../custom-key-stores/backing.ts';
import { invalidKeyUsage, validation } from '../errors.ts';
import { type FoundKey, findKey } from '../find-key.ts';
import { showsMaterial } from '../key-metadata.ts';
import { isSymmetric } from '../key-specs.ts';
import type { KmsPorts } from '../ports.ts';
import { ask, currentKey, noteKey, stopIfDry, usableKey } from '../use.ts';

const hide = ['Plaintext', 'CiphertextBlob', 'CiphertextForRecipient', 'Recipient', 'PrivateKeyPlaintext'];

function sizeOf(input: GenerateDataKeyRequest): number {
  if ((input.KeySpec === undefined) === (input.NumberOfBytes === undefined)) {
    throw validation('Please specify either number of bytes or key spec.');
  }
  return input.NumberOfBytes ?? (input.KeySpec === 'AES_128' ? 16 : 32);
}

const check = async (
  input: GenerateDataKeyRequest & { KeyId: string },
  call: CheckCall,
  ports: KmsPorts,
  action: string,
) => [
  await keyCheck(call, await findKey(call, input.KeyId), {
    action,
    encryptionContext: input.EncryptionContext,
    grantTokens: input.GrantTokens,
    context: { ...attestedContext(input.Recipient, call, ports), 'kms:EncryptionAlgorithm': 'SYMMETRIC_DEFAULT' },
  }),
];

/** Data keys are encrypted under symmetric keys only. */
export async function symmetricKey(call: CheckCall, id: string, name: string): Promise<FoundKey> {
  const found = await usableKey(call, id, name, 'ENCRYPT_DECRYPT');
  if (!isSymmetric(found.key)) {
    throw invalidKeyUsage(`${found.arn} key spec is ${found.key.spec} which is not valid for ${name}.`);
  }
  return found;
}

async function generate(
  input: GenerateDataKeyRequest & { KeyId: string },
  call: Call,
  ports: KmsPorts,
  name: string,
  isWanted: boolean,
) {
  const found = await symmetricKey(call, input.KeyId, name);
  const size = sizeOf(input);
  const recipient = recipientOf(input.Recipient, call, ports);
  const backing = await backingOf(call, ports, found);
  stopIfDry(input);
  const key = currentKey(found);
  const how = { key, algorithm: 'SYMMETRIC_DEFAULT', context: input.EncryptionContext };
  const made = await call.once('data-key', async () => {
    const { ciphertext, ...rest } = await ask(found.arn, ports.vault.dataKey(how, size, { isWanted, ...recipient }));
    return { ...rest, ciphertext: await backing.wrap(Promise.resolve(ciphertext), key.materialId, how.context) };
  });
  noteKey(call, found);
  return { made, KeyId: found.arn, ...(showsMaterial(found.key) && { KeyMaterialId: key.materialId }) };
}

export const GenerateDataKey = operation<GenerateDataKeyRequest, GenerateDataKeyResponse, KmsPorts>({
  record: { readOnly: true, hide },
  checks: (input, call, ports) => check(input, call, ports, 'GenerateDataKey'),
  async handle(input, call, ports) {
    const { made, ...key } = await generate(input, call, ports, 'GenerateDataKey', true);
    return { CiphertextBlob: made.ciphertext, ...secretMember('Plaintext', made), ...key };
  },
});

export const GenerateDataKeyWithoutPlaintext = operation<
  GenerateDataKeyWithoutPlaintextRequest,
  GenerateDataKeyWithoutPlaintextResponse,
  KmsPorts
>({
  record: { readOnly: true, hide },
  checks: (input, call, ports) => check(input, call, ports, 'GenerateDataKeyWithoutPlaintext'),
  async handle(input, call, ports) {
    const { made, ...key } = await generate(input, call, ports, 'GenerateDataKeyWithoutPlaintext', false);
    return { CiphertextBlob: made.ciphertext, ...key };
  },
});
