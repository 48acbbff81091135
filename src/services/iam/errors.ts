/** IAM's errors with AWS's texts: https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html and each operation's page. */
import { AwsError } from '../service.ts';

export function noSuchEntity(message: string): AwsError {
  return new AwsError('NoSuchEntity', message, { status: 404 });
}

export function noSuchUser(name: string): AwsError {
  return noSuchEntity(`The user with name ${name} cannot be found.`);
}

export function noSuchGroup(name: string): AwsError {
  return noSuchEntity(`The group with name ${name} cannot be found.`);
}

export function noSuchRole(name: string): AwsError {
  return noSuchEntity(`The role with name ${name} cannot be found.`);
}

export function noSuchInstanceProfile(name: string): AwsError {
  return noSuchEntity(`Instance Profile ${name} cannot be found.`);
}

/** A managed policy, at GetPolicy and the like. */
export function noSuchPolicy(arn: string): AwsError {
  return noSuchEntity(`Policy ${arn} was not found.`);
}

/** A managed policy that was to be attached. */
export function policyNotAttachable(arn: string): AwsError {
  return noSuchEntity(`Policy ${arn} does not exist or is not attachable.`);
}

/** A managed policy that was to be a permissions boundary. */
export function boundaryNotAttachable(arn: string): AwsError {
  return noSuchEntity(`Scope ARN: ${arn} does not exist or is not attachable.`);
}

/** `kind` as AWS says it: `User`, `Group`, `Role`, `Instance Profile`. */
export function alreadyExists(kind: string, name: string): AwsError {
  return new AwsError('EntityAlreadyExists', `${kind} with name ${name} already exists.`, { status: 409 });
}

/** @param quota AWS's name of it, such as `UsersPerAccount` */
export function quotaExceeded(quota: string, limit: number): AwsError {
  return new AwsError('LimitExceeded', `Cannot exceed quota for ${quota}: ${limit}`, { status: 409 });
}

export function deleteConflict(message: string): AwsError {
  return new AwsError('DeleteConflict', message, { status: 409 });
}

export function validationError(message: string): AwsError {
  return new AwsError('ValidationError', message, { status: 400 });
}

export function invalidInput(message: string): AwsError {
  return new AwsError('InvalidInput', message, { status: 400 });
}

export function malformedPolicy(message: string): AwsError {
  return new AwsError('MalformedPolicyDocument', message, { status: 400 });
}

export function unmodifiable(message: string): AwsError {
  return new AwsError('UnmodifiableEntity', message, { status: 400 });
}

/** Of EnableMFADevice and ResyncMFADevice; the code that was sent is not shown. */
export function invalidAuthenticationCode(): AwsError {
  return new AwsError('InvalidAuthenticationCode', 'Authentication code for device is not valid.', { status: 403 });
}
