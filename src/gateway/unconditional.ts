/** The only calls that succeed without any permission (a test fails on any other success), and what needs no signature. */

/** Signed callers. GetCallerIdentity even against an explicit Deny (STS API reference, GetCallerIdentity). */
export const evenAgainstDeny: ReadonlySet<string> = new Set(['sts:GetCallerIdentity']);

/** Signed callers; an explicit Deny still stops it (STS API reference, GetSessionToken, "Permissions"). */
export const unlessDenied: ReadonlySet<string> = new Set(['sts:GetSessionToken']);

/**
 * Callers without a signature too: these ask for a password, and hand out nothing but the session of whoever knows it.
 * A policy has no say, as at AWS: it speaks of principals, and there is none yet.
 */
export const byPassword: ReadonlySet<string> = new Set(['bailey:SignInRootUser', 'bailey:SignInUser']);

/**
 * Operations of the built services that AWS answers without a signature and Bailey not at all: an unsigned call is told
 * so. Operations that are answered without one say `allowsAnonymous` (STS API reference, AssumeRoleWithSAML and
 * AssumeRoleWithWebIdentity: "does not require the use of AWS security credentials").
 */
export const unsignedUnbuilt: ReadonlySet<string> = new Set([
  'sts:AssumeRoleWithSAML',
  'sts:AssumeRoleWithWebIdentity',
]);
