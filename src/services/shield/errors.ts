/** Errors of Shield, with AWS's texts. */
import { AwsError } from '../service.ts';

export const noSubscription = (): AwsError =>
  new AwsError('ResourceNotFoundException', 'The subscription does not exist.');
export const noProtection = (): AwsError =>
  new AwsError('ResourceNotFoundException', 'The referenced protection does not exist.');
export const noGroup = (): AwsError =>
  new AwsError('ResourceNotFoundException', 'The referenced protection group does not exist.');
export const noResource = (): AwsError =>
  new AwsError('ResourceNotFoundException', 'The referenced resource does not exist.');
export const invalid = (message: string): AwsError => new AwsError('InvalidParameterException', message);
export const invalidResource = (message: string): AwsError => new AwsError('InvalidResourceException', message);
export const invalidOperation = (message: string): AwsError => new AwsError('InvalidOperationException', message);
export const exists = (message: string, resourceType?: string): AwsError =>
  new AwsError(
    'ResourceAlreadyExistsException',
    message,
    resourceType === undefined ? {} : { members: { resourceType } },
  );
export const limits = (type: string, limit: number): AwsError =>
  new AwsError('LimitsExceededException', `Requested operation exceeds the limit of ${limit}.`, {
    members: { Type: type, Limit: limit },
  });
export const badToken = (): AwsError =>
  new AwsError('InvalidPaginationTokenException', 'The NextToken in the request is not valid.');
