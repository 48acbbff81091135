/** The ciphertext data integrity value: a hash that shows a bit which flipped on the way ("Appendix C", XKS Proxy API). */
import { createHash, timingSafeEqual } from 'node:crypto';

/** What an external key manager made of a plaintext. */
export interface OuterCiphertext {
  /** Up to 20 bytes of the key manager's own; may be empty. */
  readonly metadata: Uint8Array;
  /** 12 or 16 bytes. */
  readonly iv: Uint8Array;
  /** As long as the plaintext. */
  readonly body: Uint8Array;
  /** 16 bytes. */
  readonly tag: Uint8Array;
}

export function integrityValue(aad: Uint8Array, { metadata, iv, body, tag }: OuterCiphertext): Buffer {
  const hash = createHash('sha256');
  for (const part of [aad, metadata, iv, body, tag]) hash.update(part);
  return hash.digest();
}

export function hasIntegrity(aad: Uint8Array, made: OuterCiphertext, value: Uint8Array): boolean {
  return value.byteLength === 32 && timingSafeEqual(integrityValue(aad, made), value);
}
