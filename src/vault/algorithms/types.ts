/** What the vault's ciphers and signatures look like to the vault: material in, answers out; nothing is kept. */

/**
 * The bytes of a key, as they are sealed: 32 random bytes for SYMMETRIC_DEFAULT, the raw key for HMAC_*, PKCS #8 DER for
 * every asymmetric spec. Never converted to a string. Whoever makes one wipes it after use.
 */
export type Material = Buffer;

/** Slow work runs on other threads, so that an Encrypt never waits behind an RSA key generation. */
export interface Algorithms {
  generate(spec: string): Promise<Material>;
  /** Checks that these bytes are a key of this spec; throws a VaultError `invalid-material`. Returns canonical bytes. */
  check(spec: string, material: Uint8Array): Promise<Material>;
  /** SubjectPublicKeyInfo, DER; undefined for symmetric and HMAC keys. */
  publicKey(spec: string, material: Material): Promise<Buffer | undefined>;
  /** RSAES_OAEP_SHA_1, RSAES_OAEP_SHA_256, SM2PKE. */
  encrypt(spec: string, material: Material, algorithm: string, plaintext: Uint8Array): Promise<Buffer>;
  /** Throws a VaultError `invalid-ciphertext`. */
  decrypt(spec: string, material: Material, algorithm: string, ciphertext: Uint8Array): Promise<Buffer>;
  sign(spec: string, material: Material, algorithm: string, message: Uint8Array, messageType: string): Promise<Buffer>;
  verify(
    spec: string,
    material: Material,
    algorithm: string,
    message: Uint8Array,
    messageType: string,
    signature: Uint8Array,
  ): Promise<boolean>;
  mac(spec: string, material: Material, algorithm: string, message: Uint8Array): Buffer;
  /** Throws a VaultError `invalid-public-key`. */
  sharedSecret(spec: string, material: Material, publicKey: Uint8Array): Promise<Buffer>;
  encapsulate(
    spec: string,
    material: Material,
    algorithm: string,
  ): Promise<{ readonly secret: Buffer; readonly ciphertext: Buffer }>;
  decapsulate(spec: string, material: Material, algorithm: string, ciphertext: Uint8Array): Promise<Buffer>;
  /** A wrapping key pair for an import: PKCS #8 DER and SPKI DER. @param spec `RSA_2048`, `RSA_3072`, `RSA_4096`, `SM2` */
  wrappingPair(spec: string): Promise<{ readonly material: Material; readonly publicKey: Buffer }>;
  /** Opens imported material. Throws a VaultError `invalid-material`. @param algorithm `RSAES_OAEP_SHA_256`, … */
  unwrap(wrappingKey: Material, algorithm: string, wrapped: Uint8Array): Promise<Material>;
  /** CMS EnvelopedData (RSAES-OAEP with SHA-256, AES-256-CBC) as the Nitro Enclaves SDK opens it. */
  envelop(recipientPublicKey: Uint8Array, plaintext: Uint8Array): Buffer;
  close(): Promise<void>;
}
