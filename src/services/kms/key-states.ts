/** Which operation works on a key in which state ("Key states of AWS KMS keys", AWS KMS Developer Guide). */
import type { AwsError } from '../service.ts';
import { keyArn } from './arns.ts';
import { disabled, invalidState } from './errors.ts';
import type { KeyRow, KeyState } from './state.ts';

const texts: Partial<Record<KeyState, string>> = {
  Creating: 'is creating.',
  PendingDeletion: 'is pending deletion.',
  PendingImport: 'is pending import.',
  PendingReplicaDeletion: 'is pending replica deletion.',
  Unavailable: 'is unavailable.',
  Updating: 'is updating.',
};

/** The refusal for a key that must be enabled; undefined when it is. */
export function notEnabled(key: KeyRow): AwsError | undefined {
  if (key.state === 'Enabled') return undefined;
  const arn = keyArn(key);
  return key.state === 'Disabled' ? disabled(arn) : invalidState(arn, texts[key.state] ?? 'is not enabled.');
}

/** Throws the refusal for a key in any other than these states. */
export function requireState(key: KeyRow, ...allowed: readonly KeyState[]): void {
  if (allowed.includes(key.state)) return;
  const refusal = notEnabled(key);
  if (refusal) throw refusal;
  throw invalidState(keyArn(key), 'is in a state that does not allow this.');
}
