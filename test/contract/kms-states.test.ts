/** Which operation works in which key state: the table of the AWS KMS Developer Guide, cell by cell, over HTTP. */
import { constants, createPublicKey, publicEncrypt, randomBytes } from 'node:crypto';
import * as K from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accountId, startInstance, type TestInstance } from '../support/instance.ts';
import { bytes, kmsClient, type MadeKey, makeKey } from '../support/kms.ts';

let instance: TestInstance;
let kms: K.KMSClient;
beforeAll(async () => {
  instance = await startInstance();
  kms = kmsClient(instance);
});
afterAll(() => instance.stop());

/**
 * Columns: Enabled, Disabled, PendingDeletion, PendingImport, PendingReplicaDeletion.
 * `+` works; `D` DisabledException; `P` KMSInvalidStateException (is pending deletion), `I` (pending import),
 * `R` (pending replica deletion), `S` another KMSInvalidStateException; `U` UnsupportedOperationException; `.` not tried.
 */
const table: Readonly<Record<string, string>> = {
  CancelKeyDeletion: 'SS+S+',
  CreateAlias: '++P+R',
  CreateGrant: '+DPIR',
  Decrypt: '+DPIR',
  DeleteAlias: '+++++',
  DeleteImportedKeyMaterial: 'U.U+.',
  DescribeKey: '+++++',
  DisableKey: '++PIR',
  DisableKeyRotation: '++PIR',
  EnableKey: '++PIR',
  EnableKeyRotation: '+DPIR',
  Encrypt: '+DPIR',
  GenerateDataKey: '+DPIR',
  GenerateDataKeyPair: '+DPIR',
  GenerateDataKeyPairWithoutPlaintext: '+DPIR',
  GenerateDataKeyWithoutPlaintext: '+DPIR',
  GetKeyLastUsage: '+++++',
  GetKeyPolicy: '+++++',
  GetKeyRotationStatus: '+++++',
  GetParametersForImport: 'UUU+U',
  ListAliases: '+++++',
  ListGrants: '+++++',
  ListKeyPolicies: '+++++',
  ListKeyRotations: '+++++',
  ListResourceTags: '+++++',
  PutKeyPolicy: '+++++',
  ReEncrypt: '+DPIR',
  ReplicateKey: 'UDPIR',
  RevokeGrant: '+++++',
  RetireGrant: '+++++',
  RotateKeyOnDemand: '+DPIR',
  ScheduleKeyDeletion: '++P+R',
  TagResource: '++P+R',
  UntagResource: '++P+R',
  UpdateAlias: '++P+R',
  UpdateKeyDescription: '++P+R',
  UpdatePrimaryRegion: 'UUPIR',
};
const states = ['Enabled', 'Disabled', 'PendingDeletion', 'PendingImport', 'PendingReplicaDeletion'] as const;
type State = (typeof states)[number];

async function keyIn(state: State): Promise<MadeKey> {
  if (state === 'PendingImport') return makeKey(kms, { Origin: 'EXTERNAL' });
  const key = await makeKey(kms, { MultiRegion: state === 'PendingReplicaDeletion' });
  const { KeyId } = key;
  if (state === 'PendingReplicaDeletion')
    await kms.send(new K.ReplicateKeyCommand({ KeyId, ReplicaRegion: 'eu-west-1' }));
  return key;
}

async function enter(state: State, KeyId: string): Promise<void> {
  if (state === 'Disabled') await kms.send(new K.DisableKeyCommand({ KeyId }));
  if (state === 'PendingDeletion' || state === 'PendingReplicaDeletion') {
    await kms.send(new K.ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
  }
}

interface Prepared {
  readonly KeyId: string;
  readonly Arn: string;
  readonly alias: string;
  readonly grantId?: string;
  readonly blob?: Uint8Array;
}

let aliases = 0;
const user = `arn:aws:iam::${accountId}:user/nobody`;
const Plaintext = Buffer.from('x');

const calls: Readonly<Record<string, (p: Prepared) => Promise<unknown>>> = {
  CancelKeyDeletion: ({ KeyId }) => kms.send(new K.CancelKeyDeletionCommand({ KeyId })),
  CreateAlias: ({ KeyId }) =>
    kms.send(new K.CreateAliasCommand({ AliasName: `alias/new-${++aliases}`, TargetKeyId: KeyId })),
  CreateGrant: ({ KeyId }) =>
    kms.send(new K.CreateGrantCommand({ KeyId, GranteePrincipal: user, Operations: ['Encrypt'] })),
  Decrypt: ({ KeyId, blob }) => kms.send(new K.DecryptCommand({ KeyId, CiphertextBlob: blob ?? Buffer.alloc(10) })),
  DeleteAlias: ({ alias }) => kms.send(new K.DeleteAliasCommand({ AliasName: alias })),
  DeleteImportedKeyMaterial: ({ KeyId }) => kms.send(new K.DeleteImportedKeyMaterialCommand({ KeyId })),
  DescribeKey: ({ KeyId }) => kms.send(new K.DescribeKeyCommand({ KeyId })),
  DisableKey: ({ KeyId }) => kms.send(new K.DisableKeyCommand({ KeyId })),
  DisableKeyRotation: ({ KeyId }) => kms.send(new K.DisableKeyRotationCommand({ KeyId })),
  EnableKey: ({ KeyId }) => kms.send(new K.EnableKeyCommand({ KeyId })),
  EnableKeyRotation: ({ KeyId }) => kms.send(new K.EnableKeyRotationCommand({ KeyId })),
  Encrypt: ({ KeyId }) => kms.send(new K.EncryptCommand({ KeyId, Plaintext })),
  GenerateDataKey: ({ KeyId }) => kms.send(new K.GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256' })),
  GenerateDataKeyPair: ({ KeyId }) =>
    kms.send(new K.GenerateDataKeyPairCommand({ KeyId, KeyPairSpec: 'ECC_NIST_P256' })),
  GenerateDataKeyPairWithoutPlaintext: ({ KeyId }) =>
    kms.send(new K.GenerateDataKeyPairWithoutPlaintextCommand({ KeyId, KeyPairSpec: 'ECC_NIST_P256' })),
  GenerateDataKeyWithoutPlaintext: ({ KeyId }) =>
    kms.send(new K.GenerateDataKeyWithoutPlaintextCommand({ KeyId, KeySpec: 'AES_256' })),
  GetKeyLastUsage: ({ KeyId }) => kms.send(new K.GetKeyLastUsageCommand({ KeyId })),
  GetKeyPolicy: ({ KeyId }) => kms.send(new K.GetKeyPolicyCommand({ KeyId })),
  GetKeyRotationStatus: ({ KeyId }) => kms.send(new K.GetKeyRotationStatusCommand({ KeyId })),
  GetParametersForImport: ({ KeyId }) =>
    kms.send(
      new K.GetParametersForImportCommand({
        KeyId,
        WrappingAlgorithm: 'RSAES_OAEP_SHA_256',
        WrappingKeySpec: 'RSA_2048',
      }),
    ),
  ListAliases: ({ KeyId }) => kms.send(new K.ListAliasesCommand({ KeyId })),
  ListGrants: ({ KeyId }) => kms.send(new K.ListGrantsCommand({ KeyId })),
  ListKeyPolicies: ({ KeyId }) => kms.send(new K.ListKeyPoliciesCommand({ KeyId })),
  ListKeyRotations: ({ KeyId }) => kms.send(new K.ListKeyRotationsCommand({ KeyId })),
  ListResourceTags: ({ KeyId }) => kms.send(new K.ListResourceTagsCommand({ KeyId })),
  PutKeyPolicy: async ({ KeyId }) => {
    const { Policy } = await kms.send(new K.GetKeyPolicyCommand({ KeyId }));
    return kms.send(new K.PutKeyPolicyCommand({ KeyId, Policy }));
  },
  ReEncrypt: ({ KeyId, blob }) =>
    kms.send(
      new K.ReEncryptCommand({ SourceKeyId: KeyId, CiphertextBlob: blob ?? Buffer.alloc(10), DestinationKeyId: KeyId }),
    ),
  ReplicateKey: ({ KeyId }) => kms.send(new K.ReplicateKeyCommand({ KeyId, ReplicaRegion: 'eu-west-2' })),
  RevokeGrant: ({ KeyId, grantId }) =>
    kms.send(new K.RevokeGrantCommand({ KeyId, GrantId: grantId ?? '0'.repeat(64) })),
  RetireGrant: ({ Arn, grantId }) =>
    kms.send(new K.RetireGrantCommand({ KeyId: Arn, GrantId: grantId ?? '0'.repeat(64) })),
  RotateKeyOnDemand: ({ KeyId }) => kms.send(new K.RotateKeyOnDemandCommand({ KeyId })),
  ScheduleKeyDeletion: ({ KeyId }) => kms.send(new K.ScheduleKeyDeletionCommand({ KeyId })),
  TagResource: ({ KeyId }) => kms.send(new K.TagResourceCommand({ KeyId, Tags: [{ TagKey: 'a', TagValue: 'b' }] })),
  UntagResource: ({ KeyId }) => kms.send(new K.UntagResourceCommand({ KeyId, TagKeys: ['a'] })),
  UpdateAlias: async ({ KeyId }) => {
    const other = await makeKey(kms);
    const AliasName = `alias/moving-${++aliases}`;
    await kms.send(new K.CreateAliasCommand({ AliasName, TargetKeyId: other.KeyId }));
    return kms.send(new K.UpdateAliasCommand({ AliasName, TargetKeyId: KeyId }));
  },
  UpdatePrimaryRegion: ({ KeyId }) => kms.send(new K.UpdatePrimaryRegionCommand({ KeyId, PrimaryRegion: 'eu-west-2' })),
  UpdateKeyDescription: ({ KeyId }) => kms.send(new K.UpdateKeyDescriptionCommand({ KeyId, Description: 'new' })),
};

/** The mark of the table for what a call said. */
async function markOf(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => undefined,
    (reason: Error) => reason,
  );
  if (!error) return '+';
  switch (error.name) {
    case 'DisabledException':
      return 'D';
    case 'UnsupportedOperationException':
      return 'U';
    case 'KMSInvalidStateException':
      if (error.message.endsWith('is pending import.')) return 'I';
      if (error.message.endsWith('is pending replica deletion.')) return 'R';
      if (error.message.endsWith('is pending deletion.') && !error.message.includes(' not ')) return 'P';
      return 'S';
    // The key was usable; it only had no such grant.
    case 'NotFoundException':
      return error.message.startsWith('Grant ID') ? '+' : error.message;
    default:
      return `${error.name}: ${error.message}`;
  }
}

describe.each(states.map((state, column) => ({ state, column })))('$state', ({ state, column }) => {
  test.each(Object.keys(table))('%s', async (operation) => {
    const expected = (table[operation] as string)[column] as string;
    if (expected === '.') return;
    const { KeyId, Arn } = await keyIn(state);
    const alias = `alias/state-${++aliases}`;
    await kms.send(new K.CreateAliasCommand({ AliasName: alias, TargetKeyId: KeyId }));
    const isUsable = state !== 'PendingImport';
    const sealed = isUsable ? await kms.send(new K.EncryptCommand({ KeyId, Plaintext })) : undefined;
    const granted = isUsable
      ? await kms.send(
          new K.CreateGrantCommand({
            KeyId,
            GranteePrincipal: user,
            Operations: ['Encrypt'],
            RetiringPrincipal: `arn:aws:iam::${accountId}:user/admin`,
          }),
        )
      : undefined;
    await enter(state, KeyId);
    expect((await kms.send(new K.DescribeKeyCommand({ KeyId }))).KeyMetadata?.KeyState).toBe(state);
    const prepared = {
      KeyId,
      Arn,
      alias,
      ...(granted?.GrantId && { grantId: granted.GrantId }),
      ...(sealed?.CiphertextBlob && { blob: sealed.CiphertextBlob }),
    };
    expect(await markOf((calls[operation] as (p: Prepared) => Promise<unknown>)(prepared))).toBe(expected);
  });
});

describe('keys that sign, authenticate or agree', () => {
  const kinds = [
    ['Sign', { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' }],
    ['Verify', { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' }],
    ['GetPublicKey', { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' }],
    ['GenerateMac', { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' }],
    ['VerifyMac', { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' }],
    ['DeriveSharedSecret', { KeySpec: 'ECC_NIST_P256', KeyUsage: 'KEY_AGREEMENT' }],
    ['Encapsulate', { KeySpec: 'ML_KEM_768', KeyUsage: 'ENCAPSULATE_DECAPSULATE' }],
  ] as const;
  const use: Readonly<Record<string, (KeyId: string) => Promise<unknown>>> = {
    Sign: (KeyId) => kms.send(new K.SignCommand({ KeyId, Message: Plaintext, SigningAlgorithm: 'ECDSA_SHA_256' })),
    Verify: (KeyId) =>
      kms.send(
        new K.VerifyCommand({ KeyId, Message: Plaintext, SigningAlgorithm: 'ECDSA_SHA_256', Signature: Plaintext }),
      ),
    GetPublicKey: (KeyId) => kms.send(new K.GetPublicKeyCommand({ KeyId })),
    GenerateMac: (KeyId) =>
      kms.send(new K.GenerateMacCommand({ KeyId, Message: Plaintext, MacAlgorithm: 'HMAC_SHA_256' })),
    VerifyMac: (KeyId) =>
      kms.send(new K.VerifyMacCommand({ KeyId, Message: Plaintext, MacAlgorithm: 'HMAC_SHA_256', Mac: Plaintext })),
    DeriveSharedSecret: (KeyId) =>
      kms.send(new K.DeriveSharedSecretCommand({ KeyId, KeyAgreementAlgorithm: 'ECDH', PublicKey: Plaintext })),
    Encapsulate: (KeyId) => kms.send(new K.EncapsulateCommand({ KeyId, EncapsulationAlgorithm: 'ML_KEM' })),
  };
  test.each(kinds)('%s', async (operation, input) => {
    const { KeyId } = await makeKey(kms, input);
    const call = use[operation] as (id: string) => Promise<unknown>;
    await kms.send(new K.DisableKeyCommand({ KeyId }));
    expect(await markOf(call(KeyId))).toBe('D');
    await kms.send(new K.ScheduleKeyDeletionCommand({ KeyId }));
    expect(await markOf(call(KeyId))).toBe('P');
  });
});

test('imported material goes and comes with the state', async () => {
  const { KeyId } = await makeKey(kms, { Origin: 'EXTERNAL' });
  const state = async () => (await kms.send(new K.DescribeKeyCommand({ KeyId }))).KeyMetadata?.KeyState;
  const material = randomBytes(32);
  const load = async () => {
    const given = await kms.send(
      new K.GetParametersForImportCommand({
        KeyId,
        WrappingAlgorithm: 'RSAES_OAEP_SHA_256',
        WrappingKeySpec: 'RSA_2048',
      }),
    );
    const key = createPublicKey({ key: bytes(given.PublicKey), format: 'der', type: 'spki' });
    const EncryptedKeyMaterial = publicEncrypt(
      { key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' },
      material,
    );
    await kms.send(
      new K.ImportKeyMaterialCommand({
        KeyId,
        ImportToken: given.ImportToken,
        EncryptedKeyMaterial,
        ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE',
      }),
    );
  };
  expect(await state()).toBe('PendingImport');
  await load();
  expect(await state()).toBe('Enabled');
  await kms.send(new K.DisableKeyCommand({ KeyId }));
  await kms.send(new K.DeleteImportedKeyMaterialCommand({ KeyId }));
  expect(await state()).toBe('PendingImport');
  await load();
  expect(await state()).toBe('Enabled');
});
