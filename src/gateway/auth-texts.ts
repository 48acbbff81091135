/** The sentences in which services other than S3 refuse a signature. */
import { hash } from 'node:crypto';
import { formatAmzDate, type SignatureRefusal } from '../wire/signing/index.ts';

const mismatchText =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.';

/** @param authorization the header as sent: shown as a hash, as AWS does */
export function signatureText(refusal: SignatureRefusal, service: string, authorization?: string): string {
  const { facts } = refusal;
  switch (refusal.reason) {
    case 'malformed':
      return `${facts.detail ?? ''}${hashed(authorization)}`;
    case 'unsupported':
      return `Unsupported AWS 'algorithm': '${facts.actual ?? ''}'.`;
    case 'two-signatures':
      return 'The request is signed in its Authorization header and in its query: only one of them may be used.';
    case 'scope-service':
      return `Credential should be scoped to correct service: '${service}'. `;
    case 'scope-region':
      return `Credential should be scoped to a valid region, not '${facts.actual ?? ''}'. `;
    case 'scope-terminator':
      return "Credential should be scoped with a valid terminator: 'aws4_request'. ";
    case 'scope-date':
      return `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${facts.actual}' != '${facts.amzDate?.slice(0, 8)}', from '${facts.amzDate}'.`;
    case 'unsigned-headers':
      return facts.headers?.includes('host')
        ? "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."
        : `The headers ${facts.headers?.join(', ')} must be signed.`;
    default:
      return mismatchText;
  }
}

/** `Signature expired: 20150830T123600Z is now earlier than … (… - 15 min.)` */
export function staleText({ reason, facts }: SignatureRefusal): string {
  const now = facts.serverTime ?? 0;
  const skew = facts.skewMs ?? 0;
  const minutes = Math.round(skew / 60_000);
  if (reason === 'too-early' || reason === 'presigned-early') {
    return `Signature not yet current: ${facts.amzDate} is still later than ${formatAmzDate(now + skew)} (${formatAmzDate(now)} + ${minutes} min.)`;
  }
  if (reason === 'presigned-expired') {
    const seconds = facts.expires ?? 0;
    return `Signature expired: ${facts.amzDate} is now earlier than ${formatAmzDate(now - seconds * 1000)} (${formatAmzDate(now)} - ${Math.round(seconds / 60)} min.)`;
  }
  return `Signature expired: ${facts.amzDate} is now earlier than ${formatAmzDate(now - skew)} (${formatAmzDate(now)} - ${minutes} min.)`;
}

function hashed(authorization: string | undefined): string {
  if (authorization === undefined) return '';
  return ` (Hashed with SHA-256 and encoded with Base64) Authorization=${hash('sha256', authorization, 'base64')}`;
}
