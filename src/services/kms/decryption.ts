/** Which key and which of its versions a ciphertext wants. */
import type { CheckCall } from '../service.ts';
import { keyArn } from './arns.ts';
import { headOf } from './custom-key-stores/backing.ts';
import { incorrectKey, invalidCiphertext, validation } from './errors.ts';
import { type FoundKey, findKey } from './find-key.ts';
import { isSymmetric } from './key-specs.ts';
import type { KmsPorts, VaultKey } from './ports.ts';
import { keyPartition, keys } from './state.ts';
import { currentKey } from './use.ts';
import { materialOf, vaultKey } from './vault-key.ts';

interface DryRunInput {
  readonly CiphertextBlob?: Uint8Array | undefined;
  readonly DryRun?: boolean | undefined;
  readonly DryRunModifiers?: readonly string[] | undefined;
}

/**
 * The ciphertext of a call; undefined where a dry run is about permission alone.
 * @throws AwsError ValidationException
 */
export function ciphertextOf(input: DryRunInput, named: string | undefined): Uint8Array | undefined {
  const isIgnored = input.DryRunModifiers?.includes('IGNORE_CIPHERTEXT') ?? false;
  if (isIgnored && !input.DryRun) throw validation('DryRunModifiers are only for calls with DryRun.');
  if (isIgnored && named === undefined) throw validation('A dry run that ignores the ciphertext needs the key.');
  if (isIgnored) return undefined;
  if (input.CiphertextBlob === undefined) throw validation('CiphertextBlob is required.');
  return input.CiphertextBlob;
}

/**
 * The key that a call means: the one it names, or the one that the ciphertext tells of, in the region of the call.
 * @throws AwsError InvalidCiphertextException for what tells of no key here
 */
export async function keyOfCiphertext(
  call: CheckCall,
  ports: KmsPorts,
  ciphertext: Uint8Array | undefined,
  named: string | undefined,
): Promise<FoundKey> {
  if (named !== undefined) return findKey(call, named);
  const head = ciphertext && headOf(ports, ciphertext);
  const key = head && (await call.change.get(keys, keyPartition(head.account, call.scope.region), head.keyId));
  if (!key) throw invalidCiphertext();
  return { key, arn: keyArn(key), shownAs: 'the resource associated with this ciphertext' };
}

/** The version of the key that made a ciphertext. @throws AwsError IncorrectKeyException, InvalidCiphertextException */
export async function versionFor(
  call: CheckCall,
  found: FoundKey,
  ports: KmsPorts,
  ciphertext: Uint8Array,
): Promise<VaultKey> {
  const { key } = found;
  if (!isSymmetric(key)) return currentKey(found);
  const head = headOf(ports, ciphertext);
  if (!head) throw invalidCiphertext();
  if (head.account !== key.account || head.keyId !== key.id) {
    // One that names no key at all is no ciphertext of ours, whatever the call names.
    if (!(await call.change.get(keys, keyPartition(head.account, key.region), head.keyId))) throw invalidCiphertext();
    throw incorrectKey('The key ID in the request does not identify a CMK that can perform this operation.');
  }
  const material = materialOf(key, head.materialId);
  const version = material && vaultKey(key, material);
  if (!version) throw invalidCiphertext();
  return version;
}
