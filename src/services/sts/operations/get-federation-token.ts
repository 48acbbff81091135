/** GetFederationToken: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html */
import type { GetFederationTokenRequest, GetFederationTokenResponse } from '@aws-sdk/client-sts';
import { type Check, operation, type Principal } from '../../service.ts';
import { issueCredentials, wholeSeconds } from '../credentials.ts';
import { accessDenied } from '../errors.ts';
import { packedSize } from '../packing.ts';
import type { StsPorts } from '../ports.ts';
import { sessionPolicies } from '../session-policies.ts';
import { sessionTags, tagValues } from '../session-tags.ts';
import { rootSeconds } from './get-session-token.ts';

const defaultSeconds = 43_200;

/** The session gets what both the caller and the session policies allow; without session policies, nothing. */
export const getFederationToken = operation<GetFederationTokenRequest, GetFederationTokenResponse, StsPorts>({
  checks(input, call) {
    const { account } = call.scope;
    const resource = { arn: federatedUserArn(account, input.Name), account };
    const context = tagValues(input.Tags, undefined);
    const checks: Check[] = [{ action: 'sts:GetFederationToken', resource, context }];
    if (input.Tags?.length) checks.push({ action: 'sts:TagSession', resource, context });
    return checks;
  },
  async handle(input, call, ports) {
    const { principal: issuer, account, session: callerSession } = call.caller;
    if (callerSession || (issuer.kind !== 'user' && issuer.kind !== 'root')) {
      throw accessDenied('Cannot call GetFederationToken with session credentials');
    }
    const policies = await sessionPolicies(call.change, ports.policies, account, input.Policy, input.PolicyArns);
    const { tags } = sessionTags(input.Tags, undefined, undefined);
    const packed = packedSize(policies?.inline, policies?.arns ?? [], tags);
    const wanted = input.DurationSeconds ?? defaultSeconds;
    const seconds = issuer.kind === 'root' ? Math.min(wanted, rootSeconds) : wanted;
    const issuedAt = wholeSeconds(call.now);
    const principal: Principal = {
      kind: 'federated-user',
      account,
      arn: federatedUserArn(account, input.Name),
      id: `${account}:${input.Name}`,
      name: input.Name,
      issuer: { kind: issuer.kind, arn: issuer.arn, id: issuer.id },
    };
    return {
      ...issueCredentials(
        call,
        ports,
        account,
        principal,
        {
          kind: 'federated-user',
          issuedAt,
          expiresAt: issuedAt + seconds * 1000,
          ...(Object.keys(tags).length > 0 && { tags }),
          ...(policies && { policies }),
        },
        input.MinimumSessionTokenSize,
      ),
      FederatedUser: { FederatedUserId: principal.id, Arn: principal.arn },
      ...(packed !== undefined && { PackedPolicySize: packed }),
    };
  },
});

function federatedUserArn(account: string, name: string): string {
  return `arn:aws:sts::${account}:federated-user/${name}`;
}
