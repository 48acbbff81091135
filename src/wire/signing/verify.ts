/** Says whether a signature is what its access key would have made, of this request, for this service, now. */
import { hash, timingSafeEqual, verify as verifyEcdsa } from 'node:crypto';
import type { HttpRequest } from '../types.ts';
import { asymmetricPublicKey } from './asymmetric.ts';
import { canonicalRequest, normalizePath, stringToSign } from './canonical.ts';
import type { SignatureClaim } from './claim.ts';
import { hmacHex } from './hmac.ts';
import { type SigningSecret, signingKey } from './keys.ts';
import { SignatureRefusal } from './refusal.ts';
import { verifyV2 } from './s3v2.ts';
import { checkTime } from './skew.ts';

export interface VerifyOptions {
  /** The signing name of the service that the request was dispatched to: the scope must name the same. */
  readonly service: string;
  /** The machine's clock, epoch milliseconds. */
  readonly now: number;
  /** How far clocks may be apart; 15 minutes by default. */
  readonly skewMs?: number;
  /** The whole body, as received: needed for everything but S3. */
  readonly body?: Uint8Array | undefined;
  /** For the old S3 form: the bucket that the host names, if it does. */
  readonly hostBucket?: () => string | undefined;
  /**
   * What happens to paths with `//`, `.` and `..` (S3 never changes them). They are refused by default, since what is
   * signed and what is dispatched on could differ; `normalize` is AWS's rule, `verbatim` that of a few signers.
   */
  readonly paths?: 'refuse' | 'normalize' | 'verbatim';
}

const emptyHash = hash('sha256', '');

/**
 * Verifies all that can be verified without a streamed body (for that: `verifiedBody`).
 * @throws SignatureRefusal
 */
export function verify(
  claim: SignatureClaim,
  request: HttpRequest,
  credential: SigningSecret,
  options: VerifyOptions,
): void {
  if (claim.service !== options.service) {
    throw new SignatureRefusal('scope-service', { ...about(claim), actual: claim.service, expected: options.service });
  }
  checkTime(claim, options.now, options.skewMs);
  if (claim.scheme === 's3v2-query') {
    verifyV2(claim, request, credential, options.hostBucket?.());
    return;
  }
  if (claim.date !== claim.amzDate.slice(0, 8)) {
    throw new SignatureRefusal('scope-date', { ...about(claim), amzDate: claim.amzDate, actual: claim.date });
  }
  const { paths = 'refuse' } = options;
  if (claim.service !== 's3' && paths === 'refuse' && normalizePath(request.path) !== request.path) {
    throw new SignatureRefusal('path', about(claim));
  }
  refuseUnsigned(claim, request);
  const payloadHash = claim.payloadHash ?? (options.body?.length ? hash('sha256', options.body) : emptyHash);
  const normalize = paths !== 'verbatim';
  const toSign = stringToSign(claim, canonicalRequest(request, claim, payloadHash, { normalize }));
  if (!matches(claim, toSign, credential)) {
    throw new SignatureRefusal('mismatch', {
      ...about(claim),
      signature: claim.signature,
      stringToSign: toSign,
      canonicalRequest: canonicalRequest(request, claim, payloadHash, { normalize, hidden: 'x-amz-security-token' }),
    });
  }
}

function matches(claim: SignatureClaim, toSign: string, credential: SigningSecret): boolean {
  if (claim.scheme.startsWith('sigv4a')) {
    const key = asymmetricPublicKey(credential, claim.accessKeyId);
    return verifyEcdsa('sha256', Buffer.from(toSign, 'latin1'), key, Buffer.from(claim.signature, 'hex'));
  }
  return matchesHmac(claim, credential, toSign, claim.signature);
}

/** @param signature 64 lower-case hexadecimal digits */
export function matchesHmac(
  claim: SignatureClaim,
  credential: SigningSecret,
  toSign: string,
  signature: string,
): boolean {
  const expected = hmacHex(signingKey(credential, claim.scope), toSign);
  return (
    expected.length === signature.length &&
    timingSafeEqual(Buffer.from(expected, 'latin1'), Buffer.from(signature, 'latin1'))
  );
}

/** Every `x-amz-*` header that is there must be signed, and every header that is signed must be there. */
function refuseUnsigned(claim: SignatureClaim, request: HttpRequest): void {
  const signed = claim.signedHeaders;
  let unsigned: string[] | undefined;
  for (const name in request.headers) {
    if (name.startsWith('x-amz-') && !signed.includes(name)) {
      unsigned ??= [];
      unsigned.push(name);
    }
  }
  if (unsigned) throw new SignatureRefusal('unsigned-headers', { ...about(claim), headers: unsigned });
  // An absent header and an empty one would sign the same.
  for (const name of signed) {
    if (request.headers[name === ':authority' ? 'host' : name] === undefined) {
      throw new SignatureRefusal('mismatch', { ...about(claim), detail: `The signed header ${name} is missing.` });
    }
  }
}

function about(claim: SignatureClaim) {
  return {
    where: claim.scheme.endsWith('query') ? ('query' as const) : ('header' as const),
    accessKeyId: claim.accessKeyId,
  };
}
