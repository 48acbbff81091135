/** Errors of CloudFront, with AWS's texts. */
import { AwsError } from '../service.ts';

export const noDistribution = (): AwsError =>
  new AwsError('NoSuchDistribution', 'The specified distribution does not exist.');
export const noEntity = (): AwsError => new AwsError('EntityNotFound', 'The entity was not found.');
export const noResource = (arn: string): AwsError =>
  new AwsError('NoSuchResource', `The specified resource does not exist: ${arn}`);
export const noInvalidation = (): AwsError =>
  new AwsError('NoSuchInvalidation', 'The specified invalidation does not exist.');
export const noCachePolicy = (): AwsError =>
  new AwsError('NoSuchCachePolicy', 'The specified cache policy does not exist.');
export const noOriginRequestPolicy = (): AwsError =>
  new AwsError('NoSuchOriginRequestPolicy', 'The specified origin request policy does not exist.');
export const noOrigin = (id: string): AwsError =>
  new AwsError('NoSuchOrigin', `One or more of your origins or origin groups do not exist: ${id}`);

export const invalid = (message: string): AwsError => new AwsError('InvalidArgument', message);
/** What AWS can do and the edge cannot is refused, so that nobody relies on it. */
export const unserved = (member: string, instead?: string): AwsError =>
  invalid(`${member} is not served by the edge of this instance.${instead === undefined ? '' : ` ${instead}`}`);
export const inconsistent = (): AwsError =>
  new AwsError('InconsistentQuantities', 'The value of Quantity and the size of Items do not match.');
export const invalidOrigin = (message: string): AwsError => new AwsError('InvalidOrigin', message);
export const invalidCertificate = (message: string): AwsError => new AwsError('InvalidViewerCertificate', message);
export const invalidWebAcl = (message: string): AwsError => new AwsError('InvalidWebACLId', message);
export const invalidTagging = (message: string): AwsError => new AwsError('InvalidTagging', message);
export const tooMany = (code: string, message: string): AwsError => new AwsError(code, message);

export const missingVersion = (): AwsError =>
  new AwsError('InvalidIfMatchVersion', 'The If-Match version is missing or not valid for the resource.');
export const changedMeanwhile = (): AwsError =>
  new AwsError(
    'PreconditionFailed',
    "The request failed because it didn't meet the preconditions in one or more request-header fields.",
  );
export const distributionExists = (id: string): AwsError =>
  new AwsError(
    'DistributionAlreadyExists',
    `The caller reference that you are using to create a distribution is associated with another distribution. Already exists: ${id}`,
  );
export const aliasTaken = (): AwsError =>
  new AwsError(
    'CNAMEAlreadyExists',
    'One or more of the CNAMEs you provided are already associated with a different resource.',
  );
export const notDisabled = (): AwsError =>
  new AwsError('DistributionNotDisabled', 'The distribution you are trying to delete has not been disabled.');
export const illegalUpdate = (message: string): AwsError => new AwsError('IllegalUpdate', message);
export const invalidationExists = (): AwsError =>
  new AwsError(
    'InvalidationBatchAlreadyExists',
    'Your request contains a caller reference that was used for a previous invalidation batch with other paths.',
    { status: 409 },
  );
