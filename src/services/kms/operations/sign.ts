/** Sign and Verify. */
import type { SignRequest, SignResponse, VerifyRequest, VerifyResponse } from '@aws-sdk/client-kms';
import { type CheckCall, operation } from '../../service.ts';
import { keyCheck } from '../checks.ts';
import { invalidSignature, validation } from '../errors.ts';
import { type FoundKey, findKey } from '../find-key.ts';
import type { KmsPorts } from '../ports.ts';
import { ask, currentKey, noteKey, requireAlgorithm, stopIfDry, usableKey } from '../use.ts';

type Input = SignRequest & { KeyId: string; Message: Uint8Array; SigningAlgorithm: string };

/** Bytes of a digest for each algorithm. */
const digestSize = (algorithm: string): number => (algorithm === 'SM2DSA' ? 32 : Number(algorithm.slice(-3)) / 8);

function requireMessage({ Message, MessageType = 'RAW', SigningAlgorithm }: Input): void {
  const size = Message.byteLength;
  if (SigningAlgorithm === 'ED25519_SHA_512' && MessageType !== 'RAW') {
    throw validation('ED25519_SHA_512 signs messages of type RAW.');
  }
  if (SigningAlgorithm === 'ED25519_PH_SHA_512' && MessageType !== 'DIGEST') {
    throw validation('ED25519_PH_SHA_512 signs messages of type DIGEST.');
  }
  if (MessageType === 'EXTERNAL_MU') {
    if (SigningAlgorithm !== 'ML_DSA_SHAKE_256') throw validation('EXTERNAL_MU is for ML_DSA_SHAKE_256 only.');
    if (size !== 64) throw validation('External mu is invalid length for algorithm ML_DSA_SHAKE_256.');
  }
  if (MessageType !== 'DIGEST') return;
  if (SigningAlgorithm === 'ML_DSA_SHAKE_256')
    throw validation('ML_DSA_SHAKE_256 signs messages of type RAW or EXTERNAL_MU.');
  if (size !== digestSize(SigningAlgorithm)) {
    throw validation(`Digest is invalid length for algorithm ${SigningAlgorithm}.`);
  }
}

const check = async (input: Input, call: CheckCall, action: string) => [
  await keyCheck(call, await findKey(call, input.KeyId), {
    action,
    grantTokens: input.GrantTokens,
    context: { 'kms:SigningAlgorithm': input.SigningAlgorithm, 'kms:MessageType': input.MessageType ?? 'RAW' },
  }),
];

async function prepared(input: Input, call: CheckCall, name: string): Promise<FoundKey> {
  const found = await usableKey(call, input.KeyId, name, 'SIGN_VERIFY');
  requireAlgorithm(found.key, input.SigningAlgorithm);
  requireMessage(input);
  stopIfDry(input);
  return found;
}

export const Sign = operation<SignRequest, SignResponse, KmsPorts>({
  record: { readOnly: true, hide: ['Message', 'Signature'] },
  checks: (input, call) => check(input, call, 'Sign'),
  async handle(input, call, ports) {
    const found = await prepared(input, call, 'Sign');
    const { SigningAlgorithm, Message, MessageType = 'RAW' } = input;
    const signature = await call.once('sign', () =>
      ask(found.arn, ports.vault.sign(currentKey(found), SigningAlgorithm, Message, MessageType)),
    );
    noteKey(call, found);
    return { KeyId: found.arn, Signature: signature, SigningAlgorithm };
  },
});

export const Verify = operation<VerifyRequest, VerifyResponse, KmsPorts>({
  record: { readOnly: true, hide: ['Message', 'Signature'] },
  checks: (input, call) => check(input, call, 'Verify'),
  async handle(input, call, ports) {
    const found = await prepared(input, call, 'Verify');
    const { SigningAlgorithm, Message, MessageType = 'RAW', Signature } = input;
    const isValid = await call.once('verify', () =>
      ask(found.arn, ports.vault.verify(currentKey(found), SigningAlgorithm, Message, MessageType, Signature)),
    );
    if (!isValid) throw invalidSignature();
    noteKey(call, found);
    return { KeyId: found.arn, SignatureValid: true, SigningAlgorithm };
  },
});
