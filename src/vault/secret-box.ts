/** Small secrets sealed under a key, bound to their place: iv (12), ciphertext, tag (16). */
import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from 'node:crypto';
import { VaultError } from '../services/kms/ports.ts';

const IV = 12;
const TAG = 16;
const options = { authTagLength: TAG };

/** @param place what the secret is and to whom it belongs: it opens only there */
export function sealSecret(key: KeyObject, place: string, secret: Uint8Array): Buffer {
  const iv = randomBytes(IV);
  const cipher = createCipheriv('aes-256-gcm', key, iv, options);
  cipher.setAAD(Buffer.from(place));
  return Buffer.concat([iv, cipher.update(secret), cipher.final(), cipher.getAuthTag()]);
}

/** Throws a VaultError `corrupt` for anything else than what `sealSecret` gave for this place under this key. */
export function openSecret(key: KeyObject, place: string, sealed: Uint8Array): Buffer {
  if (sealed.byteLength < IV + TAG) throw corrupt();
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, IV), options);
  decipher.setAAD(Buffer.from(place));
  decipher.setAuthTag(bytes.subarray(bytes.length - TAG));
  const secret = decipher.update(bytes.subarray(IV, bytes.length - TAG));
  try {
    decipher.final();
  } catch {
    secret.fill(0);
    throw corrupt();
  }
  return secret;
}

function corrupt(): VaultError {
  return new VaultError('corrupt', 'What is sealed here does not verify.');
}
