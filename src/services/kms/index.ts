/** AWS Key Management Service: keys that never leave the vault, and who may use them for what. */
import { type Operation, type Service, service } from '../service.ts';
import { deletionJob, expiryJob, rotationJob } from './jobs.ts';
import { CreateAlias, DeleteAlias, ListAliases, UpdateAlias } from './operations/aliases.ts';
import { ConnectCustomKeyStore, DisconnectCustomKeyStore } from './operations/connect-custom-key-store.ts';
import { CreateCustomKeyStore } from './operations/create-custom-key-store.ts';
import { CreateGrant } from './operations/create-grant.ts';
import { CreateKey } from './operations/create-key.ts';
import { GenerateDataKeyPair, GenerateDataKeyPairWithoutPlaintext } from './operations/data-key-pairs.ts';
import { GenerateDataKey, GenerateDataKeyWithoutPlaintext } from './operations/data-keys.ts';
import { Decrypt } from './operations/decrypt.ts';
import { DeleteCustomKeyStore, DescribeCustomKeyStores } from './operations/describe-custom-key-stores.ts';
import { DescribeKey, ListKeys } from './operations/describe-key.ts';
import { DisableKey, EnableKey, UpdateKeyDescription } from './operations/enable-key.ts';
import { Encrypt } from './operations/encrypt.ts';
import { RetireGrant, RevokeGrant } from './operations/end-grant.ts';
import { GenerateRandom } from './operations/generate-random.ts';
import { GetKeyLastUsage } from './operations/get-key-last-usage.ts';
import { GetParametersForImport } from './operations/get-parameters-for-import.ts';
import { GetPublicKey } from './operations/get-public-key.ts';
import { DeleteImportedKeyMaterial, ImportKeyMaterial } from './operations/import-key-material.ts';
import { GetKeyPolicy, ListKeyPolicies, PutKeyPolicy } from './operations/key-policies.ts';
import { ListGrants, ListRetirableGrants } from './operations/list-grants.ts';
import { GenerateMac, VerifyMac } from './operations/mac.ts';
import { ReEncrypt } from './operations/re-encrypt.ts';
import { ReplicateKey, UpdatePrimaryRegion } from './operations/replicate-key.ts';
import {
  DisableKeyRotation,
  EnableKeyRotation,
  GetKeyRotationStatus,
  ListKeyRotations,
  RotateKeyOnDemand,
} from './operations/rotation.ts';
import { CancelKeyDeletion, ScheduleKeyDeletion } from './operations/schedule-key-deletion.ts';
import { Decapsulate, DeriveSharedSecret, Encapsulate } from './operations/shared-secrets.ts';
import { Sign, Verify } from './operations/sign.ts';
import { ListResourceTags, TagResource, UntagResource } from './operations/tags.ts';
import { UpdateCustomKeyStore } from './operations/update-custom-key-store.ts';
import type { KmsPorts } from './ports.ts';

const operations = {
  CancelKeyDeletion,
  ConnectCustomKeyStore,
  CreateAlias,
  CreateCustomKeyStore,
  CreateGrant,
  CreateKey,
  Decapsulate,
  Decrypt,
  DeleteAlias,
  DeleteCustomKeyStore,
  DeleteImportedKeyMaterial,
  DeriveSharedSecret,
  DescribeCustomKeyStores,
  DescribeKey,
  DisableKey,
  DisableKeyRotation,
  DisconnectCustomKeyStore,
  EnableKey,
  EnableKeyRotation,
  Encapsulate,
  Encrypt,
  GenerateDataKey,
  GenerateDataKeyPair,
  GenerateDataKeyPairWithoutPlaintext,
  GenerateDataKeyWithoutPlaintext,
  GenerateMac,
  GenerateRandom,
  GetKeyLastUsage,
  GetKeyPolicy,
  GetKeyRotationStatus,
  GetParametersForImport,
  GetPublicKey,
  ImportKeyMaterial,
  ListAliases,
  ListGrants,
  ListKeyPolicies,
  ListKeyRotations,
  ListKeys,
  ListResourceTags,
  ListRetirableGrants,
  PutKeyPolicy,
  ReEncrypt,
  ReplicateKey,
  RetireGrant,
  RevokeGrant,
  RotateKeyOnDemand,
  ScheduleKeyDeletion,
  Sign,
  TagResource,
  UntagResource,
  UpdateAlias,
  UpdateCustomKeyStore,
  UpdateKeyDescription,
  UpdatePrimaryRegion,
  Verify,
  VerifyMac,
};

export function kms(ports: KmsPorts): Service {
  return service('kms', metered(operations, ports), ports, [deletionJob(ports), rotationJob(ports), expiryJob(ports)]);
}

// biome-ignore lint/suspicious/noExplicitAny: the table mixes operations of every input and output type.
type Table = Readonly<Record<string, Operation<any, any, KmsPorts>>>;

/** Counts each call that was allowed against the request quotas of its account, where there are any. */
function metered(table: Table, { settings: { requestQuotas } }: KmsPorts): Table {
  if (!requestQuotas.areAny) return table;
  return Object.fromEntries(
    Object.entries(table).map(([name, declared]) => [
      name,
      {
        ...declared,
        async handle(input, call, ports) {
          await call.once('request quota', async () => requestQuotas.takeFor(call, name, input));
          return declared.handle(input, call, ports);
        },
      } satisfies Table[string],
    ]),
  );
}
