/** STS's errors with AWS's texts: https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html and each operation's page. */
import { AwsError } from '../service.ts';

export function accessDenied(message: string): AwsError {
  return new AwsError('AccessDenied', message, { status: 403 });
}

export function validationError(message: string): AwsError {
  return new AwsError('ValidationError', message, { status: 400 });
}

export function invalidParameterValue(message: string): AwsError {
  return new AwsError('InvalidParameterValue', message, { status: 400 });
}

export function malformedPolicy(message: string): AwsError {
  return new AwsError('MalformedPolicyDocument', message, { status: 400 });
}

export function packedPolicyTooLarge(message: string): AwsError {
  return new AwsError('PackedPolicyTooLarge', message, { status: 400 });
}

/** What AWS says of codes that come with a call; nothing that was sent is repeated. */
export const mfaFailures = {
  incomplete: 'MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.',
  unknownDevice:
    'MultiFactorAuthentication failed, unable to validate MFA code. Please verify your MFA serial number is valid and associated with this user.',
  wrongCode: 'MultiFactorAuthentication failed with invalid MFA one time pass code.',
};

export function throttled(): AwsError {
  return new AwsError('Throttling', 'Too many attempts with wrong codes or passwords. Please try again later.', {
    status: 400,
  });
}
