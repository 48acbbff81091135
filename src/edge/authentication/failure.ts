/** Why somebody was not let in: what the client is answered, and the access log's `error_reason`. */

/**
 * The codes of "Access logs for your Application Load Balancer", error reason codes. AWS names those of JWKS endpoints by
 * their beginning only.
 */
export type AuthenticationReason =
  | 'AuthInvalidAWSALBAuthNonce'
  | 'AuthInvalidCookie'
  | 'AuthInvalidGrantError'
  | 'AuthInvalidIdToken'
  | 'AuthInvalidStateParam'
  | 'AuthInvalidTokenResponse'
  | 'AuthInvalidUserinfoResponse'
  | 'AuthMissingAWSALBAuthNonce'
  | 'AuthMissingCodeParam'
  | 'AuthMissingHostHeader'
  | 'AuthMissingStateParam'
  | 'AuthTokenEpRequestFailed'
  | 'AuthTokenEpRequestTimeout'
  | 'AuthUnhandledException'
  | 'AuthUserinfoEpRequestFailed'
  | 'AuthUserinfoEpRequestTimeout'
  | 'AuthUserinfoResponseSizeExceeded'
  | 'JWTHeaderNotPresent'
  | 'JWTRequestFormatInvalid'
  | 'JWTSignatureValidationError'
  | 'JWTClaimNotPresent'
  | 'JWTClaimFormatInvalid'
  | 'JWTClaimValueInvalid'
  | 'JWKSRequestFailed'
  | 'JWKSRequestTimeout'
  | 'JWKSResponseInvalid'
  | 'JWKSResponseSizeExceeded';

/** Those that count as `ELBAuthError`: it is not the user's doing. All others of users are `ELBAuthFailure`. */
const errors: ReadonlySet<AuthenticationReason> = new Set([
  'AuthMissingHostHeader',
  'AuthTokenEpRequestFailed',
  'AuthTokenEpRequestTimeout',
  'AuthUnhandledException',
  'AuthUserinfoEpRequestFailed',
  'AuthUserinfoEpRequestTimeout',
  'AuthUserinfoResponseSizeExceeded',
]);

/** What CloudWatch counts for a reason ("Application Load Balancer metrics", user authentication). */
export function metricsOf(reason: AuthenticationReason): readonly string[] {
  if (!reason.startsWith('Auth')) return ['JWTValidationFailureCount'];
  if (reason === 'AuthUserinfoResponseSizeExceeded') return ['ELBAuthError', 'ELBAuthUserClaimsSizeExceeded'];
  return [errors.has(reason) ? 'ELBAuthError' : 'ELBAuthFailure'];
}

export class AuthenticationFailure extends Error {
  readonly reason: AuthenticationReason;
  /** 401 for what the client brought, 561 where the identity provider says no, 500 where it says nothing. */
  readonly status: 401 | 500 | 561;

  constructor(reason: AuthenticationReason, status: 401 | 500 | 561 = 401) {
    super(reason);
    this.name = 'AuthenticationFailure';
    this.reason = reason;
    this.status = status;
  }
}
