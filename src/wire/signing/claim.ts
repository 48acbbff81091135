/** What a request says about its own signature, read but not yet believed. */

export type SignatureScheme = 'sigv4-header' | 'sigv4-query' | 'sigv4a-header' | 'sigv4a-query' | 's3v2-query';

/** How the body is covered by the signature. */
export type PayloadMode =
  /** Not S3: the signature covers the SHA-256 of the body, whatever headers say. */
  | { readonly kind: 'body' }
  /** S3: `x-amz-content-sha256` holds the body's SHA-256 in lower-case hexadecimal. */
  | { readonly kind: 'literal'; readonly hash: string }
  /** S3: `UNSIGNED-PAYLOAD`. */
  | { readonly kind: 'unsigned' }
  /** S3: aws-chunked. */
  | { readonly kind: 'streaming'; readonly signed: 'hmac' | 'ecdsa' | false; readonly trailer: boolean };

export interface SignatureClaim {
  readonly scheme: SignatureScheme;
  readonly accessKeyId: string;
  /** Of the credential scope: `20150830`; '' for the old S3 form. */
  readonly date: string;
  /** Of the credential scope; '' for SigV4A and the old S3 form. */
  readonly region: string;
  /** SigV4A: names and patterns (`us-*`) of the regions that the signature is good for. */
  readonly regionSet?: readonly string[] | undefined;
  readonly service: string;
  /** The credential scope as it is signed: `20150830/us-east-1/iam/aws4_request`. */
  readonly scope: string;
  /** Lower case, ascending. */
  readonly signedHeaders: readonly string[];
  /** 64 hexadecimal digits; DER in hexadecimal for SigV4A; base64 for the old S3 form. */
  readonly signature: string;
  readonly token?: string | undefined;
  /** When it was signed, epoch milliseconds; for the old S3 form, when it expires. */
  readonly time: number;
  /** `time` as it is signed: `20150830T123600Z`; '' for the old S3 form. */
  readonly amzDate: string;
  /** Seconds, for presigned requests that say it. */
  readonly expires?: number | undefined;
  /** What stands in the canonical request for the body; undefined where the body itself is hashed. */
  readonly payloadHash?: string | undefined;
  readonly payload: PayloadMode;
}

/** The algorithm's name as it is signed. */
export function algorithmOf(claim: SignatureClaim): string {
  if (claim.scheme === 's3v2-query') return 'AWS';
  return claim.scheme.startsWith('sigv4a') ? 'AWS4-ECDSA-P256-SHA256' : 'AWS4-HMAC-SHA256';
}

export function isQueryScheme(scheme: SignatureScheme): boolean {
  return scheme !== 'sigv4-header' && scheme !== 'sigv4a-header';
}
