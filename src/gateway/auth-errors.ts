/**
 * What a refused signature or key is called in each protocol: code, status and text as AWS's services answer.
 * Sources: the services' "Common Errors" pages, the S3 "Error responses" page, and answers measured on AWS.
 */
import { AwsError } from '../services/service.ts';
import { SignatureRefusal } from '../wire/signing/index.ts';
import type { ProtocolName } from '../wire/types.ts';
import { type S3Answer, s3Answer } from './auth-errors-s3.ts';
import { signatureText, staleText } from './auth-texts.ts';
import type { AuthenticationFailure } from './authenticate.ts';

/** The families that answer alike. */
type Family = 'query' | 'ec2' | 'json' | 'rest';

const families: Readonly<Record<ProtocolName, Family>> = {
  awsQuery: 'query',
  ec2Query: 'ec2',
  awsJson1_0: 'json',
  awsJson1_1: 'json',
  rpcv2Cbor: 'json',
  restJson1: 'rest',
  restXml: 'query',
};

/** [code, status] in the order query, ec2, json, rest. */
type Row = readonly [query: Cell, ec2: Cell, json: Cell, rest: Cell];
type Cell = readonly [code: string, status: number];
const columns: readonly Family[] = ['query', 'ec2', 'json', 'rest'];

const mismatch: Row = [
  ['SignatureDoesNotMatch', 403],
  ['AuthFailure', 401],
  ['InvalidSignatureException', 400],
  ['InvalidSignatureException', 403],
];
const incomplete: Row = [
  ['IncompleteSignature', 400],
  ['AuthFailure', 401],
  ['IncompleteSignatureException', 400],
  ['IncompleteSignatureException', 403],
];
const unknown: Row = [
  ['InvalidClientTokenId', 403],
  ['AuthFailure', 401],
  ['UnrecognizedClientException', 400],
  ['UnrecognizedClientException', 403],
];
const expired: Row = [
  ['ExpiredToken', 403],
  ['RequestExpired', 400],
  ['ExpiredTokenException', 400],
  ['ExpiredTokenException', 403],
];
const stale: Row = [
  ['SignatureDoesNotMatch', 403],
  ['RequestExpired', 400],
  ['InvalidSignatureException', 400],
  ['InvalidSignatureException', 403],
];
const missing: Row = [
  ['MissingAuthenticationToken', 403],
  ['MissingParameter', 400],
  ['MissingAuthenticationTokenException', 400],
  ['MissingAuthenticationTokenException', 403],
];
const badExpiry: Row = [
  ['AuthorizationQueryParametersError', 400],
  ['AuthorizationQueryParametersError', 400],
  ['AuthorizationQueryParametersError', 400],
  ['AuthorizationQueryParametersError', 400],
];

/** Reasons that are not here are a plain mismatch: what could not be signed so was not. */
const rows: Readonly<Record<string, Row>> = {
  anonymous: missing,
  malformed: incomplete,
  'two-signatures': incomplete,
  unsupported: incomplete,
  'bad-expires': badExpiry,
  'too-old': stale,
  'too-early': stale,
  'presigned-expired': stale,
  'presigned-early': stale,
  unknown,
  inactive: unknown,
  'invalid-token': unknown,
  'missing-token': unknown,
  expired,
};

/**
 * @param service the signing name of the service that the request was dispatched to; S3 has words of its own
 * @param authorization the header as sent, of which answers may hold a hash
 */
export function authError(
  failure: AuthenticationFailure,
  protocol: ProtocolName,
  service: string,
  authorization?: string,
): AwsError {
  if (service === 's3') return fromS3(s3Answer(failure));
  const family = families[protocol];
  const row = rows[failure.reason] ?? mismatch;
  const [code, status] = row[columns.indexOf(family)] as Cell;
  return new AwsError(code, textOf(failure, family, service, authorization), { status });
}

function fromS3(answer: S3Answer): AwsError {
  return new AwsError(answer.code, answer.message, {
    status: answer.status,
    ...(answer.members ? { members: answer.members } : {}),
  });
}

function textOf(failure: AuthenticationFailure, family: Family, service: string, authorization?: string): string {
  if (failure instanceof SignatureRefusal) {
    if (failure.reason === 'anonymous') return anonymousTexts[family];
    if (failure.reason === 'bad-expires') return failure.facts.detail ?? 'X-Amz-Expires should be a number';
    if (rows[failure.reason] === stale) return family === 'ec2' ? 'Request has expired.' : staleText(failure);
    return family === 'ec2' ? ec2Text : signatureText(failure, service, authorization);
  }
  if (failure.reason === 'expired') {
    return family === 'ec2' ? 'Request has expired.' : 'The security token included in the request is expired';
  }
  return family === 'ec2' ? ec2Text : 'The security token included in the request is invalid.';
}

const ec2Text = 'AWS was not able to validate the provided access credentials';

const anonymousTexts: Readonly<Record<Family, string>> = {
  query: 'Request is missing Authentication Token',
  ec2: 'The request must contain the parameter AWSAccessKeyId',
  json: 'Missing Authentication Token',
  rest: 'Missing Authentication Token',
};
