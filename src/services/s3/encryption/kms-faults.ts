/** What KMS refuses, as S3 answers it: S3 API reference, "List of error codes", and the codes that begin with KMS. */
import { AwsError } from '../../service.ts';

/** @throws always */
export function kmsFault(error: unknown): never {
  if (!(error instanceof AwsError)) throw error;
  switch (error.code) {
    case 'AccessDenied':
    case 'AccessDeniedException':
      throw new AwsError('AccessDenied', error.message, { status: 403 });
    // Passes with time, so clients may try again.
    case 'KMSInternalException':
    case 'InternalFailure':
    case 'ServiceUnavailable':
    case 'ThrottlingException':
      throw new AwsError('ServiceUnavailable', 'Service is unable to handle request.', { status: 503 });
    default:
      throw new AwsError(`KMS.${error.code}`, error.message, { status: 400 });
  }
}
