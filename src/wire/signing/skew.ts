/** When a signature is good: around the moment it was made, or until a presigned request ends. */
import type { SignatureClaim } from './claim.ts';
import { SignatureRefusal } from './refusal.ts';

const minute = 60_000;
export const usualSkewMs = 15 * minute;

/** Signing names whose services allow 5 minutes, as measured on AWS. */
const strict: ReadonlySet<string> = new Set(['kms', 'lambda', 'route53', 'monitoring']);

export function skewOf(signingName: string): number {
  return strict.has(signingName) ? 5 * minute : usualSkewMs;
}

/** @param now epoch milliseconds of the machine's clock */
export function checkTime(claim: SignatureClaim, now: number, skewMs = usualSkewMs): void {
  const facts = {
    accessKeyId: claim.accessKeyId,
    amzDate: claim.amzDate,
    signedAt: claim.time,
    serverTime: now,
    skewMs,
    ...(claim.expires === undefined ? {} : { expires: claim.expires }),
  };
  if (claim.scheme === 's3v2-query') {
    if (now > claim.time) throw new SignatureRefusal('presigned-expired', { ...facts, expires: claim.time / 1000 });
    return;
  }
  if (claim.expires !== undefined) {
    if (now > claim.time + claim.expires * 1000) throw new SignatureRefusal('presigned-expired', facts);
    if (claim.time > now + skewMs) throw new SignatureRefusal('presigned-early', facts);
    return;
  }
  if (claim.time < now - skewMs) throw new SignatureRefusal('too-old', facts);
  if (claim.time > now + skewMs) throw new SignatureRefusal('too-early', facts);
}
