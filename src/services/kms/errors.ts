/** The errors of the Key Management Service, with the texts that AWS sends (recorded where a test says so). */
import { AwsError } from '../service.ts';
import { VaultError } from './ports.ts';

export const notFound = (message: string): AwsError => new AwsError('NotFoundException', message);
export const keyNotFound = (arn: string): AwsError => notFound(`Key '${arn}' does not exist`);
export const invalidKeyId = (id: string): AwsError => notFound(`Invalid keyId '${id}'`);
export const invalidArn = (what: string): AwsError => notFound(`Invalid arn ${what}`);
export const aliasNotFound = (arn: string): AwsError => notFound(`Alias ${arn} is not found.`);
export const validation = (message: string): AwsError => new AwsError('ValidationException', message);
export const disabled = (arn: string): AwsError => new AwsError('DisabledException', `${arn} is disabled.`);
/** @param rest `is pending deletion.`, `is pending import.` */
export const invalidState = (arn: string, rest: string): AwsError =>
  new AwsError('KMSInvalidStateException', `${arn} ${rest}`);
export const unsupported = (message = ''): AwsError => new AwsError('UnsupportedOperationException', message);
export const invalidKeyUsage = (message: string): AwsError => new AwsError('InvalidKeyUsageException', message);
export const invalidCiphertext = (): AwsError => new AwsError('InvalidCiphertextException', '');
export const incorrectKey = (message: string): AwsError => new AwsError('IncorrectKeyException', message);
export const invalidSignature = (): AwsError => new AwsError('KMSInvalidSignatureException', '');
export const invalidMac = (): AwsError => new AwsError('KMSInvalidMacException', '');
export const limitExceeded = (message: string): AwsError => new AwsError('LimitExceededException', message);
export const tagFault = (message: string): AwsError => new AwsError('TagException', message);
export const malformedPolicy = (message: string): AwsError => new AwsError('MalformedPolicyDocumentException', message);
export const alreadyExists = (message: string): AwsError => new AwsError('AlreadyExistsException', message);
export const dryRun = (): AwsError =>
  new AwsError('DryRunOperationException', 'The request would have succeeded, but the DryRun option is set.');

/**
 * What a caller learns of a refusal of the vault. Sealed and unavailable pass with time, so clients may try again.
 * @throws always
 */
export function vaultFault(error: unknown, arn: string): never {
  if (!(error instanceof VaultError)) throw error;
  switch (error.code) {
    case 'invalid-ciphertext':
      throw invalidCiphertext();
    case 'sealed':
    case 'unavailable':
      throw new AwsError('KMSInternalException', 'The key vault cannot answer now. Please try again.', { status: 500 });
    case 'shredded':
      throw keyNotFound(arn);
    case 'unsupported':
      throw unsupported(error.message);
    case 'invalid-public-key':
    case 'too-long':
      throw validation(error.message);
    case 'invalid-token':
      throw new AwsError('InvalidImportTokenException', error.message);
    case 'invalid-material':
      throw new AwsError('IncorrectKeyMaterialException', error.message);
    case 'token-refused':
      throw new AwsError('KMSInternalException', 'The token cannot answer now. Please try again.', { status: 500 });
    case 'corrupt':
      throw new AwsError('KMSInternalException', 'The stored key does not verify.', { status: 500 });
  }
}
