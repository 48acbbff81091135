/** What the Key Management Service asks of others: the vault, which alone holds key material, and a few neighbours. */
import type { Store } from '../../store/store.ts';
import type { KmsSettings } from './settings.ts';

/** A backing key as the vault sealed it: useless without the vault, and bound to this identity. */
export interface VaultKey {
  readonly account: string;
  /** A UUID, `mrk-` and 32 hex digits, or what the configuration named. */
  readonly keyId: string;
  /** `SYMMETRIC_DEFAULT`, `RSA_2048`, … as in the API. */
  readonly spec: string;
  /** 64 hex digits: which version of the key. */
  readonly materialId: string;
  readonly sealed: Uint8Array;
}

/** A key that has no material yet. */
export type NewVaultKey = Pick<VaultKey, 'account' | 'keyId' | 'spec'>;

export interface MadeKey {
  readonly materialId: string;
  readonly sealed: Uint8Array;
  /** SubjectPublicKeyInfo, DER; of asymmetric keys. */
  readonly publicKey?: Uint8Array;
}

/** Encryption context: additional authenticated data, case-sensitive and without order. */
export type EncryptionContext = Readonly<Record<string, string>>;

/** A key and how it is used: `SYMMETRIC_DEFAULT`, `RSAES_OAEP_SHA_1`, `RSAES_OAEP_SHA_256`, `SM2PKE`. */
export interface Encryption {
  readonly key: VaultKey;
  readonly algorithm: string;
  /** Symmetric keys only. */
  readonly context?: EncryptionContext | undefined;
}

/** Who shall be the only one to read an answer: the RSA public key (SPKI, DER) of an attested enclave. */
export interface Recipient {
  readonly publicKey: Uint8Array;
}

/** Plaintext, or (when a recipient was named) a CMS EnvelopedData that only the recipient opens; never both. */
export interface Secret {
  readonly plaintext?: Uint8Array;
  readonly forRecipient?: Uint8Array;
}

/** What a ciphertext says of the key that made it; unverified until it decrypts. */
export interface CiphertextHead {
  readonly account: string;
  readonly keyId: string;
  readonly materialId: string;
}

/** Why the vault refused. `sealed` and `unavailable` pass with time; the others are answers. */
export type VaultErrorCode =
  | 'invalid-ciphertext'
  | 'invalid-token'
  | 'invalid-material'
  | 'invalid-public-key'
  /** The plaintext does not fit into what the key encrypts. */
  | 'too-long'
  | 'unsupported'
  | 'shredded'
  | 'corrupt'
  | 'sealed'
  | 'unavailable'
  /** A PKCS #11 token refused: the message is the name of its return value (`CKR_PIN_INCORRECT`), or why it is not there. */
  | 'token-refused';

export class VaultError extends Error {
  override readonly name = 'VaultError';
  readonly code: VaultErrorCode;
  constructor(code: VaultErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Every method rejects with a VaultError. Byte arrays that are passed in are not kept. */
export interface KeyVault {
  /** Makes material; durable in the keyring before it returns. */
  create(key: NewVaultKey): Promise<MadeKey>;
  /** Takes material that the operator's configuration states: raw bytes, or PKCS #8 DER for asymmetric keys. */
  adopt(key: NewVaultKey, material: Uint8Array): Promise<MadeKey>;
  /** Forgets for ever what opens the material of a key, in the keyring and in its registered copies. Idempotent. */
  shred(account: string, keyId: string): Promise<void>;

  encrypt(how: Encryption, plaintext: Uint8Array): Promise<Uint8Array>;
  decrypt(how: Encryption, ciphertext: Uint8Array, recipient?: Recipient): Promise<Secret>;
  /** Decrypts and encrypts without the plaintext leaving the vault. */
  reEncrypt(source: Encryption, ciphertext: Uint8Array, destination: Encryption): Promise<Uint8Array>;
  /** What a symmetric ciphertext of this vault says of its key; undefined for anything else. Asks nobody. */
  headOf(ciphertext: Uint8Array): CiphertextHead | undefined;

  /** `size` random bytes and the same encrypted; without `isWanted` the plaintext stays in the vault. */
  dataKey(
    how: Encryption,
    size: number,
    options: { readonly isWanted: boolean; readonly recipient?: Recipient },
  ): Promise<Secret & { readonly ciphertext: Uint8Array }>;
  /** A key pair for use outside: the private key as PKCS #8 DER, plain (if wanted) and encrypted. */
  dataKeyPair(
    how: Encryption,
    pairSpec: string,
    options: { readonly isWanted: boolean; readonly recipient?: Recipient },
  ): Promise<Secret & { readonly ciphertext: Uint8Array; readonly publicKey: Uint8Array }>;

  /** @param algorithm a SigningAlgorithmSpec; @param messageType `RAW`, `DIGEST` or `EXTERNAL_MU` */
  sign(key: VaultKey, algorithm: string, message: Uint8Array, messageType: string): Promise<Uint8Array>;
  /** False for every signature that does not verify, malformed ones too. */
  verify(
    key: VaultKey,
    algorithm: string,
    message: Uint8Array,
    messageType: string,
    signature: Uint8Array,
  ): Promise<boolean>;
  /** @param algorithm `HMAC_SHA_256`, … */
  mac(key: VaultKey, algorithm: string, message: Uint8Array): Promise<Uint8Array>;
  verifyMac(key: VaultKey, algorithm: string, message: Uint8Array, mac: Uint8Array): Promise<boolean>;
  /** ECDH: the raw shared secret (the x coordinate). @param publicKey SPKI DER of the other side */
  sharedSecret(key: VaultKey, publicKey: Uint8Array, recipient?: Recipient): Promise<Secret>;
  /** ML-KEM: a fresh shared secret, and its encapsulation under the public key. */
  encapsulate(
    key: VaultKey,
    algorithm: string,
    recipient?: Recipient,
  ): Promise<Secret & { readonly ciphertext: Uint8Array }>;
  decapsulate(key: VaultKey, algorithm: string, ciphertext: Uint8Array, recipient?: Recipient): Promise<Secret>;
  random(size: number, recipient?: Recipient): Promise<Secret>;

  /** A key pair for one import; the private half travels, sealed, in the token. @param wrappingSpec `RSA_2048`, … */
  importParameters(
    key: NewVaultKey,
    wrappingSpec: string,
    wrappingAlgorithm: string,
  ): Promise<{ readonly publicKey: Uint8Array; readonly token: Uint8Array }>;
  /** Opens wrapped material with the token of this key; the same material for the same key has the same materialId. */
  importMaterial(key: NewVaultKey, token: Uint8Array, wrappingAlgorithm: string, wrapped: Uint8Array): Promise<MadeKey>;
}

/** A token that stands for a CloudHSM cluster, and the password of its user, which only the vault opens. */
export interface TokenLogin {
  readonly clusterId: string;
  readonly password: { readonly how: Encryption; readonly ciphertext: Uint8Array };
}

/** What was encrypted in a token: AES-256-GCM. */
export interface TokenMade {
  readonly iv: Uint8Array;
  readonly body: Uint8Array;
  readonly tag: Uint8Array;
}

/** Keys in tokens, by their label. Every method rejects with a VaultError. */
export interface TokenVault {
  /** Whether the token is there and, with a login, whether its user may use it. */
  checkToken(clusterId: string, login?: TokenLogin): Promise<void>;
  makeTokenKey(login: TokenLogin, label: string): Promise<void>;
  /** Idempotent. */
  destroyTokenKey(login: TokenLogin, label: string): Promise<void>;
  encryptInToken(login: TokenLogin, label: string, plaintext: Uint8Array, aad: Uint8Array): Promise<TokenMade>;
  decryptInToken(login: TokenLogin, label: string, made: TokenMade, aad: Uint8Array): Promise<Uint8Array>;
  tokenRandom(login: TokenLogin, size: number): Promise<Uint8Array>;
}

/** CloudHSM clusters, as the configuration has them: by their ids. */
export type HsmClusters = ReadonlyMap<string, HsmCluster>;

interface HsmCluster {
  /** Whose it is. */
  readonly account: string;
  /** PEM: what a caller must know of it; any certificate will do where the configuration has none. */
  readonly trustAnchor?: string;
}

/** Principals of policies and grants, as IAM knows them. */
export interface KmsPrincipals {
  /** The unique id behind the ARN of a user or role; undefined if there is none (any more). */
  uniqueId(arn: string): Promise<string | undefined>;
  /** The ARN of the user or role with this unique id, if it still exists. */
  arn(uniqueId: string): Promise<string | undefined>;
  accountExists(id: string): Promise<boolean>;
}

/** A request to an external key store proxy, to be signed and sent. */
export interface XksRequest {
  /** `https://xks.example.com`, as the key store names it. */
  readonly endpoint: string;
  readonly path: string;
  readonly region: string;
  readonly credential: { readonly accessKeyId: string; readonly secret: string };
  /** JSON. */
  readonly body: string;
}

export interface XksAnswer {
  readonly status: number;
  readonly body: Uint8Array;
}

/** No answer came, or none that may be read. */
export class XksUnanswered extends Error {
  override readonly name = 'XksUnanswered';
  readonly reason: 'unreachable' | 'tls' | 'timeout' | 'malformed';
  constructor(reason: XksUnanswered['reason']) {
    super(reason);
    this.reason = reason;
  }
}

/** The way to external key store proxies. */
export interface XksTransport {
  /** Within the time and the size that an answer may take. @throws XksUnanswered */
  send(request: XksRequest): Promise<XksAnswer>;
  /** The endpoint that the configuration puts behind the name of a VPC endpoint service. */
  endpointOfService(name: string): string | undefined;
}

export interface KmsPorts {
  readonly vault: KeyVault & TokenVault;
  readonly xks: XksTransport;
  readonly clusters: HsmClusters;
  readonly principals: KmsPrincipals;
  readonly store: Pick<Store, 'get' | 'list' | 'begin' | 'commit' | 'query'>;
  /** Where there may be keys. */
  readonly regions: readonly string[];
  /** Where there may be new ones. */
  readonly enabledRegions: readonly string[];
  readonly settings: KmsSettings;
}
