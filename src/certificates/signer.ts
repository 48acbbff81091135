/** What signs certificates: a key that stays where it is. */

export interface Signer {
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Uint8Array;
  readonly curve: 'P-256' | 'P-384';
  /** ECDSA over the message, with SHA-256 or SHA-384 as the curve has it; DER. */
  sign(message: Uint8Array): Promise<Uint8Array>;
}
