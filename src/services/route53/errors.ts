/** Errors of Route 53, with AWS's texts. */
import { AwsError } from '../service.ts';

export const noZone = (id: string): AwsError => new AwsError('NoSuchHostedZone', `No hosted zone found with ID: ${id}`);
export const noHealthCheck = (id: string): AwsError =>
  new AwsError('NoSuchHealthCheck', `No health check exists with the specified ID: ${id}`);
export const noChange = (id: string): AwsError =>
  new AwsError('NoSuchChange', `Could not find resource with ID: ${id}`);
export const invalid = (message: string): AwsError => new AwsError('InvalidInput', message);
export const invalidName = (name: string): AwsError =>
  new AwsError('InvalidDomainName', `${name} is not a valid domain name.`);
export const reservedName = (name: string): AwsError =>
  new AwsError('InvalidDomainName', `${name} is reserved by AWS!`);
export const zoneExists = (reference: string): AwsError =>
  new AwsError(
    'HostedZoneAlreadyExists',
    `A hosted zone has already been created with the specified caller reference: ${reference}`,
  );
export const conflictingDomain = (vpc: string, region: string, zone: string): AwsError =>
  new AwsError(
    'ConflictingDomainExists',
    `The VPC ${vpc} in region ${region} has already been associated with the hosted zone ${zone} with the same domain name.`,
  );
/** All of a batch, or nothing: every fault is told. */
export const invalidBatch = (messages: readonly string[]): AwsError =>
  new AwsError('InvalidChangeBatch', `[${messages.join(', ')}]`, { members: { messages } });
