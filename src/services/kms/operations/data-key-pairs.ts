/** GenerateDataKeyPair and GenerateDataKeyPairWithoutPlaintext: pairs for use outside, the private half encrypted. */
import type {
  GenerateDataKeyPairRequest,
  GenerateDataKeyPairResponse,
  GenerateDataKeyPairWithoutPlaintextRequest,
  GenerateDataKeyPairWithoutPlaintextResponse,
} from '@aws-sdk/client-kms';
import { type Call, type CheckCall, operation } from '../../service.ts';
import { attestedContext, recipientOf, secretMember } from '../attestation/recipient.ts';
import { keyCheck } from '../checks.ts';
import { unsupported } from '../errors.ts';
import { findKey } from '../find-key.ts';
import { requireSm2 } from '../key-specs.ts';
import type { KmsPorts } from '../ports.ts';
import { ask, currentKey, noteKey, stopIfDry } from '../use.ts';
import { symmetricKey } from './data-keys.ts';

const hide = ['PrivateKeyPlaintext', 'PrivateKeyCiphertextBlob', 'PublicKey', 'CiphertextForRecipient', 'Recipient'];

type Input = GenerateDataKeyPairRequest & { KeyId: string; KeyPairSpec: string };

const check = async (input: Input, call: CheckCall, ports: KmsPorts, action: string) => [
  await keyCheck(call, await findKey(call, input.KeyId), {
    action,
    encryptionContext: input.EncryptionContext,
    grantTokens: input.GrantTokens,
    context: {
      ...attestedContext(input.Recipient, call, ports),
      'kms:EncryptionAlgorithm': 'SYMMETRIC_DEFAULT',
      'kms:DataKeyPairSpec': input.KeyPairSpec,
    },
  }),
];

async function generate(input: Input, call: Call, ports: KmsPorts, name: string, isWanted: boolean) {
  const found = await symmetricKey(call, input.KeyId, name);
  if (found.key.customKeyStoreId !== undefined) {
    throw unsupported(`${found.arn} origin is ${found.key.origin} which is not valid for this operation.`);
  }
  requireSm2(input.KeyPairSpec, call.scope.region, ports);
  const recipient = recipientOf(input.Recipient, call, ports);
  stopIfDry(input);
  const key = currentKey(found);
  const how = { key, algorithm: 'SYMMETRIC_DEFAULT', context: input.EncryptionContext };
  const made = await call.once('pair', () =>
    ask(found.arn, ports.vault.dataKeyPair(how, input.KeyPairSpec, { isWanted, ...recipient })),
  );
  noteKey(call, found);
  const shown = {
    PrivateKeyCiphertextBlob: made.ciphertext,
    PublicKey: made.publicKey,
    KeyId: found.arn,
    KeyPairSpec: input.KeyPairSpec as 'RSA_2048',
    KeyMaterialId: key.materialId,
  };
  return { shown, made };
}

export const GenerateDataKeyPair = operation<GenerateDataKeyPairRequest, GenerateDataKeyPairResponse, KmsPorts>({
  record: { readOnly: true, hide },
  checks: (input, call, ports) => check(input, call, ports, 'GenerateDataKeyPair'),
  async handle(input, call, ports) {
    const { shown, made } = await generate(input, call, ports, 'GenerateDataKeyPair', true);
    return { ...shown, ...secretMember('PrivateKeyPlaintext', made) };
  },
});

export const GenerateDataKeyPairWithoutPlaintext = operation<
  GenerateDataKeyPairWithoutPlaintextRequest,
  GenerateDataKeyPairWithoutPlaintextResponse,
  KmsPorts
>({
  record: { readOnly: true, hide },
  checks: (input, call, ports) => check(input, call, ports, 'GenerateDataKeyPairWithoutPlaintext'),
  handle: async (input, call, ports) =>
    (await generate(input, call, ports, 'GenerateDataKeyPairWithoutPlaintext', false)).shown,
});
