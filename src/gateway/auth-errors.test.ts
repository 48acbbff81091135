/** The table of refusals, protocol by protocol, as AWS answers (M-076, M-088). */
import { describe, expect, it } from 'vitest';
import { type RefusalFacts, type RefusalReason, SignatureRefusal } from '../wire/signing/index.ts';
import type { ProtocolName } from '../wire/types.ts';
import { authError } from './auth-errors.ts';
import { type AuthenticationFailure, CredentialRefusal } from './authenticate.ts';

const services: readonly (readonly [ProtocolName, string])[] = [
  ['awsQuery', 'iam'],
  ['ec2Query', 'ec2'],
  ['awsJson1_1', 'cloudtrail'],
  ['rpcv2Cbor', 'monitoring'],
  ['restJson1', 'account'],
  ['restXml', 's3'],
];
const row = (failure: AuthenticationFailure) =>
  services.map(([protocol, service]) => {
    const { code, status } = authError(failure, protocol, service);
    return `${code} ${status}`;
  });
const refused = (reason: RefusalReason, facts: RefusalFacts = {}) => new SignatureRefusal(reason, facts);
const key = (reason: CredentialRefusal['reason']) => new CredentialRefusal(reason, 'AKIAEXAMPLE');

const now = Date.UTC(2026, 10, 20, 9, 30, 5);
const stale = { amzDate: '20261120T090000Z', signedAt: now - 1_805_000, serverTime: now, skewMs: 900_000 };

describe('codes and statuses', () => {
  it('of unknown and inactive keys, and of temporary keys without their token', () => {
    const expected = [
      'InvalidClientTokenId 403',
      'AuthFailure 401',
      'UnrecognizedClientException 400',
      'UnrecognizedClientException 400',
      'UnrecognizedClientException 403',
      'InvalidAccessKeyId 403',
    ];
    for (const reason of ['unknown', 'inactive', 'missing-token'] as const) expect(row(key(reason))).toEqual(expected);
    expect(row(key('invalid-token'))).toEqual([...expected.slice(0, 5), 'InvalidToken 400']);
  });

  it('of expired tokens', () => {
    expect(row(key('expired'))).toEqual([
      'ExpiredToken 403',
      'RequestExpired 400',
      'ExpiredTokenException 400',
      'ExpiredTokenException 400',
      'ExpiredTokenException 403',
      'ExpiredToken 400',
    ]);
  });

  it('of wrong signatures', () => {
    const expected = [
      'SignatureDoesNotMatch 403',
      'AuthFailure 401',
      'InvalidSignatureException 400',
      'InvalidSignatureException 400',
      'InvalidSignatureException 403',
    ];
    expect(row(refused('mismatch'))).toEqual([...expected, 'SignatureDoesNotMatch 403']);
    expect(row(refused('scope-service', { actual: 'sts' }))).toEqual([...expected, 'AuthorizationHeaderMalformed 400']);
    expect(row(refused('scope-date'))).toEqual([...expected, 'AuthorizationHeaderMalformed 400']);
    expect(row(refused('scope-terminator'))).toEqual([...expected, 'AuthorizationHeaderMalformed 400']);
    expect(row(refused('unsigned-headers', { headers: ['x-amz-acl'] }))).toEqual([...expected, 'AccessDenied 403']);
    expect(row(refused('path'))).toEqual([...expected, 'SignatureDoesNotMatch 403']);
  });

  it('of stale signatures', () => {
    expect(row(refused('too-old', stale))).toEqual([
      'SignatureDoesNotMatch 403',
      'RequestExpired 400',
      'InvalidSignatureException 400',
      'InvalidSignatureException 400',
      'InvalidSignatureException 403',
      'RequestTimeTooSkewed 403',
    ]);
    expect(row(refused('presigned-expired', { ...stale, expires: 60 })).at(-1)).toBe('AccessDenied 403');
    expect(row(refused('presigned-early', stale)).at(-1)).toBe('AccessDenied 403');
  });

  it('of presigned requests that would live longer than a week', () => {
    const answers = row(refused('bad-expires', { where: 'query', detail: 'too long' }));
    expect(new Set(answers)).toEqual(new Set(['AuthorizationQueryParametersError 400']));
  });

  it('of requests that are not signed, or not readably', () => {
    expect(row(refused('anonymous'))).toEqual([
      'MissingAuthenticationToken 403',
      'MissingParameter 400',
      'MissingAuthenticationTokenException 400',
      'MissingAuthenticationTokenException 400',
      'MissingAuthenticationTokenException 403',
      'AccessDenied 403',
    ]);
    expect(row(refused('malformed', { where: 'header', part: 'components' }))).toEqual([
      'IncompleteSignature 400',
      'AuthFailure 401',
      'IncompleteSignatureException 400',
      'IncompleteSignatureException 400',
      'IncompleteSignatureException 403',
      'AuthorizationHeaderMalformed 400',
    ]);
    expect(row(refused('malformed', { where: 'query', part: 'components' })).at(-1)).toBe(
      'AuthorizationQueryParametersError 400',
    );
    expect(row(refused('unsupported', { actual: 'AWS' })).at(-1)).toBe('InvalidRequest 400');
    expect(row(refused('unsupported', { where: 'header', actual: 'Bearer' })).at(-1)).toBe('InvalidArgument 400');
    expect(row(refused('two-signatures')).at(-1)).toBe('InvalidArgument 400');
  });
});

describe('texts', () => {
  const text = (failure: AuthenticationFailure, at: number) => {
    const [protocol, service] = services[at] as (typeof services)[number];
    return authError(failure, protocol, service, 'AWS4-HMAC-SHA256 x').message;
  };
  it('tell how far the clocks are apart', () => {
    expect(text(refused('too-old', stale), 0)).toBe(
      'Signature expired: 20261120T090000Z is now earlier than 20261120T091505Z (20261120T093005Z - 15 min.)',
    );
    expect(text(refused('too-early', { ...stale, amzDate: '20261120T100000Z', skewMs: 300_000 }), 2)).toBe(
      'Signature not yet current: 20261120T100000Z is still later than 20261120T093505Z (20261120T093005Z + 5 min.)',
    );
    expect(text(refused('too-old', stale), 1)).toBe('Request has expired.');
  });
  it('are AWS’s own', () => {
    expect(text(key('unknown'), 0)).toBe('The security token included in the request is invalid.');
    expect(text(key('expired'), 2)).toBe('The security token included in the request is expired');
    expect(text(key('unknown'), 1)).toBe('AWS was not able to validate the provided access credentials');
    expect(text(refused('scope-service', { actual: 'sts' }), 0)).toBe(
      "Credential should be scoped to correct service: 'iam'. ",
    );
    expect(text(refused('anonymous'), 0)).toBe('Request is missing Authentication Token');
    expect(text(refused('anonymous'), 4)).toBe('Missing Authentication Token');
    expect(text(refused('malformed', { where: 'header', part: 'components', detail: 'Wrong.' }), 0)).toMatch(
      /^Wrong\. \(Hashed with SHA-256 and encoded with Base64\) Authorization=[A-Za-z0-9+/]{43}=$/,
    );
  });
});

describe('the members of S3', () => {
  const members = (failure: AuthenticationFailure) => authError(failure, 'restXml', 's3').members ?? {};
  it('show what was to be signed', () => {
    expect(
      members(
        refused('mismatch', {
          accessKeyId: 'AKIAEXAMPLE',
          signature: 'ab',
          stringToSign: 'é\n',
          canonicalRequest: 'GET',
        }),
      ),
    ).toEqual({
      AWSAccessKeyId: 'AKIAEXAMPLE',
      StringToSign: 'é\n',
      SignatureProvided: 'ab',
      StringToSignBytes: 'e9 0a',
      CanonicalRequest: 'GET',
      CanonicalRequestBytes: '47 45 54',
    });
  });
  it('tell times', () => {
    expect(members(refused('too-old', stale))).toEqual({
      RequestTime: '20261120T090000Z',
      ServerTime: '2026-11-20T09:30:05Z',
      MaxAllowedSkewMilliseconds: '900000',
    });
    expect(members(refused('presigned-expired', { ...stale, expires: 60 }))).toEqual({
      'X-Amz-Expires': '60',
      Expires: '2026-11-20T09:01:00Z',
      ServerTime: '2026-11-20T09:30:05Z',
    });
    expect(members(refused('presigned-expired', { serverTime: now, expires: now / 1000 - 5 }))).toEqual({
      Expires: '2026-11-20T09:30:00Z',
      ServerTime: '2026-11-20T09:30:05Z',
    });
  });
  it('name the key that nobody knows', () =>
    expect(members(key('unknown'))).toEqual({ AWSAccessKeyId: 'AKIAEXAMPLE' }));
});

it('S3 has words for every reason', () => {
  const facts = {
    where: 'query',
    part: 'credential',
    actual: 'a',
    expected: 'b',
    serverTime: now,
    detail: 'Detail.',
  } as const;
  const code = (reason: RefusalReason, more: RefusalFacts = {}) => {
    const { code: name, status } = authError(refused(reason, { ...facts, ...more }), 'restXml', 's3');
    return `${name} ${status}`;
  };
  const expected: Partial<Record<RefusalReason, string>> = {
    malformed: 'AuthorizationQueryParametersError 400',
    unsupported: 'InvalidRequest 400',
    'scope-service': 'AuthorizationQueryParametersError 400',
    'scope-date': 'AuthorizationQueryParametersError 400',
    'scope-region': 'AuthorizationQueryParametersError 400',
    'scope-terminator': 'AuthorizationQueryParametersError 400',
    path: 'SignatureDoesNotMatch 403',
    'payload-missing': 'InvalidRequest 400',
    'payload-unknown': 'InvalidArgument 400',
    'payload-mismatch': 'XAmzContentSHA256Mismatch 400',
    'chunk-mismatch': 'SignatureDoesNotMatch 403',
    'chunk-small': 'InvalidChunkSizeError 403',
    'body-incomplete': 'IncompleteBody 400',
    'trailer-malformed': 'MalformedTrailerError 400',
    'length-missing': 'MissingContentLength 411',
    'post-malformed': 'InvalidArgument 400',
    'post-expired': 'AccessDenied 403',
    'post-condition': 'AccessDenied 403',
    'post-too-small': 'EntityTooSmall 400',
    'post-too-large': 'EntityTooLarge 400',
  };
  for (const [reason, wanted] of Object.entries(expected)) expect(code(reason as RefusalReason), reason).toBe(wanted);
  expect(code('post-malformed', { detail: 'Invalid Policy: no.' })).toBe('InvalidPolicyDocument 400');
  expect(code('malformed', { where: 'header', part: 'date' })).toBe('AccessDenied 403');
  expect(code('malformed', { where: 'header' })).toBe('AuthorizationHeaderMalformed 400');
  expect(code('scope-region', { where: 'form' })).toBe('InvalidArgument 400');
  const region = authError(
    refused('scope-region', { where: 'header', actual: 'x', expected: 'us-east-1' }),
    'restXml',
    's3',
  );
  expect([region.message, region.members]).toEqual([
    "The authorization header is malformed; the region 'x' is wrong; expecting 'us-east-1'",
    { Region: 'us-east-1' },
  ]);
});
