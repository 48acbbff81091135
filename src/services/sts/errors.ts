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

/** No MFA device can be registered yet, so no code can be right; this is what AWS says of an unknown device. */
export function mfaFailed(): AwsError {
  return accessDenied(
    'MultiFactorAuthentication failed, unable to validate MFA code. Please verify your MFA serial number is valid and associated with this user.',
  );
}
