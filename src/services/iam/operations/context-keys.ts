/** GetContextKeysForCustomPolicy and GetContextKeysForPrincipalPolicy. */
import type {
  GetContextKeysForCustomPolicyRequest,
  GetContextKeysForPolicyResponse,
  GetContextKeysForPrincipalPolicyRequest,
} from '@aws-sdk/client-iam';
import { combine } from '../../../engines/policy/index.ts';
import { operation } from '../../service.ts';
import { accountCheck } from '../checks.ts';
import { policySourceCheck } from '../policy-source-check.ts';
import type { IamPorts } from '../ports.ts';
import { policySource } from '../simulated-principal.ts';
import { askedKeys, compiledInputs } from '../simulation.ts';

export const getContextKeysForCustomPolicy = operation<
  GetContextKeysForCustomPolicyRequest,
  GetContextKeysForPolicyResponse,
  IamPorts
>({
  checks: (_input, call) => [accountCheck(call, 'iam:GetContextKeysForCustomPolicy')],
  handle(input) {
    const set = combine(compiledInputs('PolicyInputList', 'identity', input.PolicyInputList));
    return { ContextKeyNames: [...askedKeys([set]).values()].sort() };
  },
});

export const getContextKeysForPrincipalPolicy = operation<
  GetContextKeysForPrincipalPolicyRequest,
  GetContextKeysForPolicyResponse,
  IamPorts
>({
  checks: async (input, call) => [
    await policySourceCheck(call, 'iam:GetContextKeysForPrincipalPolicy', input.PolicySourceArn),
  ],
  async handle(input, call, ports) {
    const added = combine(compiledInputs('PolicyInputList', 'identity', input.PolicyInputList));
    const { layers } = await policySource(call.change, ports.awsManaged, call.scope.account, input.PolicySourceArn);
    return { ContextKeyNames: [...askedKeys([layers.identity, layers.boundary, added]).values()].sort() };
  },
});
