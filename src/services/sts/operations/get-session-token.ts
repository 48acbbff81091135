/** GetSessionToken: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html */
import type { GetSessionTokenRequest, GetSessionTokenResponse } from '@aws-sdk/client-sts';
import { operation } from '../../service.ts';
import { issueCredentials, wholeSeconds } from '../credentials.ts';
import { accessDenied, mfaFailed } from '../errors.ts';
import type { StsPorts } from '../ports.ts';

const defaultSeconds = 43_200;
/** "The duration for AWS account owners is restricted to … one hour. If longer, the session defaults to one hour." */
export const rootSeconds = 3_600;

/** "No permissions are required for users to perform this operation." */
export const getSessionToken = operation<GetSessionTokenRequest, GetSessionTokenResponse, StsPorts>({
  checks: (_input, call) => [
    { action: 'sts:GetSessionToken', resource: { arn: '*', account: call.scope.account }, unconditional: true },
  ],
  handle(input, call, ports) {
    const { principal, account, session } = call.caller;
    if (session || (principal.kind !== 'user' && principal.kind !== 'root')) {
      throw accessDenied('Cannot call GetSessionToken with session credentials');
    }
    if (input.SerialNumber !== undefined || input.TokenCode !== undefined) throw mfaFailed();
    const wanted = input.DurationSeconds ?? defaultSeconds;
    const seconds = principal.kind === 'root' ? Math.min(wanted, rootSeconds) : wanted;
    const issuedAt = wholeSeconds(call.now);
    return {
      ...issueCredentials(
        call,
        ports,
        account,
        principal,
        {
          kind: 'session-token',
          issuedAt,
          expiresAt: issuedAt + seconds * 1000,
        },
        input.MinimumSessionTokenSize,
      ),
    };
  },
});
