/** GenerateMac and VerifyMac. */
import type { GenerateMacRequest, GenerateMacResponse, VerifyMacRequest, VerifyMacResponse } from '@aws-sdk/client-kms';
import { type CheckCall, operation } from '../../service.ts';
import { keyCheck } from '../checks.ts';
import { invalidMac } from '../errors.ts';
import { findKey } from '../find-key.ts';
import type { KmsPorts } from '../ports.ts';
import { ask, currentKey, noteKey, requireAlgorithm, stopIfDry, usableKey } from '../use.ts';

const check = async (
  input: { KeyId: string; MacAlgorithm: string; GrantTokens?: string[] | undefined },
  call: CheckCall,
  action: string,
) => [
  await keyCheck(call, await findKey(call, input.KeyId), {
    action,
    grantTokens: input.GrantTokens,
    context: { 'kms:MacAlgorithm': input.MacAlgorithm },
  }),
];

export const GenerateMac = operation<GenerateMacRequest, GenerateMacResponse, KmsPorts>({
  record: { readOnly: true, hide: ['Message', 'Mac'] },
  checks: (input, call) => check(input, call, 'GenerateMac'),
  async handle(input, call, ports) {
    const found = await usableKey(call, input.KeyId, 'GenerateMac', 'GENERATE_VERIFY_MAC');
    requireAlgorithm(found.key, input.MacAlgorithm);
    stopIfDry(input);
    const Mac = await ask(found.arn, ports.vault.mac(currentKey(found), input.MacAlgorithm, input.Message));
    noteKey(call, found);
    return { Mac, MacAlgorithm: input.MacAlgorithm, KeyId: found.arn };
  },
});

export const VerifyMac = operation<VerifyMacRequest, VerifyMacResponse, KmsPorts>({
  record: { readOnly: true, hide: ['Message', 'Mac'] },
  checks: (input, call) => check(input, call, 'VerifyMac'),
  async handle(input, call, ports) {
    const found = await usableKey(call, input.KeyId, 'VerifyMac', 'GENERATE_VERIFY_MAC');
    requireAlgorithm(found.key, input.MacAlgorithm);
    stopIfDry(input);
    const { MacAlgorithm, Message, Mac } = input;
    const isValid = await ask(found.arn, ports.vault.verifyMac(currentKey(found), MacAlgorithm, Message, Mac));
    if (!isValid) throw invalidMac();
    noteKey(call, found);
    return { KeyId: found.arn, MacValid: true, MacAlgorithm };
  },
});
