/** Sealed letters: passphrases and shares on their way between an operator's terminal and the vault, closed to all between. */
import {
  createPublicKey,
  createSecretKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
} from 'node:crypto';
import { VaultError } from '../services/kms/ports.ts';
import { openSecret, sealSecret } from './secret-box.ts';

/** Bytes of an X25519 public key in DER. */
const DER = 44;

export interface Letterbox {
  /** X25519, DER: what `sealLetter` takes. */
  readonly address: Buffer;
  /** Throws a VaultError for what was not sealed to this address. */
  open(letter: Uint8Array): Buffer;
}

export function openLetterbox(): Letterbox {
  const { publicKey, privateKey } = generateKeyPairSync('x25519');
  const address = publicKey.export({ format: 'der', type: 'spki' });
  return {
    address,
    open(letter) {
      const bytes = Buffer.from(letter);
      const sender = bytes.subarray(0, DER);
      return openSecret(keyBetween(privateKey, sender, [sender, address]), 'letter', bytes.subarray(DER));
    },
  };
}

/** @param address of the letterbox that alone opens it */
export function sealLetter(address: Uint8Array, secret: Uint8Array): Buffer {
  const { publicKey, privateKey } = generateKeyPairSync('x25519');
  const sender = publicKey.export({ format: 'der', type: 'spki' });
  const key = keyBetween(privateKey, Buffer.from(address), [sender, Buffer.from(address)]);
  return Buffer.concat([sender, sealSecret(key, 'letter', secret)]);
}

/** @throws VaultError `corrupt` for bytes that are no address */
function keyBetween(own: KeyObject, other: Buffer, addresses: readonly Buffer[]): KeyObject {
  let shared: Buffer;
  try {
    shared = diffieHellman({
      privateKey: own,
      publicKey: createPublicKey({ key: other, format: 'der', type: 'spki' }),
    });
  } catch {
    throw new VaultError('corrupt', 'This is no sealed letter.');
  }
  const bytes = Buffer.from(hkdfSync('sha256', shared, Buffer.concat([...addresses]), 'bailey letter', 32));
  try {
    return createSecretKey(bytes);
  } finally {
    bytes.fill(0);
    shared.fill(0);
  }
}
