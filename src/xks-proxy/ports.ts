/** What the proxy asks of the instance that it stands before: to use a key, for somebody whose signature was verified. */

/** What of a request tells who asks, beside the signature. */
export interface Asking {
  /** The KMS key for which the external one is used: absent while that key is made. */
  readonly kmsKeyArn?: string | undefined;
}

export interface Encrypted {
  /** As long as the plaintext. */
  readonly ciphertext: Uint8Array;
  /** At most 20 bytes. */
  readonly metadata: Uint8Array;
  readonly iv: Uint8Array;
  readonly tag: Uint8Array;
}

/** Names of errors ("Error codes", XKS Proxy API), and their HTTP status. */
export const statuses = {
  ValidationException: 400,
  InvalidStateException: 400,
  InvalidCiphertextException: 400,
  InvalidKeyUsageException: 400,
  AuthenticationFailedException: 401,
  AccessDeniedException: 403,
  KeyNotFoundException: 404,
  InvalidUriPathException: 404,
  MethodNotAllowedException: 405,
  ThrottlingException: 429,
  InternalException: 500,
  UnsupportedOperationException: 501,
  DependencyTimeoutException: 503,
} as const;

export type RefusalName = keyof typeof statuses;

/** An answer that is an error. */
export class ProxyRefusal extends Error {
  override readonly name = 'ProxyRefusal';
  readonly errorName: RefusalName;
  /** @param message printable ASCII, fewer than 512 characters, for the administrators of the other side */
  constructor(errorName: RefusalName, message: string) {
    super(message);
    this.errorName = errorName;
  }
}

/** Every method rejects with a ProxyRefusal. @param key the ARN of a KMS key of this instance, or of an alias */
export interface ExternalKeys {
  isEnabled(key: string, asking: Asking): Promise<boolean>;
  encrypt(key: string, plaintext: Uint8Array, aad: Uint8Array, asking: Asking): Promise<Encrypted>;
  decrypt(key: string, encrypted: Encrypted, aad: Uint8Array, asking: Asking): Promise<Uint8Array>;
  /** Whether keys can be used at all. */
  isHealthy(): Promise<boolean>;
}

/** An external key store, as others see this instance. */
export interface ProxyStore {
  /** What stands before `/kms/xks/v1`: '' or `/prefix`. */
  readonly prefix: string;
  /** One pair, or two while one takes the place of the other. */
  readonly credentials: readonly { readonly accessKeyId: string; readonly secret: string }[];
  /** Id of the external key → ARN of the KMS key, or of an alias. */
  readonly keys: ReadonlyMap<string, string>;
}
