/** A key as CreateKey, DescribeKey and ReplicateKey show it. */
import type { KeyMetadata } from '@aws-sdk/client-kms';
import { keyArn } from './arns.ts';
import { algorithmsOf } from './key-specs.ts';
import type { KeyRow } from './state.ts';
import { materialOf } from './vault-key.ts';

const memberOfUsage: Readonly<Record<string, string>> = {
  ENCRYPT_DECRYPT: 'EncryptionAlgorithms',
  SIGN_VERIFY: 'SigningAlgorithms',
  GENERATE_VERIFY_MAC: 'MacAlgorithms',
  KEY_AGREEMENT: 'KeyAgreementAlgorithms',
  ENCAPSULATE_DECAPSULATE: 'EncapsulationAlgorithms',
};

/** Which key material it was is told of symmetric keys whose material is KMS's own. */
export function showsMaterial({ spec, origin }: KeyRow): boolean {
  return spec === 'SYMMETRIC_DEFAULT' && (origin === 'AWS_KMS' || origin === 'EXTERNAL');
}

export function keyMetadata(key: KeyRow): KeyMetadata {
  const current = materialOf(key);
  const date = (milliseconds: number): Date => new Date(milliseconds);
  return {
    AWSAccountId: key.account,
    KeyId: key.id,
    Arn: keyArn(key),
    CreationDate: date(key.createdAt),
    Enabled: key.state === 'Enabled',
    Description: key.description,
    KeyUsage: key.usage as KeyMetadata['KeyUsage'],
    KeyState: key.state,
    Origin: key.origin,
    KeyManager: key.managedBy === undefined ? 'CUSTOMER' : 'AWS',
    KeySpec: key.spec as KeyMetadata['KeySpec'],
    CustomerMasterKeySpec: key.spec as KeyMetadata['CustomerMasterKeySpec'],
    [memberOfUsage[key.usage] as string]: algorithmsOf(key),
    MultiRegion: key.multiRegion !== undefined,
    ...(key.multiRegion && { MultiRegionConfiguration: multiRegion(key, key.multiRegion) }),
    ...(key.deletionAt !== undefined && { DeletionDate: date(key.deletionAt) }),
    ...(key.state === 'PendingReplicaDeletion' && { PendingDeletionWindowInDays: key.pendingWindowDays }),
    ...(showsMaterial(key) && current && { CurrentKeyMaterialId: current.id }),
    ...(key.origin === 'EXTERNAL' &&
      current?.sealed !== undefined && {
        ExpirationModel: current.expires ? 'KEY_MATERIAL_EXPIRES' : 'KEY_MATERIAL_DOES_NOT_EXPIRE',
        ...(current.expires && { ValidTo: date(current.expires.at) }),
      }),
    ...(key.customKeyStoreId !== undefined && { CustomKeyStoreId: key.customKeyStoreId }),
    ...(key.cloudHsmClusterId !== undefined && { CloudHsmClusterId: key.cloudHsmClusterId }),
    ...(key.xksKeyId !== undefined && { XksKeyConfiguration: { Id: key.xksKeyId } }),
  };
}

function multiRegion(key: KeyRow, { primaryRegion, replicas }: NonNullable<KeyRow['multiRegion']>) {
  const shown = (region: string) => ({ Arn: keyArn({ ...key, region }), Region: region });
  return {
    MultiRegionKeyType: primaryRegion === key.region ? ('PRIMARY' as const) : ('REPLICA' as const),
    PrimaryKey: shown(primaryRegion),
    ReplicaKeys: replicas.map(shown),
  };
}
