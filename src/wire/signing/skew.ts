/** When a signature is good: around the moment it was made, or until a presigned request ends. */
import type { SignatureClaim } from './claim.ts';
import { type RefusalReason, SignatureRefusal } from './refusal.ts';

const minute = 60_000;
export const usualSkewMs = 15 * minute;

/** Signing names whose services allow 5 minutes, as measured on AWS. */
const strict: ReadonlySet<string> = new Set(['kms', 'lambda', 'route53', 'monitoring']);

export function skewOf(signingName: string): number {
  return strict.has(signingName) ? 5 * minute : usualSkewMs;
}

/** @param now epoch milliseconds of the machine's clock */
export function checkTime(claim: SignatureClaim, now: number, skewMs = usualSkewMs): void {
  const reason = staleness(claim, now, skewMs);
  if (!reason) return;
  const old = claim.scheme === 's3v2-query';
  const expires = old ? claim.time / 1000 : claim.expires;
  throw new SignatureRefusal(reason, {
    accessKeyId: claim.accessKeyId,
    amzDate: claim.amzDate,
    signedAt: claim.time,
    serverTime: now,
    skewMs,
    ...(expires === undefined ? {} : { expires }),
  });
}

function staleness(claim: SignatureClaim, now: number, skewMs: number): RefusalReason | undefined {
  if (claim.scheme === 's3v2-query') return now > claim.time ? 'presigned-expired' : undefined;
  if (claim.expires !== undefined) {
    if (now > claim.time + claim.expires * 1000) return 'presigned-expired';
    return claim.time > now + skewMs ? 'presigned-early' : undefined;
  }
  if (claim.time < now - skewMs) return 'too-old';
  return claim.time > now + skewMs ? 'too-early' : undefined;
}
