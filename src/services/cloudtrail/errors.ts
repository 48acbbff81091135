/** CloudTrail's errors, with the texts that AWS sends. */
import { AwsError } from '../service.ts';

export function trailNotFound(name: string, account: string): AwsError {
  return new AwsError('TrailNotFoundException', `Unknown trail: ${name} for the user: ${account}`);
}

export function invalidTrailName(problem: string): AwsError {
  return new AwsError('InvalidTrailNameException', problem);
}

export function invalidArn(arn: string): AwsError {
  return new AwsError('CloudTrailARNInvalidException', `Trail ARN is invalid: ${arn}`);
}

export function invalidHomeRegion(arn: string, region: string): AwsError {
  return new AwsError(
    'InvalidHomeRegionException',
    `Trail ${arn} can only be changed from its home region, not from ${region}.`,
  );
}

export function insufficientBucketPolicy(bucket: string): AwsError {
  return new AwsError(
    'InsufficientS3BucketPolicyException',
    `Incorrect S3 bucket policy is detected for bucket: ${bucket}`,
  );
}

export function insufficientEncryptionPolicy(bucket: string, key: string): AwsError {
  return new AwsError(
    'InsufficientEncryptionPolicyException',
    `Insufficient permissions to access S3 bucket ${bucket} or KMS key ${key}.`,
  );
}

/** @param message what KMS says of the key */
export function keyNotUsable(code: string, message: string): AwsError {
  const known = code === 'KMS.NotFoundException' ? 'KmsKeyNotFoundException' : 'KmsException';
  return new AwsError(known, message);
}

export function bucketDoesNotExist(bucket: string): AwsError {
  return new AwsError('S3BucketDoesNotExistException', `S3 bucket ${bucket} does not exist!`);
}

/** For lists that have one page only: no token that comes back was given out. */
export function refuseToken(token: string | undefined): void {
  if (token !== undefined) throw new AwsError('InvalidTokenException', 'The specified token is not valid.');
}

/** For parts of a trail that need services which are not there. */
export function notBuilt(part: string): AwsError {
  return new AwsError('UnsupportedOperationException', `${part} is not built by Bailey.`);
}
