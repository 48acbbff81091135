/** How many requests an account may make in a second ("Request quotas", AWS KMS Developer Guide): token buckets, none unless asked for. */
import { AwsError, type CheckCall } from '../service.ts';

const symmetric = 'Cryptographic operations (symmetric)';
const rsa = 'Cryptographic operations (RSA)';
const ecc = 'Cryptographic operations (ECC)';
const mlDsa = 'Cryptographic operations (ML-DSA)';
const customKeyStore = 'Custom key store';

/** Requests per second, by quota: of an operation, or one that several share. Each region has its own. */
export const documentedQuotas: Readonly<Record<string, number>> = {
  [symmetric]: 10_000,
  [rsa]: 1_000,
  [ecc]: 1_000,
  [mlDsa]: 1_000,
  // "Custom key store request quotas": for each key store.
  [customKeyStore]: 1_800,
  CancelKeyDeletion: 5,
  ConnectCustomKeyStore: 5,
  CreateAlias: 5,
  CreateCustomKeyStore: 5,
  CreateGrant: 50,
  CreateKey: 5,
  DeleteAlias: 15,
  DeleteCustomKeyStore: 5,
  DeleteImportedKeyMaterial: 15,
  DescribeCustomKeyStores: 5,
  DescribeKey: 2_000,
  DisableKey: 5,
  DisableKeyRotation: 5,
  DisconnectCustomKeyStore: 5,
  EnableKey: 5,
  EnableKeyRotation: 15,
  GetKeyPolicy: 1_000,
  GetKeyRotationStatus: 1_000,
  GetParametersForImport: 0.25,
  GetPublicKey: 2_000,
  ImportKeyMaterial: 15,
  ListAliases: 500,
  ListGrants: 100,
  ListKeyPolicies: 100,
  ListKeyRotations: 100,
  ListKeys: 500,
  ListResourceTags: 2_000,
  ListRetirableGrants: 100,
  PutKeyPolicy: 15,
  ReplicateKey: 5,
  RetireGrant: 50,
  RevokeGrant: 50,
  RotateKeyOnDemand: 5,
  ScheduleKeyDeletion: 15,
  TagResource: 10,
  UntagResource: 5,
  UpdateAlias: 5,
  UpdateCustomKeyStore: 5,
  UpdateKeyDescription: 5,
  UpdatePrimaryRegion: 5,
  'GenerateDataKeyPair (ECC_NIST_EDWARDS25519)': 100,
  'GenerateDataKeyPair (ECC_NIST_P256)': 100,
  'GenerateDataKeyPair (ECC_NIST_P384)': 100,
  'GenerateDataKeyPair (ECC_NIST_P521)': 100,
  'GenerateDataKeyPair (ECC_SECG_P256K1)': 100,
  'GenerateDataKeyPair (RSA_2048)': 1,
  'GenerateDataKeyPair (RSA_3072)': 0.5,
  'GenerateDataKeyPair (RSA_4096)': 0.1,
  'GenerateDataKeyPair (SM2)': 25,
};

/** Operations whose quota depends on what they are asked for. */
const shared: ReadonlySet<string> = new Set([
  'Decrypt',
  'Encrypt',
  'GenerateDataKey',
  'GenerateDataKeyWithoutPlaintext',
  'GenerateMac',
  'GenerateRandom',
  'ReEncrypt',
  'VerifyMac',
  'Sign',
  'Verify',
  'DeriveSharedSecret',
]);

interface Asked {
  readonly EncryptionAlgorithm?: string;
  readonly SourceEncryptionAlgorithm?: string;
  readonly SigningAlgorithm?: string;
  readonly KeyAgreementAlgorithm?: string;
  readonly KeyPairSpec?: string;
}

/** The quota that a call counts against. */
export function quotaOf(operation: string, input: Asked): string {
  if (operation.startsWith('GenerateDataKeyPair')) return `GenerateDataKeyPair (${input.KeyPairSpec})`;
  if (!shared.has(operation)) return operation;
  const algorithm =
    input.SigningAlgorithm ??
    input.KeyAgreementAlgorithm ??
    input.EncryptionAlgorithm ??
    input.SourceEncryptionAlgorithm ??
    'SYMMETRIC_DEFAULT';
  if (algorithm.startsWith('RSA')) return rsa;
  if (algorithm.startsWith('ML_DSA')) return mlDsa;
  return /^(?:EC|ED|SM2)/.test(algorithm) ? ecc : symmetric;
}

interface Bucket {
  tokens: number;
  /** Epoch milliseconds. */
  at: number;
}

export class RequestQuotas {
  readonly #limits: Readonly<Record<string, number>>;
  readonly #buckets = new Map<string, Bucket>();

  /** @param limits requests per second by quota; what is not named has no limit */
  constructor(limits: Readonly<Record<string, number>> = {}) {
    this.#limits = limits;
  }

  get areAny(): boolean {
    return Object.keys(this.#limits).length > 0;
  }

  /** Counts a call against the caller's account. @throws AwsError ThrottlingException */
  takeFor(call: CheckCall, operation: string, input: object): void {
    this.#take(call, quotaOf(operation, input as Asked), '');
  }

  /** Counts a use of a key that lies in a custom key store. @throws AwsError ThrottlingException */
  takeForStore(call: CheckCall, storeId: string): void {
    this.#take(call, customKeyStore, storeId);
  }

  #take(call: CheckCall, quota: string, resource: string): void {
    const perSecond = this.#limits[quota];
    // What services do for themselves has no account.
    if (perSecond === undefined || call.caller.account === '') return;
    const most = Math.max(1, perSecond);
    const name = `${call.caller.account}/${call.scope.region}/${quota}/${resource}`;
    const bucket = this.#buckets.get(name) ?? { tokens: most, at: call.now };
    const gained = (Math.max(0, call.now - bucket.at) / 1000) * perSecond;
    bucket.tokens = Math.min(most, bucket.tokens + gained);
    bucket.at = call.now;
    this.#buckets.set(name, bucket);
    if (bucket.tokens < 1) {
      throw new AwsError(
        'ThrottlingException',
        'You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.',
        { status: 400 },
      );
    }
    bucket.tokens -= 1;
  }
}
