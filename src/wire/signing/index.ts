/** Request signing: reading, verifying and making AWS signatures. The rest of Bailey imports only from here. */
export { algorithmOf, isQueryScheme, type SignatureClaim } from './claim.ts';
export { verifiedBody, verifyBufferedBody } from './payload.ts';
export { type PostClaim, type PostFields, readPostClaim } from './post-claim.ts';
export { type PostLimits, verifyPostPolicy } from './post-policy.ts';
export { tryReadSignature } from './read.ts';
export { type RefusalFacts, type RefusalReason, SignatureRefusal } from './refusal.ts';
export { type ClientCredentials, presign, sign } from './sign.ts';
export { skewOf } from './skew.ts';
export { formatAmzDate } from './times.ts';
export { verify } from './verify.ts';
