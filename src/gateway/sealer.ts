/** Seals what travels through clients (session tokens, page tokens, encoded messages): AES-256-GCM, one key a purpose. */
import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, type KeyObject, randomBytes } from 'node:crypto';
import type { Sealer } from '../services/service.ts';

const version = 1;
const nonceBytes = 12;
const tagBytes = 16;
/** Longest token that is looked at, in characters. */
const longest = 64 * 1024;

/** A sealer of which all tokens end at once when it goes on with another secret. */
interface RenewableSealer extends Sealer {
  renew(root: KeyObject): void;
}

/**
 * @param root a 32-byte secret of the instance; keys per purpose are derived from it with HKDF-SHA256
 */
export function createSealer(root: KeyObject): RenewableSealer {
  let current = root;
  const keys = new Map<string, KeyObject>();
  const keyFor = (purpose: string): KeyObject => {
    let key = keys.get(purpose);
    if (!key) {
      key = createSecretKey(new Uint8Array(hkdfSync('sha256', current, '', `bailey token ${purpose}`, 32)));
      keys.set(purpose, key);
    }
    return key;
  };
  return {
    renew(next) {
      current = next;
      keys.clear();
    },
    seal(purpose, plaintext) {
      // Nonces are random and not injected: repeating one under a key would break the seal.
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', keyFor(purpose), nonce);
      cipher.setAAD(Buffer.from([version]));
      const sealed = typeof plaintext === 'string' ? cipher.update(plaintext, 'utf8') : cipher.update(plaintext);
      cipher.final();
      return Buffer.concat([Buffer.from([version]), nonce, sealed, cipher.getAuthTag()]).toString('base64url');
    },
    open(purpose, token) {
      if (token.length > longest) return undefined;
      const bytes = Buffer.from(token, 'base64url');
      // Decoding ignores what is not base64url: only the canonical spelling is the token that was made.
      if (bytes.toString('base64url') !== token) return undefined;
      if (bytes.length < 1 + nonceBytes + tagBytes || bytes[0] !== version) return undefined;
      const decipher = createDecipheriv('aes-256-gcm', keyFor(purpose), bytes.subarray(1, 1 + nonceBytes));
      decipher.setAAD(bytes.subarray(0, 1));
      decipher.setAuthTag(bytes.subarray(bytes.length - tagBytes));
      try {
        const opened = decipher.update(bytes.subarray(1 + nonceBytes, bytes.length - tagBytes));
        decipher.final();
        return opened;
      } catch {
        return undefined;
      }
    },
  };
}
