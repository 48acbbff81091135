/** Which operation works on a key in which state ("Key states of AWS KMS keys", AWS KMS Developer Guide). */
import type { AwsError } from '../service.ts';
import { keyArn } from './arns.ts';
import { disabled, invalidState, unsupported } from './errors.ts';
import type { KeyRow, KeyState } from './state.ts';

const texts: Partial<Record<KeyState, string>> = {
  Creating: 'is creating.',
  PendingDeletion: 'is pending deletion.',
  PendingImport: 'is pending import.',
  PendingReplicaDeletion: 'is pending replica deletion.',
  Unavailable: 'is unavailable.',
  Updating: 'is updating.',
};

const ready: readonly KeyState[] = ['Enabled'];
const steady: readonly KeyState[] = ['Enabled', 'Disabled'];
/** All but keys that are going, or not quite there. */
const lasting: readonly KeyState[] = ['Enabled', 'Disabled', 'PendingImport', 'Unavailable', 'Updating'];
const always: readonly KeyState[] = [
  'Creating',
  'Enabled',
  'Disabled',
  'PendingDeletion',
  'PendingImport',
  'PendingReplicaDeletion',
  'Unavailable',
  'Updating',
];
const withoutUpdating = (states: readonly KeyState[]): readonly KeyState[] => states.filter((s) => s !== 'Updating');

/** Operation → the states in which it goes on. What is not named here works on enabled keys only. */
const matrix: Readonly<Record<string, readonly KeyState[]>> = {
  CancelKeyDeletion: ['PendingDeletion', 'PendingReplicaDeletion'],
  CreateAlias: withoutUpdating(lasting),
  CreateGrant: ['Enabled', 'Unavailable'],
  DeleteAlias: always,
  DeleteImportedKeyMaterial: ['Enabled', 'Disabled', 'PendingImport', 'PendingDeletion'],
  DescribeKey: always,
  DisableKey: ['Enabled', 'Disabled', 'Unavailable'],
  DisableKeyRotation: steady,
  EnableKey: ['Enabled', 'Disabled', 'Unavailable'],
  EnableKeyRotation: ready,
  GetKeyLastUsage: always,
  GetKeyPolicy: always,
  GetKeyRotationStatus: always,
  GetParametersForImport: ['Enabled', 'Disabled', 'PendingImport'],
  GetPublicKey: ready,
  ImportKeyMaterial: ['Enabled', 'Disabled', 'PendingImport'],
  ListGrants: always,
  ListKeyPolicies: always,
  ListKeyRotations: always,
  ListResourceTags: always,
  PutKeyPolicy: always,
  ReplicateKey: ready,
  RetireGrant: always,
  RevokeGrant: always,
  RotateKeyOnDemand: ready,
  ScheduleKeyDeletion: ['Enabled', 'Disabled', 'PendingImport', 'Unavailable', 'Updating'],
  TagResource: ['Creating', ...lasting],
  UntagResource: ['Creating', ...lasting],
  UpdateAlias: withoutUpdating(lasting),
  UpdateKeyDescription: ['Enabled', 'Disabled', 'PendingImport', 'Unavailable'],
  UpdatePrimaryRegion: steady,
};

/** Throws the refusal for a key whose state forbids the operation. */
export function requireUsable(key: KeyRow, operation: string): void {
  if (!(matrix[operation] ?? ready).includes(key.state)) throw refusal(key, operation);
}

/** Keys that AWS manages are used, described and listed by their account, and nothing else. */
export function requireCustomerKey(key: KeyRow): void {
  if (key.managedBy !== undefined) {
    throw unsupported(`${keyArn(key)} is an AWS managed key, which this operation does not change.`);
  }
}

function refusal(key: KeyRow, operation: string): AwsError {
  const arn = keyArn(key);
  if (operation === 'CancelKeyDeletion') return invalidState(arn, 'is not pending deletion.');
  if (key.state === 'Disabled') return disabled(arn);
  return invalidState(arn, texts[key.state] ?? 'is in a state that does not allow this.');
}
