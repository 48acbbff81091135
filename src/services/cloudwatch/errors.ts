/** Errors of CloudWatch, with AWS's codes. */
import { AwsError } from '../service.ts';

export const invalidValue = (message: string): AwsError => new AwsError('InvalidParameterValue', message);
export const combination = (message: string): AwsError => new AwsError('InvalidParameterCombination', message);
export const missing = (name: string): AwsError =>
  new AwsError('MissingRequiredParameterException', `The parameter ${name} is required.`, { status: 400 });
export const notFound = (message: string): AwsError => new AwsError('ResourceNotFound', message, { status: 404 });
export const tooManyAlarms = (): AwsError =>
  new AwsError('LimitExceeded', 'The quota for alarms for this customer has already been reached.', { status: 400 });
export const invalidToken = (): AwsError => new AwsError('InvalidNextToken', 'The next token specified is invalid.');
export const validation = (message: string): AwsError => new AwsError('ValidationError', message, { status: 400 });
