/** What temporary credentials may never call, whatever policies say. */
import type { Caller } from '../service.ts';

/** Permissions that are no API calls of their own: policies alone decide them. */
const permissionsOnly: ReadonlySet<string> = new Set(['iam:passrole', 'sts:tagsession', 'sts:setsourceidentity']);

/**
 * The fixed rules of sessions.
 *
 * - GetSessionToken: "You cannot call any IAM API operations unless MFA authentication information is included in the
 *   request. You cannot call any AWS STS API except AssumeRole or GetCallerIdentity."
 * - GetFederationToken: "You cannot call any IAM operations [by CLI or API]. You cannot call any AWS STS operations
 *   except GetCallerIdentity."
 *
 * Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html and API_GetFederationToken.html.
 * @param action such as `iam:CreateUser`; case does not matter
 */
export function sessionForbids(caller: Caller, action: string): boolean {
  const { session } = caller;
  if (session?.kind !== 'session-token' && session?.kind !== 'federated-user') return false;
  const name = action.toLowerCase();
  if (permissionsOnly.has(name)) return false;
  if (name.startsWith('iam:')) return session.kind === 'federated-user' || session.mfaAuthenticatedAt === undefined;
  if (!name.startsWith('sts:') || name === 'sts:getcalleridentity') return false;
  return !(session.kind === 'session-token' && name === 'sts:assumerole');
}
