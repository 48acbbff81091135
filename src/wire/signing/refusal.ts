/** Why a signature is not believed: one class, a closed list of reasons, and the facts that an answer may show. */

/** Each reason has a line per protocol in gateway/auth-errors.ts. */
export type RefusalReason =
  /** No signature where one is needed. */
  | 'anonymous'
  /** The Authorization header or the query parameters cannot be read. */
  | 'malformed'
  /** A signature in the header and another in the query. */
  | 'two-signatures'
  /** An algorithm that AWS has, or had, and this place does not take. */
  | 'unsupported'
  /** `X-Amz-Expires` is longer than a week, negative or no number. */
  | 'bad-expires'
  | 'scope-service'
  | 'scope-date'
  | 'scope-region'
  | 'scope-terminator'
  /** The time of signing is too long ago, or in the future. */
  | 'too-old'
  | 'too-early'
  /** A presigned request is used after its end. */
  | 'presigned-expired'
  | 'presigned-early'
  /** Headers that must be signed are not. */
  | 'unsigned-headers'
  | 'mismatch'
  /** The path is not in normal form, so that what was signed and what is dispatched on could differ. */
  | 'path'
  | 'payload-missing'
  | 'payload-unknown'
  | 'payload-mismatch'
  | 'chunk-mismatch'
  | 'chunk-small'
  | 'body-incomplete'
  | 'trailer-malformed'
  | 'length-missing'
  | 'post-malformed'
  | 'post-expired'
  | 'post-condition'
  | 'post-too-small'
  | 'post-too-large';

/** Which part could not be read. */
export type RefusedPart =
  | 'components'
  | 'algorithm'
  | 'credential'
  | 'signed-headers'
  | 'signature'
  | 'date'
  | 'expires'
  | 'token'
  | 'region-set'
  | 'repeated'
  | 'too-long';

export interface RefusalFacts {
  readonly where?: 'header' | 'query' | 'form';
  readonly part?: RefusedPart;
  /** A short text for people: what was wrong, without secrets. */
  readonly detail?: string;
  readonly accessKeyId?: string;
  /** The signing name that the credential names, if that much could be read. */
  readonly service?: string;
  /** As sent; public by nature. */
  readonly signature?: string;
  /** What was to be signed; session tokens are masked. */
  readonly canonicalRequest?: string;
  readonly stringToSign?: string;
  /** Names of headers that are not signed. */
  readonly headers?: readonly string[];
  /** `20150830T123600Z` */
  readonly amzDate?: string;
  /** Epoch milliseconds of `amzDate`. */
  readonly signedAt?: number;
  /** Epoch milliseconds. */
  readonly serverTime?: number;
  readonly skewMs?: number;
  /** Seconds, for presigned requests. */
  readonly expires?: number;
  /** What the request names (`iam`) and what is right (`sts`). */
  readonly actual?: string;
  readonly expected?: string;
}

/** Thrown by everything in this folder that refuses a request. */
export class SignatureRefusal extends Error {
  readonly reason: RefusalReason;
  readonly facts: RefusalFacts;

  constructor(reason: RefusalReason, facts: RefusalFacts = {}) {
    super(facts.detail ? `${reason}: ${facts.detail}` : reason);
    this.name = 'SignatureRefusal';
    this.reason = reason;
    this.facts = facts;
  }
}
