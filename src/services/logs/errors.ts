/** Errors of CloudWatch Logs, with AWS's texts. */
import { AwsError } from '../service.ts';

export const noGroup = (): AwsError =>
  new AwsError('ResourceNotFoundException', 'The specified log group does not exist.');
export const noStream = (): AwsError =>
  new AwsError('ResourceNotFoundException', 'The specified log stream does not exist.');
export const groupExists = (): AwsError =>
  new AwsError('ResourceAlreadyExistsException', 'The specified log group already exists');
export const streamExists = (): AwsError =>
  new AwsError('ResourceAlreadyExistsException', 'The specified log stream already exists');
export const invalid = (message: string): AwsError => new AwsError('InvalidParameterException', message);
export const limitExceeded = (message: string): AwsError => new AwsError('LimitExceededException', message);
export const noPolicy = (name: string): AwsError =>
  new AwsError('ResourceNotFoundException', `Policy with name [${name}] does not exist.`);
