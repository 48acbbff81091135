/** The `userIdentity` of a record: who called, as the account that reads the record may see it. */
import type { Caller, Session } from '../services/service.ts';

const own = new WeakMap<Caller, string>();

/**
 * JSON text of `userIdentity`.
 * @param recipient the account that the record is for: others than the caller's own learn only account and unique id
 * @param via the service that made the call on behalf of this caller
 * @see CloudTrail User Guide, "CloudTrail userIdentity element"
 */
export function identityJson(caller: Caller, recipient: string, via: string | undefined): string {
  const { principal } = caller;
  if (principal.kind === 'service') return JSON.stringify({ type: 'AWSService', invokedBy: principal.name });
  if (principal.kind === 'anonymous') return '{"type":"AWSAccount","principalId":"","accountId":"anonymous"}';
  if (recipient !== caller.account) {
    return JSON.stringify({ type: 'AWSAccount', principalId: principal.id, accountId: caller.account, invokedBy: via });
  }
  if (via !== undefined) return JSON.stringify({ ...identity(caller), invokedBy: via });
  let json = own.get(caller);
  if (json === undefined) {
    json = JSON.stringify(identity(caller));
    own.set(caller, json);
  }
  return json;
}

function identity(caller: Caller): object {
  const { principal, session, account, accessKeyId } = caller;
  switch (principal.kind) {
    case 'root':
      return {
        type: 'Root',
        principalId: principal.id,
        arn: principal.arn,
        accountId: account,
        accessKeyId,
        sessionContext: session && { attributes: attributes(session) },
      };
    case 'user':
      return {
        type: 'IAMUser',
        principalId: principal.id,
        arn: principal.arn,
        accountId: account,
        accessKeyId,
        userName: principal.name,
        sessionContext: session && { attributes: attributes(session) },
      };
    case 'assumed-role':
      return {
        type: 'AssumedRole',
        principalId: principal.id,
        arn: principal.arn,
        accountId: account,
        accessKeyId,
        sessionContext: {
          sessionIssuer: {
            type: 'Role',
            principalId: principal.roleId,
            arn: principal.roleArn,
            accountId: account,
            userName: principal.roleName,
          },
          attributes: session && attributes(session),
          sourceIdentity: session?.sourceIdentity,
        },
      };
    case 'federated-user': {
      const { issuer } = principal;
      return {
        type: 'FederatedUser',
        principalId: principal.id,
        arn: principal.arn,
        accountId: account,
        accessKeyId,
        sessionContext: {
          sessionIssuer: {
            type: issuer.kind === 'root' ? 'Root' : 'IAMUser',
            principalId: issuer.id,
            arn: issuer.arn,
            accountId: account,
            userName: issuer.kind === 'root' ? undefined : issuer.arn.slice(issuer.arn.lastIndexOf('/') + 1),
          },
          attributes: session && attributes(session),
        },
      };
    }
    case 'service':
      return { type: 'AWSService', invokedBy: principal.name };
    case 'anonymous':
      return { type: 'AWSAccount', principalId: '', accountId: 'anonymous' };
  }
}

function attributes(session: Session): object {
  return {
    creationDate: `${new Date(session.issuedAt).toISOString().slice(0, 19)}Z`,
    mfaAuthenticated: String(session.mfaAuthenticatedAt !== undefined),
  };
}
