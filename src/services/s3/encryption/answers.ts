/** What answers tell of the encryption of an object. */
import type { ObjectEncryption } from '../state.ts';
import type { CustomerKeyInput } from './customer-key.ts';

export interface EncryptionMembers {
  ServerSideEncryption?: 'AES256' | 'aws:kms' | 'aws:kms:dsse';
  SSEKMSKeyId?: string;
  BucketKeyEnabled?: boolean;
  SSECustomerAlgorithm?: string;
  SSECustomerKeyMD5?: string;
}

const storeSealed: EncryptionMembers = { ServerSideEncryption: 'AES256' };

/** @param input whose customer key was found to be the right one */
export function encryptionMembers(
  encryption: ObjectEncryption | undefined,
  input: CustomerKeyInput = {},
): EncryptionMembers {
  if (!encryption) return storeSealed;
  if (encryption.kind === 'customer') {
    return {
      SSECustomerAlgorithm: 'AES256',
      ...(input.SSECustomerKeyMD5 !== undefined && { SSECustomerKeyMD5: input.SSECustomerKeyMD5 }),
    };
  }
  return {
    ServerSideEncryption: encryption.isDual ? 'aws:kms:dsse' : 'aws:kms',
    SSEKMSKeyId: encryption.keyArn,
    ...(encryption.usesBucketKey && { BucketKeyEnabled: true }),
  };
}

/** Of writes, which also repeat the encryption context that they were given. */
export function writtenMembers(
  encryption: ObjectEncryption | undefined,
  input: CustomerKeyInput & { readonly SSEKMSEncryptionContext?: string | undefined },
): EncryptionMembers & { SSEKMSEncryptionContext?: string } {
  const members = encryptionMembers(encryption, input);
  if (encryption?.kind !== 'kms' || input.SSEKMSEncryptionContext === undefined) return members;
  return { ...members, SSEKMSEncryptionContext: input.SSEKMSEncryptionContext };
}
