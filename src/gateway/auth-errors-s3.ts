/** S3's own words for refused signatures (S3 API Reference, "Error responses"), with the members that its errors carry. */
import { type RefusalFacts, type RefusalReason, SignatureRefusal } from '../wire/signing/index.ts';
import type { AuthenticationFailure } from './authenticate.ts';

export interface S3Answer {
  readonly code: string;
  readonly status: number;
  readonly message: string;
  readonly members?: Record<string, unknown>;
}

export function s3Answer(failure: AuthenticationFailure): S3Answer {
  if (failure instanceof SignatureRefusal) return table[failure.reason](failure.facts);
  switch (failure.reason) {
    case 'expired':
      return answer('ExpiredToken', 400, 'The provided token has expired.');
    case 'invalid-token':
      return answer('InvalidToken', 400, 'The provided token is malformed or otherwise invalid.');
    default:
      return answer('InvalidAccessKeyId', 403, 'The AWS Access Key Id you provided does not exist in our records.', {
        AWSAccessKeyId: failure.accessKeyId,
      });
  }
}

/** Signatures of version 2 are told what to use instead; anything else is no signature at all, and is not repeated. */
const unsupported = (facts: RefusalFacts): S3Answer =>
  facts.where === 'header' && facts.actual !== 'AWS'
    ? answer('InvalidArgument', 400, 'Unsupported Authorization Type', { ArgumentName: 'Authorization' })
    : answer(
        'InvalidRequest',
        400,
        'The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.',
      );

/** A scope or part that is wrong: the code tells where it stands. */
function malformed(facts: RefusalFacts, header: string, query: string): S3Answer {
  if (facts.where === 'query') return answer('AuthorizationQueryParametersError', 400, query);
  if (facts.where === 'form') return answer('InvalidArgument', 400, query);
  return answer('AuthorizationHeaderMalformed', 400, `The authorization header is malformed; ${header}`);
}

const doesNotMatch = (facts: RefusalFacts): S3Answer =>
  answer(
    'SignatureDoesNotMatch',
    403,
    'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
    {
      AWSAccessKeyId: facts.accessKeyId,
      StringToSign: facts.stringToSign,
      SignatureProvided: facts.signature,
      StringToSignBytes: bytesOf(facts.stringToSign),
      CanonicalRequest: facts.canonicalRequest,
      CanonicalRequestBytes: bytesOf(facts.canonicalRequest),
    },
  );

const skewed = (facts: RefusalFacts): S3Answer =>
  answer('RequestTimeTooSkewed', 403, 'The difference between the request time and the current time is too large.', {
    RequestTime: facts.amzDate,
    ServerTime: iso(facts.serverTime ?? 0),
    MaxAllowedSkewMilliseconds: String(facts.skewMs ?? 0),
  });

const incomplete = (facts: RefusalFacts): S3Answer =>
  answer('IncompleteBody', 400, facts.detail ?? 'The request body terminated unexpectedly');

const wrongPost = (facts: RefusalFacts): S3Answer => answer('AccessDenied', 403, facts.detail ?? 'Access Denied');

const table: Readonly<Record<RefusalReason, (facts: RefusalFacts) => S3Answer>> = {
  anonymous: () => answer('AccessDenied', 403, 'Access Denied'),
  malformed: (facts) => {
    const detail = facts.detail ?? '';
    // The query form of missing dates and hosts has the same code; the old presigned form is simply denied.
    if (detail.startsWith('Query-string authentication requires')) return answer('AccessDenied', 403, detail);
    if (facts.part === 'date' && facts.where === 'header') {
      return answer('AccessDenied', 403, 'AWS authentication requires a valid Date or x-amz-date header');
    }
    if (facts.part === 'components' && facts.where === 'header') {
      return malformed(
        facts,
        'the authorization header requires three components: Credential, SignedHeaders, and Signature.',
        '',
      );
    }
    if (facts.part === 'credential') {
      return malformed(
        facts,
        'the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".',
        'Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".',
      );
    }
    return malformed(facts, detail, detail);
  },
  'two-signatures': () =>
    answer(
      'InvalidArgument',
      400,
      'Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified',
      { ArgumentName: 'Authorization' },
    ),
  unsupported,
  'bad-expires': (facts) => answer('AuthorizationQueryParametersError', 400, facts.detail ?? ''),
  'scope-service': (facts) => {
    const text = `incorrect service "${facts.actual}". This endpoint belongs to "s3".`;
    return malformed(facts, text, `Error parsing the X-Amz-Credential parameter; ${text}`);
  },
  'scope-date': (facts) => {
    const text = `Invalid credential date "${facts.actual}". This date is not the same as X-Amz-Date: "${facts.amzDate?.slice(0, 8)}".`;
    return malformed(facts, text, text);
  },
  'scope-region': (facts) => {
    const text = `the region '${facts.actual}' is wrong; expecting '${facts.expected}'`;
    const result = malformed(facts, text, `Error parsing the X-Amz-Credential parameter; ${text}`);
    return { ...result, members: { Region: facts.expected } };
  },
  'scope-terminator': (facts) =>
    malformed(
      facts,
      'incorrect terminal. This endpoint uses "aws4_request".',
      'Error parsing the X-Amz-Credential parameter; incorrect terminal. This endpoint uses "aws4_request".',
    ),
  'too-old': skewed,
  'too-early': skewed,
  'presigned-expired': (facts) =>
    answer('AccessDenied', 403, 'Request has expired', {
      ...(facts.amzDate ? { 'X-Amz-Expires': String(facts.expires ?? 0) } : {}),
      Expires: iso(endOf(facts)),
      ServerTime: iso(facts.serverTime ?? 0),
    }),
  'presigned-early': (facts) =>
    answer('AccessDenied', 403, 'Request is not yet valid', {
      ...(facts.amzDate ? { 'X-Amz-Date': facts.amzDate } : {}),
      ServerTime: iso(facts.serverTime ?? 0),
    }),
  'unsigned-headers': (facts) =>
    answer('AccessDenied', 403, 'There were headers present in the request which were not signed', {
      HeadersNotSigned: (facts.headers ?? []).join(', '),
    }),
  mismatch: doesNotMatch,
  path: doesNotMatch,
  'payload-missing': () =>
    answer('InvalidRequest', 400, 'Missing required header for this request: x-amz-content-sha256'),
  'payload-unknown': (facts) =>
    answer(
      'InvalidArgument',
      400,
      'x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, or a valid sha256 value.',
      { ArgumentName: 'x-amz-content-sha256', ArgumentValue: facts.actual },
    ),
  'payload-mismatch': (facts) =>
    answer(
      'XAmzContentSHA256Mismatch',
      400,
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
      { ClientComputedContentSHA256: facts.expected, S3ComputedContentSHA256: facts.actual },
    ),
  'chunk-mismatch': doesNotMatch,
  'chunk-small': (facts) =>
    answer('InvalidChunkSizeError', 403, 'Only the last chunk is allowed to have a size less than 8192 bytes', {
      BadChunkSize: facts.detail,
    }),
  'body-incomplete': incomplete,
  'trailer-malformed': () =>
    answer(
      'MalformedTrailerError',
      400,
      'The request contained trailing data that was not well-formed or did not conform to our published schema.',
    ),
  'length-missing': () => answer('MissingContentLength', 411, 'You must provide the Content-Length HTTP header.'),
  'post-malformed': (facts) =>
    facts.detail?.startsWith('Invalid Policy')
      ? answer('InvalidPolicyDocument', 400, facts.detail)
      : answer('InvalidArgument', 400, facts.detail ?? ''),
  'post-expired': (facts) => wrongPost({ detail: `Invalid according to Policy: ${facts.detail}` }),
  'post-condition': wrongPost,
  'post-too-small': (facts) =>
    answer('EntityTooSmall', 400, 'Your proposed upload is smaller than the minimum allowed size', {
      ProposedSize: facts.actual,
      MinSizeAllowed: facts.expected,
    }),
  'post-too-large': (facts) =>
    answer('EntityTooLarge', 400, 'Your proposed upload exceeds the maximum allowed size', {
      ProposedSize: facts.actual,
      MaxSizeAllowed: facts.expected,
    }),
};

function answer(code: string, status: number, message: string, members?: Record<string, unknown>): S3Answer {
  if (!members) return { code, status, message };
  const present = Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
  return { code, status, message, members: present };
}

/** When a presigned request ended: seconds after its signing, or (old form) a moment of its own. */
function endOf(facts: RefusalFacts): number {
  const seconds = facts.expires ?? 0;
  if (!facts.amzDate) return seconds * 1000;
  return (facts.signedAt ?? 0) + seconds * 1000;
}

function iso(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
}

/** S3 repeats texts as bytes, so that invisible differences can be seen. */
function bytesOf(text: string | undefined): string | undefined {
  return text === undefined ? undefined : (Buffer.from(text, 'latin1').toString('hex').match(/../g) ?? []).join(' ');
}
