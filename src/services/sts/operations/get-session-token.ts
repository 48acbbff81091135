/** GetSessionToken: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html */
import type { GetSessionTokenRequest, GetSessionTokenResponse } from '@aws-sdk/client-sts';
import { operation } from '../../service.ts';
import { issueCredentials, wholeSeconds } from '../credentials.ts';
import { accessDenied } from '../errors.ts';
import { spendCode, tryCode } from '../mfa.ts';
import type { StsPorts } from '../ports.ts';

const defaultSeconds = 43_200;
/** "The duration for AWS account owners is restricted to … one hour. If longer, the session defaults to one hour." */
export const rootSeconds = 3_600;

/** "No permissions are required for users to perform this operation." */
export const getSessionToken = operation<GetSessionTokenRequest, GetSessionTokenResponse, StsPorts>({
  async checks(input, call, ports) {
    // Sessions are refused anyhow: no code is tried for them.
    if (!call.caller.session) await tryCode(input, call, ports);
    return [
      { action: 'sts:GetSessionToken', resource: { arn: '*', account: call.scope.account }, unconditional: true },
    ];
  },
  async handle(input, call, ports) {
    const { principal, account, session } = call.caller;
    if (session || (principal.kind !== 'user' && principal.kind !== 'root')) {
      throw accessDenied('Cannot call GetSessionToken with session credentials');
    }
    const withMfa = await spendCode(input, call, ports);
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
          ...(withMfa && { mfaAuthenticatedAt: issuedAt }),
        },
        input.MinimumSessionTokenSize,
      ),
    };
  },
});
