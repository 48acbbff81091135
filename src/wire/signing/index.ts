/** Request signing: reading, verifying and making AWS signatures. The rest of Bailey imports only from here. */
export { algorithmOf, isQueryScheme, type PayloadMode, type SignatureClaim, type SignatureScheme } from './claim.ts';
export type { SigningSecret } from './keys.ts';
export { type VerifiedBody, verifiedBody, verifyBufferedBody, withoutAwsChunked } from './payload.ts';
export { type PostClaim, type PostFields, readPostClaim } from './post-claim.ts';
export { checkSize, type PostLimits, type PostOptions, verifyPostPolicy } from './post-policy.ts';
export { readSignature, tryReadSignature } from './read.ts';
export { type RefusalFacts, type RefusalReason, SignatureRefusal } from './refusal.ts';
export { type ClientCredentials, type PresignOptions, presign, type SignOptions, sign } from './sign.ts';
export { skewOf } from './skew.ts';
export { formatAmzDate } from './times.ts';
export { type VerifyOptions, verify } from './verify.ts';
