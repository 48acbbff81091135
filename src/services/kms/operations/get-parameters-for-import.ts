/** GetParametersForImport: a public key to wrap material with, and the token that opens it again for this key alone. */
import type { GetParametersForImportRequest, GetParametersForImportResponse } from '@aws-sdk/client-kms';
import { operation } from '../../service.ts';
import { keyCheck } from '../checks.ts';
import { unsupported } from '../errors.ts';
import { findKey } from '../find-key.ts';
import { requireWrapping, sealImportToken, tokenLife } from '../import-rules.ts';
import { requireUsable } from '../key-states.ts';
import type { KmsPorts } from '../ports.ts';
import { ask, noteKey } from '../use.ts';

export const GetParametersForImport = operation<
  GetParametersForImportRequest,
  GetParametersForImportResponse,
  KmsPorts
>({
  record: { hide: ['ImportToken', 'PublicKey'] },
  checks: async (input, call) => [
    await keyCheck(call, await findKey(call, input.KeyId, false), {
      action: 'GetParametersForImport',
      context: {
        'kms:WrappingAlgorithm': input.WrappingAlgorithm,
        'kms:WrappingKeySpec': input.WrappingKeySpec,
      },
    }),
  ],
  async handle(input, call, ports) {
    const found = await findKey(call, input.KeyId, false);
    const { key, arn } = found;
    if (key.origin !== 'EXTERNAL')
      throw unsupported(`${arn} origin is ${key.origin} which is not valid for this operation.`);
    requireUsable(key, 'GetParametersForImport');
    requireWrapping(key, input.WrappingAlgorithm, input.WrappingKeySpec, ports);
    const names = { account: key.account, keyId: key.id, spec: key.spec };
    const made = await call.once('pair', () =>
      ask(arn, ports.vault.importParameters(names, input.WrappingKeySpec, input.WrappingAlgorithm)),
    );
    const until = call.now + tokenLife;
    const inner = Buffer.from(made.token);
    noteKey(call, found);
    return {
      KeyId: arn,
      ImportToken: sealImportToken(call, key, { until, algorithm: input.WrappingAlgorithm, inner }),
      PublicKey: made.publicKey,
      ParametersValidTo: new Date(until),
    };
  },
});
