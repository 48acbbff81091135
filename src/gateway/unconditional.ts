/** The only calls that succeed without any permission; a test fails on any other success. */

/** Signed callers. GetCallerIdentity even against an explicit Deny (STS API reference, GetCallerIdentity). */
export const evenAgainstDeny: ReadonlySet<string> = new Set(['sts:GetCallerIdentity']);

/** Signed callers; an explicit Deny still stops it (STS API reference, GetSessionToken, "Permissions"). */
export const unlessDenied: ReadonlySet<string> = new Set(['sts:GetSessionToken']);
