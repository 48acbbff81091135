/** The errors of Certificate Manager, with the texts that AWS sends. */
import { AwsError } from '../service.ts';

const error =
  (code: string) =>
  (message: string): AwsError =>
    new AwsError(code, message, { status: 400 });

export const validation = error('ValidationException');
export const invalidState = error('InvalidStateException');
export const invalidArgs = error('InvalidArgsException');
export const invalidParameter = error('InvalidParameterException');
export const invalidTag = error('InvalidTagException');
export const limitExceeded = error('LimitExceededException');
export const inProgress = error('RequestInProgressException');
export const conflict = error('ConflictException');
export const invalidDomainOptions = error('InvalidDomainValidationOptionsException');
export const tooManyTags = error('TooManyTagsException');

export const notFound = (arn: string): AwsError =>
  error('ResourceNotFoundException')(`Could not find certificate ${arn}.`);
export const invalidArn = (arn: string): AwsError => error('InvalidArnException')(`The ARN ${arn} is not valid.`);
export const inUse = (arn: string, account: string): AwsError =>
  error('ResourceInUseException')(`Certificate ${arn} in account ${account} is in use.`);

/** Of those whom Certificate Manager depends on. */
export const unavailable = (message: string): AwsError => new AwsError('ServiceUnavailable', message, { status: 503 });

export const notBuilt = (what: string): AwsError =>
  new AwsError('NotImplemented', `${what} is not built by Bailey.`, { status: 501 });
