/** HTTP statuses of error codes that API models do not carry: those of the common errors, and S3's. */
import type { ProtocolName } from './types.ts';

/** IAM API reference, "Common errors", and what the services answer. */
const COMMON: Readonly<Record<string, number>> = {
  AccessDenied: 403,
  AccessDeniedException: 403,
  ExpiredToken: 403,
  ExpiredTokenException: 403,
  IncompleteSignature: 400,
  IncompleteSignatureException: 400,
  InternalFailure: 500,
  InternalError: 500,
  InternalServerError: 500,
  InvalidAction: 400,
  InvalidClientTokenId: 403,
  InvalidSignatureException: 403,
  MissingAuthenticationToken: 403,
  MissingAuthenticationTokenException: 403,
  NotAuthorized: 400,
  NotImplemented: 501,
  OptInRequired: 403,
  RequestEntityTooLarge: 413,
  RequestExpired: 400,
  RequestEntityTooLargeException: 413,
  ServiceFailure: 500,
  ServiceUnavailable: 503,
  SignatureDoesNotMatch: 403,
  Throttling: 400,
  ThrottlingException: 400,
  TooManyRequestsException: 429,
  UnknownOperationException: 404,
  UnrecognizedClientException: 403,
};

/** EC2 API reference, "Error codes". */
const EC2: Readonly<Record<string, number>> = {
  AuthFailure: 401,
  DryRunOperation: 412,
  UnauthorizedOperation: 403,
  RequestExpired: 400,
  Unavailable: 503,
};

/** https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const S3: Readonly<Record<string, number>> = {
  AccessForbidden: 403,
  AccountProblem: 403,
  AllAccessDisabled: 403,
  AuthorizationHeaderMalformed: 400,
  AuthorizationQueryParametersError: 400,
  BucketAlreadyExists: 409,
  BucketAlreadyOwnedByYou: 409,
  BucketNotEmpty: 409,
  ConditionalRequestConflict: 409,
  EntityTooLarge: 400,
  ExpiredToken: 400,
  IllegalLocationConstraintException: 400,
  InvalidAccessKeyId: 403,
  InvalidBucketState: 409,
  InvalidObjectState: 403,
  InvalidRange: 416,
  InvalidToken: 400,
  MethodNotAllowed: 405,
  MissingContentLength: 411,
  NoSuchBucket: 404,
  NoSuchBucketPolicy: 404,
  NoSuchCORSConfiguration: 404,
  NoSuchConfiguration: 404,
  NoSuchKey: 404,
  NoSuchLifecycleConfiguration: 404,
  NoSuchObjectLockConfiguration: 404,
  NoSuchPublicAccessBlockConfiguration: 404,
  NoSuchTagSet: 404,
  NoSuchUpload: 404,
  NoSuchVersion: 404,
  NoSuchWebsiteConfiguration: 404,
  NotModified: 304,
  NotSignedUp: 403,
  ObjectLockConfigurationNotFoundError: 404,
  ObjectNotInActiveTierError: 403,
  OperationAborted: 409,
  OwnershipControlsNotFoundError: 404,
  PermanentRedirect: 301,
  PreconditionFailed: 412,
  Redirect: 307,
  ReplicationConfigurationNotFoundError: 404,
  RequestTimeTooSkewed: 403,
  RestoreAlreadyInProgress: 409,
  ServerSideEncryptionConfigurationNotFoundError: 404,
  SlowDown: 503,
  XAmzContentSHA256Mismatch: 400,
};

/** Undefined: nothing is known, so the protocol's 400 stands. */
export function statusOfCode(code: string, protocol: ProtocolName): number | undefined {
  const own = protocol === 'restXml' ? S3 : protocol === 'ec2Query' ? EC2 : undefined;
  if (own && Object.hasOwn(own, code)) return own[code];
  return Object.hasOwn(COMMON, code) ? COMMON[code] : undefined;
}
