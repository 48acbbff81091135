/** GetCallerIdentity: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html */
import type { GetCallerIdentityRequest, GetCallerIdentityResponse } from '@aws-sdk/client-sts';
import { operation } from '../../service.ts';
import { accessDenied } from '../errors.ts';
import type { StsPorts } from '../ports.ts';

/** "No permissions are required", and no Deny can take it away. */
export const getCallerIdentity = operation<GetCallerIdentityRequest, GetCallerIdentityResponse, StsPorts>({
  checks: (_input, call) => [
    { action: 'sts:GetCallerIdentity', resource: { arn: '*', account: call.scope.account }, unconditional: true },
  ],
  handle(_input, call) {
    const { principal, account } = call.caller;
    if (principal.kind === 'anonymous' || principal.kind === 'service') {
      throw accessDenied('Only users, roles and federated users have an identity to tell.');
    }
    return { UserId: principal.id, Account: account, Arn: principal.arn };
  },
});
