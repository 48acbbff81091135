/** What a key policy can let other accounts do ("Allowing users in other accounts to use a KMS key", AWS KMS Developer Guide). */
import type { CheckCall } from '../service.ts';
import type { KeyRow } from './state.ts';

/** "If you give external users permission to use other operations on your KMS key, those permissions have no effect." */
const open: ReadonlySet<string> = new Set([
  'CreateGrant',
  'Decapsulate',
  'Decrypt',
  'DeriveSharedSecret',
  'DescribeKey',
  'Encapsulate',
  'Encrypt',
  'GenerateDataKey',
  'GenerateDataKeyPair',
  'GenerateDataKeyPairWithoutPlaintext',
  'GenerateDataKeyWithoutPlaintext',
  'GenerateMac',
  'GetKeyRotationStatus',
  'GetPublicKey',
  'ListGrants',
  'ReEncryptFrom',
  'ReEncryptTo',
  'RetireGrant',
  'RevokeGrant',
  'Sign',
  'Verify',
  'VerifyMac',
]);

/** Whether the policy and the grants of a key count for this caller and action. Services have no account of their own. */
export function isWithinReach(
  { caller }: Pick<CheckCall, 'caller'>,
  key: Pick<KeyRow, 'account'>,
  action: string,
): boolean {
  return caller.account === '' || caller.account === key.account || open.has(action);
}
