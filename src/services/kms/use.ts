/** Using a key: what every cryptographic operation asks of it before the vault is asked. */
import type { Call, CheckCall } from '../service.ts';
import { dryRun, invalidKeyUsage, validation, vaultFault } from './errors.ts';
import { type FoundKey, findKey } from './find-key.ts';
import { algorithmsOf, isSymmetric } from './key-specs.ts';
import { requireUsable } from './key-states.ts';
import { type EncryptionContext, VaultError, type VaultKey } from './ports.ts';
import type { KeyRow } from './state.ts';
import { materialOf, vaultKey } from './vault-key.ts';

/** Members that many operations have. */
export interface UseInput {
  readonly KeyId?: string | undefined;
  readonly DryRun?: boolean | undefined;
}

/**
 * The key, ready for this operation.
 * @throws AwsError for keys that are missing, in another state, or made for something else
 */
export async function usableKey(call: CheckCall, id: string, operation: string, usage: string): Promise<FoundKey> {
  const found = await findKey(call, id);
  requireUsable(found.key, operation);
  if (found.key.usage !== usage) {
    throw invalidKeyUsage(`${found.arn} key usage is ${found.key.usage} which is not valid for ${operation}.`);
  }
  return found;
}

export function requireAlgorithm(key: KeyRow, algorithm: string): void {
  if (algorithmsOf(key).includes(algorithm)) return;
  throw invalidKeyUsage(`Algorithm ${algorithm} is incompatible with key spec ${key.spec}.`);
}

/** Only symmetric keys authenticate a context. */
export function requireNoContext(key: KeyRow, context: EncryptionContext | undefined): void {
  if (!isSymmetric(key) && context && Object.keys(context).length > 0) {
    throw validation('EncryptionContext is supported only for symmetric encryption KMS keys.');
  }
}

/** The material that new work uses. @throws AwsError when it is not there */
export function currentKey({ key, arn }: FoundKey): VaultKey {
  const material = materialOf(key);
  const ready = material && vaultKey(key, material);
  if (!ready) return vaultFault(new VaultError('shredded', ''), arn);
  return ready;
}

/** After everything that could refuse the call, and before anything happens. */
export function stopIfDry(input: UseInput): void {
  if (input.DryRun) throw dryRun();
}

/** Asks the vault; its refusals become answers. */
export function ask<T>(arn: string, work: Promise<T>): Promise<T> {
  return work.catch((error) => vaultFault(error, arn));
}

/** The key that a call is about, named in the record of the call whatever becomes of it. */
export async function notedKey(call: Call, id: string, aliasesAllowed = true): Promise<FoundKey> {
  const found = await findKey(call, id, aliasesAllowed);
  noteKey(call, found);
  return found;
}

/** Names the key in the record of the call. */
export function noteKey(call: Call, { key, arn }: FoundKey): void {
  call.note({ resources: [{ accountId: key.account, type: 'AWS::KMS::Key', ARN: arn }] });
}
